import Token

extension CardToken {
    /// Asks for the user's PIN on the terminal, and tells how many tries it has. Fails where no try is left, or nobody
    /// can be asked.
    func askForPIN() throws(CommandFailure) -> TypedPIN {
        let left = try pinStatus().retriesLeft
        guard left != 0 else { throw CommandFailure(.pinBlocked, during: "", application) }
        let warning = left.map { $0 == 1 ? ", one try left" : ", \($0) tries left" } ?? ""
        return try PINPrompt.require("PIN of \(try title())\(warning):", what: "PIN")
    }

    /// Asks for the administrator's secret, and logs in with it: the management key of PIV, PW3 of OpenPGP.
    func loginAdministrator() throws(CommandFailure) {
        let secret = try PINPrompt.require(
            "\(application.administratorSecret.capitalizedFirst) of \(try title()):",
            what: application.administratorSecret)
        try asking("giving the \(application.administratorSecret)") { () throws(TokenError) in
            try secret.withBytes { (secret) throws(TokenError) in try token.loginAdministrator(secret: secret) }
        }
    }
}

extension String {
    /// With a capital letter at its beginning.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
