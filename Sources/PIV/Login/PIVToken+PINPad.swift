import CardApplication
import ISO7816
import Token

/// The user's PIN, typed on the reader's keys.
extension PIVToken: TokenPINPad {
    /// See `Token`. Sends nothing.
    public func pinPad() throws(TokenError) -> (any TokenPINPad)? {
        card.pinPadAbilities.contains(.verify) ? self : nil
    }

    /// See `TokenPINPad`.
    public func login() throws(TokenError) {
        try verifying { (transaction) throws(CardError) in
            try verifyOnReader(transaction)
            authentication.verified(login: .typedOnReader, transaction)
        }
    }

    /// See `TokenPINPad`. Right after a login nobody is asked a second time.
    public func authenticate(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        try verifying { (transaction) throws(CardError) in
            if !authentication.isJustTyped(transaction) {
                try verifyOnReader(transaction)
                authentication.verified(login: nil, transaction)
            }
            return authentication.permission(.typedOnReader)
        }
    }

    /// See `TokenPINPad`.
    public func changePIN() throws(TokenError) {
        try verifying { (transaction) throws(CardError) in
            try transaction.selectForSecret()
            let reference = try pinReference(transaction)
            authentication.beginVerification()
            try transaction.card.changeReferenceDataOnReader(reference)
            authentication.replaceLogin(by: .typedOnReader)
        }
    }

    /// See `TokenPINPad`: the PUK is typed, and then the new PIN.
    public func unblockPIN() throws(TokenError) {
        try perform { (transaction) throws(CardError) in
            try transaction.selectForSecret()
            withCache { $0.pinStatus = nil }
            try transaction.card.resetRetryCounterOnReader()
            authentication.replaceLogin(by: .typedOnReader)
        }
    }

    /// See `TokenPINPad`. The PUK is asked for whoever the administrator has logged in as: the card wants it.
    public func initializePIN() throws(TokenError) { try unblockPIN() }

    /// See `TokenPINPad`. The management key has no digits, and the PUK is not verified.
    public func loginAdministrator() throws(TokenError) { throw .unsupported }

    /// See `TokenPINPad`. The login goes on with what it was made with, which nobody has typed here.
    public func changeAdministratorSecret() throws(TokenError) { throw .unsupported }

    /// One VERIFY with what a person types, with the application surely selected.
    private func verifyOnReader(_ transaction: PIVTransaction) throws(CardError) {
        try transaction.selectForSecret()
        let reference = try pinReference(transaction)
        authentication.beginVerification()
        try transaction.card.verifyOnReader(reference)
    }
}
