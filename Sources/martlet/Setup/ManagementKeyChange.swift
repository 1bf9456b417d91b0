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

    /// In a file, before the card has it: one that could not be written down would be lost. The old key is proven before that,
    /// and where the card has it still after a change that failed, the file goes again: no key lies about that opens nothing.
    static func writtenDown(
        _ card: CardToken, from old: TypedPIN, to new: TypedPIN, in file: OutputFile
    ) throws(CommandFailure) {
        try prove(old, card)
        try file.write(line: new)
        do throws(CommandFailure) {
            try changed(card, from: old, to: new)
        } catch {
            guard (try? prove(old, card)) != nil else {
                throw CommandFailure(
                    error.message, hint: "the card may have the new key: keep it, and try which one is the card's",
                    error.code)
            }
            file.withdraw()
            throw error
        }
    }

    /// Kept by the person who typed it.
    static func changed(_ card: CardToken, from old: TypedPIN, to new: TypedPIN) throws(CommandFailure) {
        try card.giving(card.application.administratorSecret) { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in
                    try card.token.changeAdministratorSecret(from: old, to: new)
                }
            }
        }
    }

    private static func prove(_ key: TypedPIN, _ card: CardToken) throws(CommandFailure) {
        try card.giving(card.application.administratorSecret) { () throws(TokenError) in
            try key.withBytes { (key) throws(TokenError) in try card.token.proveAdministrator(secret: key) }
        }
    }
}
