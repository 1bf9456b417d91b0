import Token

extension CardToken {
    /// The keys of the reader; nil where it has none that serve.
    func pinPad() throws(CommandFailure) -> (any TokenPINPad)? {
        try asking("asking for the reader's keys") { () throws(TokenError) in try token.pinPad() }
    }

    /// Asks for the user's PIN on the terminal, or lets it be typed on the reader, and tells how many tries it has. Fails
    /// where no try is left, or nobody can be asked.
    func askForPIN() throws(CommandFailure) -> PersonalPIN {
        let left = try pinStatus().retriesLeft
        guard left != 0 else { throw CommandFailure(.pinBlocked, during: "", application) }
        if let pin { return .typed(pin) }
        let warning = left.map { $0 == 1 ? ", one try left" : ", \($0) tries left" } ?? ""
        let name = "PIN of \(try title())\(warning)"
        if let pad = try pinPad() { return .onReader(pad, name: name) }
        return .typed(try PINPrompt.require(name + ":", what: "PIN"))
    }

    /// Asks for the user's PIN, and logs the user in.
    func loginUser() throws(CommandFailure) { try logIn(askForPIN()) }

    /// Asks for the user's PIN, has the card compare it, and keeps it for what is yet to come.
    mutating func provePIN() throws(CommandFailure) {
        switch try askForPIN() {
        case .typed(let pin):
            try logIn(.typed(pin))
            self.pin = pin
        case .onReader(let pad, let name):
            PINPrompt.tell("Type the \(name) on the reader.")
            let application = application
            let isTyped = try PersonalPIN.typing(during: "giving the PIN") { () throws(TokenError) in
                try pad.login()
            } failing: {
                CommandFailure($0, during: $1, application)
            }
            if !isTyped { try provePIN() }
        }
    }

    private func logIn(_ pin: PersonalPIN) throws(CommandFailure) {
        try pin.give(during: "giving the PIN") { (pin) throws(TokenError) in
            try token.login(pin: pin)
        } onReader: { (pad) throws(TokenError) in
            try pad.login()
        } failing: {
            CommandFailure($0, during: $1, application)
        }
    }

    /// The same, and keeps what was typed for what is yet to come: nobody is asked for it twice.
    mutating func askOnceForAdministrator() throws(CommandFailure) -> Administrator {
        let administrator = try askForAdministrator()
        guard case .typed(let secret) = administrator.secret else { return administrator }
        isWrittenByPIN = administrator.isUser
        if isWrittenByPIN { pin = secret } else { administratorSecret = secret }
        return administrator
    }

    /// Asks for what lets this program write to the card, and gives it to the card.
    func loginAdministrator() throws(CommandFailure) { try askForAdministrator().login() }

    /// Asks for what lets this program write to the card: the administrator's secret. On PIV the user may write where the
    /// card keeps the management key behind the PIN: who types no key is asked for that.
    func askForAdministrator() throws(CommandFailure) -> Administrator {
        let name = application.administratorSecret
        if let administratorSecret {
            return Administrator(card: self, secret: .typed(administratorSecret), isUser: false)
        }
        if isWrittenByPIN { return Administrator(card: self, secret: try askForPIN(), isUser: true) }
        guard application == .piv else {
            let question = "\(name.capitalizedFirst) of \(try title())"
            if let pad = try pinPad() {
                return Administrator(card: self, secret: .onReader(pad, name: question), isUser: false)
            }
            let secret = try PINPrompt.require(question + ":", what: name)
            return Administrator(card: self, secret: .typed(secret), isUser: false)
        }
        let question = "Management key of \(try title()) (empty: your PIN, where the key is kept behind it):"
        switch try PINPrompt.ask(question) {
        case .typed(let secret):
            try secret.checkIsManagementKey()
            return Administrator(card: self, secret: .typed(secret), isUser: false)
        case .nothing: return Administrator(card: self, secret: try askForPIN(), isUser: true)
        case .ended: throw PINPrompt.nothingTyped(name)
        case .nobody: throw PINPrompt.nobodyAsked(name)
        }
    }

    /// Who may write to the card, as long as what they typed is kept: a login of the user's in between ends theirs.
    struct Administrator {
        fileprivate let card: CardToken
        fileprivate let secret: PersonalPIN
        fileprivate let isUser: Bool

        func login() throws(CommandFailure) {
            let token = card.token
            if isUser { return try card.logIn(secret) }
            let notice = TouchNotice(try card.administratorTouchPolicy())
            defer { notice.end() }
            let name = card.application.administratorSecret
            try secret.give(during: "giving the \(name)") { (secret) throws(TokenError) in
                try token.proveAdministrator(secret: secret)
            } onReader: { (pad) throws(TokenError) in
                try pad.loginAdministrator()
            } failing: { error, _ in
                CommandFailure(error, ofSecret: name, card.application)
            }
        }
    }

    /// When giving the administrator's secret takes a touch.
    func administratorTouchPolicy() throws(CommandFailure) -> KeyPolicy.TouchPolicy {
        try asking("asking for the touch policy") { () throws(TokenError) in try token.administratorTouchPolicy() }
    }

    /// Runs what gives the card a secret that is not the user's PIN, and tells which one it refused.
    func giving(
        _ name: String, _ body: () throws(TokenError) -> Void
    ) throws(CommandFailure) {
        do throws(TokenError) {
            try Progress.during("giving the \(name)", body)
        } catch {
            throw CommandFailure(error, ofSecret: name, application)
        }
    }
}

extension String {
    /// With a capital letter at its beginning.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
