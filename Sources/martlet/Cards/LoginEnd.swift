import Token

/// What the card has verified for this program ends with it: a card that stays powered would let every other program go on
/// with it.
enum LoginEnd {
    nonisolated(unsafe) private static var tokens: [any Token] = []

    /// Notes a token that this program may log in to.
    static func note(_ token: any Token) { tokens.append(token) }

    /// Logs out of all of them. Sends nothing where nothing was verified.
    static func logOut() {
        for token in tokens { token.logout() }
        tokens = []
    }
}
