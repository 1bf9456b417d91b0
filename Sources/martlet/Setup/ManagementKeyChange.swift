import Token

/// The ways in which a new management key is kept.
enum ManagementKeyChange {
    /// On the card, behind the user's PIN.
    static func behindPIN(_ card: CardToken, from old: TypedPIN, to new: TypedPIN) throws(CommandFailure) {
        try card.giving("management key") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in
                    try card.token.changeAdministratorSecret(from: old, toOneBehindPIN: new)
                }
            }
        }
    }

    /// In a file, before the card has it: one that could not be written down would be lost.
    static func writtenDown(
        _ card: CardToken, from old: TypedPIN, to new: TypedPIN, file: String
    ) throws(CommandFailure) {
        let output = try OutputFile(file, isSecret: true, isReplacing: false)
        try new.withBytes { (key) throws(CommandFailure) in
            var line = [UInt8](key) + Array("\n".utf8)
            defer { line.wipe() }
            try output.write(line)
        }
        try card.giving("management key") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in
                    try card.token.changeAdministratorSecret(from: old, to: new)
                }
            }
        }
    }
}
