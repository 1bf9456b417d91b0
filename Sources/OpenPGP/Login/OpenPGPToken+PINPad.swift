import CardApplication
import HostCrypto
import ISO7816
import Token

/// PW1 and PW3, typed on the reader's keys. A reader sends what is typed as it is, so a card that wants it hashed, or as a
/// PIN block, has no use for them.
extension OpenPGPToken {
    /// See `Token`. Asks a card that may want its passwords in another form.
    public func pinPad() throws(TokenError) -> (any TokenPINPad)? {
        guard hasPINPad else { return nil }
        let capabilities = withCache { $0.related.value.capabilities }
        let mayWantOther = capabilities.map { $0.hasPINBlock || $0.features.contains(.keyDerivation) } ?? true
        guard mayWantOther else { return self }
        return try perform { (transaction) throws(CardError) in try wantsText(.user, transaction) } ? self : nil
    }

    package func checkTyping(
        of owner: PINKeeper.Owner, _ transaction: OpenPGPTransaction
    ) throws(CardError) { _ = try lengthsOfText(owner.secret, transaction) }

    /// See `TokenPINPad`: PW3.
    public func loginAdministrator() throws(TokenError) {
        try perform { (transaction) throws(CardError) in
            try checkTyping(of: .administrator, transaction)
            try verify(.typedOnReader, .administrator, isLogin: true, transaction)
        }
    }

    /// See `TokenPINPad`: PW1.
    public func changePIN() throws(TokenError) {
        try comparing { (transaction) throws(CardError) in try changePassword(.user, transaction) }
    }

    /// See `TokenPINPad`: PW3.
    public func changeAdministratorSecret() throws(TokenError) {
        try perform { (transaction) throws(CardError) in try changePassword(.administrator, transaction) }
    }

    /// See `TokenPINPad`: the resetting code is typed, and then the new PW1.
    public func unblockPIN() throws(TokenError) {
        try perform { (transaction) throws(CardError) in try typeResettingCode(transaction) }
    }

    /// See `TokenPINPad`. Whether the PIN is blocked still is asked right before the resetting code is.
    public func unblockBlockedPIN() throws(TokenError) {
        let isUnblocked = try perform { (transaction) throws(CardError) in
            guard let status = try transaction.passwordStatus(), status.userTries == 0 else { return false }
            guard status.resettingCodeTries > 1 else { throw .refused(.pinBlocked) }
            try typeResettingCode(transaction)
            return true
        }
        if !isUnblocked { try changePIN() }
    }

    private func typeResettingCode(_ transaction: OpenPGPTransaction) throws(CardError) {
        let lengths = try lengthsOfText(.resettingCode, transaction)
        // The reader knows one range for both.
        let new = try lengthsOfText(.user, transaction)
        let both = min(lengths.lowerBound, new.lowerBound)...max(lengths.upperBound, new.upperBound)
        try transaction.prepareForSecret()
        try unblock(by: .typedOnReader, transaction) { () throws(CardError) in
            try transaction.card.resetRetryCounterOnReader(byAdministrator: false, lengths: both)
        }
    }

    /// See `TokenPINPad`: PW3, which was verified, gives PW1 a new value.
    public func initializePIN() throws(TokenError) {
        try performWriting(.administrator) { (transaction) throws(CardError) in
            let lengths = try lengthsOfText(.user, transaction)
            try unblock(by: .typedOnReader, transaction) { () throws(CardError) in
                try transaction.card.resetRetryCounterOnReader(byAdministrator: true, lengths: lengths)
            }
        }
    }

    private func changePassword(
        _ owner: PINKeeper.Owner, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let lengths = try lengthsOfText(owner.secret, transaction)
        try transaction.prepareForSecret()
        transaction.forgetPasswordStatus()
        try replace(owner, by: .typedOnReader, transaction) { () throws(CardError) in
            try transaction.card.changePasswordOnReader(
                PasswordMode(owner == .user ? .user : .administrator), lengths: lengths)
        }
    }

    /// The lengths of a secret, with the application surely selected. Throws where the card wants it in another form than it
    /// is typed: somebody has changed that.
    private func lengthsOfText(
        _ secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> ClosedRange<Int> {
        guard try wantsText(secret, transaction) else {
            throw .refused(.failed("PIN pad: the card wants the PIN in a form that no reader makes"))
        }
        return try transaction.passwordStatus()?.lengths(secret) ?? PasswordStatus.usualLengths(secret)
    }
}
