/// The keys of the reader, on which a person types the PIN that no program then sees. It is kept nowhere: where another
/// program takes the verified state from the card, the login is over.
///
/// Each method of `Token` that is given a secret has one here that has it typed. They return when the person is done; the
/// card is held meanwhile. Where the person cancels, or types nothing in time, they throw `TokenError.pinEntryEnded`, and
/// no try is spent.
public protocol TokenPINPad: AnyObject, Sendable {
    /// See `Token.login(pin:)`.
    func login() throws(TokenError)

    /// See `Token.authenticate(pin:forUseOf:)`.
    func authenticate(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization

    /// See `Token.loginAdministrator(secret:)`. `TokenError.unsupported` where the secret has no digits.
    func loginAdministrator() throws(TokenError)

    /// See `TokenAdministration.changePIN(from:to:)`.
    func changePIN() throws(TokenError)

    /// See `TokenAdministration.unblockPIN(with:to:)`.
    func unblockPIN() throws(TokenError)

    /// The same for a PIN that somebody wanted to change, and that is blocked. What they type may be the old PIN:
    /// `TokenError.pinBlocked` where less than two tries of what unblocks it are left.
    func unblockBlockedPIN() throws(TokenError)

    /// See `TokenAdministration.initializePIN(to:)`.
    func initializePIN() throws(TokenError)

    /// See `TokenAdministration.changeAdministratorSecret(from:to:)`. `TokenError.unsupported` where the secret has no
    /// digits.
    func changeAdministratorSecret() throws(TokenError)
}

extension TokenPINPad {
    /// Has what unblocks the PIN typed, whatever its tries.
    public func unblockBlockedPIN() throws(TokenError) { try unblockPIN() }
}
