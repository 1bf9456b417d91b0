import Token

extension StandInToken {
    func pinPad() throws(TokenError) -> (any TokenPINPad)? { hasPINPad ? StandInPINPad(self) : nil }
}

/// The keys of the stand-in's reader, which notes what was to be typed there.
final class StandInPINPad: TokenPINPad {
    private let token: StandInToken

    init(_ token: StandInToken) { self.token = token }

    func login() throws(TokenError) { try note("login") }

    func authenticate(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        try note("authenticate")
        return StandInToken.Permission()
    }

    func loginAdministrator() throws(TokenError) { try note("loginAdministrator") }
    func changePIN() throws(TokenError) { try note("changePIN") }
    func unblockPIN() throws(TokenError) { try note("unblockPIN") }
    func initializePIN() throws(TokenError) { try note("initializePIN") }
    func changeAdministratorSecret() throws(TokenError) { try note("changeAdministratorSecret") }

    private func note(_ question: String) throws(TokenError) {
        try token.note("pad." + question)
        if let failure = token.padFailure { throw failure }
    }
}
