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

    /// Lets this program write to the card: asks for the administrator's secret, and logs in with it. On PIV the user
    /// may write where the card keeps the management key behind the PIN: who types no key is asked for that.
    func loginAdministrator() throws(CommandFailure) {
        let name = application.administratorSecret
        guard application == .piv else {
            return try login(PINPrompt.require("\(name.capitalizedFirst) of \(try title()):", what: name))
        }
        let question = "Management key of \(try title()) (empty: your PIN, where the key is kept behind it):"
        if let secret = try PINPrompt.ask(question) { return try login(secret) }
        let pin = try askForPIN()
        try asking("giving the PIN") { () throws(TokenError) in
            try pin.withBytes { (pin) throws(TokenError) in try token.login(pin: pin) }
        }
    }

    private func login(_ secret: TypedPIN) throws(CommandFailure) {
        try giving(application.administratorSecret) { () throws(TokenError) in
            try secret.withBytes { (secret) throws(TokenError) in try token.loginAdministrator(secret: secret) }
        }
    }

    /// Runs what gives the card a secret that is not the user's PIN, and tells which one it refused.
    func giving(
        _ name: String, _ body: () throws(TokenError) -> Void
    ) throws(CommandFailure) {
        do throws(TokenError) {
            try body()
        } catch {
            throw CommandFailure(error, ofSecret: name, application)
        }
    }
}

extension String {
    /// With a capital letter at its beginning.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
