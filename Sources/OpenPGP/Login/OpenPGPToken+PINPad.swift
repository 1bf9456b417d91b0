import CardApplication
import ISO7816
import Token

/// PW1 and PW3, typed on the reader's keys. A reader sends what is typed as it is, so a card that wants it hashed, or as a
/// PIN block, has no use for them.
extension OpenPGPToken: TokenPINPad {
    /// See `Token`. Asks a card that may want its passwords in another form.
    public func pinPad() throws(TokenError) -> (any TokenPINPad)? {
        guard card.pinPadAbilities.contains(.verify) else { return nil }
        let capabilities = withCache { $0.related.value.capabilities }
        let mayWantOther =
            capabilities?.hasPINBlock == true || capabilities?.features.contains(.keyDerivation) == true
        guard mayWantOther else { return self }
        return try perform { (transaction) throws(CardError) in try wantsText(.user, transaction) } ? self : nil
    }

    /// See `TokenPINPad`: PW1 in mode 82. Mode 81 is asked for when the signature key is used.
    public func login() throws(TokenError) {
        try typing(.user) { (transaction, _) throws(CardError) in
            try authentication.verify(.typedOnReader, .other, isLogin: true, transaction)
        }
    }

    /// See `TokenPINPad`.
    public func authenticate(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        let mode: PasswordMode = OpenPGPKey(key) == .signature ? .signature : .other
        return try typing(.user) { (transaction, _) throws(CardError) in
            if !authentication.isJustTyped(mode, transaction) {
                try authentication.verify(.typedOnReader, mode, isLogin: false, transaction)
            }
            return authentication.permission(.typedOnReader)
        }
    }

    /// See `TokenPINPad`: PW3.
    public func loginAdministrator() throws(TokenError) {
        try typing(.administrator) { (transaction, _) throws(CardError) in
            try authentication.verify(.typedOnReader, .administrator, isLogin: true, transaction)
        }
    }

    /// See `TokenPINPad`: PW1.
    public func changePIN() throws(TokenError) { try changePassword(.other) }

    /// See `TokenPINPad`: PW3.
    public func changeAdministratorSecret() throws(TokenError) { try changePassword(.administrator) }

    /// See `TokenPINPad`: the resetting code is typed, and then the new PW1.
    public func unblockPIN() throws(TokenError) {
        try typing(.resettingCode) { (transaction, lengths) throws(CardError) in
            // The reader knows one range for both.
            let new = try lengthsOfText(.user, transaction)
            let both = min(lengths.lowerBound, new.lowerBound)...max(lengths.upperBound, new.upperBound)
            transaction.forgetPasswordStatus()
            try transaction.card.resetRetryCounterOnReader(byAdministrator: false, lengths: both)
            authentication.replaceLogin(.other, by: .typedOnReader)
        }
        withCache { $0.forgetTries() }
    }

    /// See `TokenPINPad`: PW3, which was verified, gives PW1 a new value.
    public func initializePIN() throws(TokenError) {
        try performWriting(.administrator) { (transaction) throws(CardError) in
            let lengths = try lengthsOfText(.user, transaction)
            transaction.forgetPasswordStatus()
            try transaction.card.resetRetryCounterOnReader(byAdministrator: true, lengths: lengths)
            authentication.replaceLogin(.other, by: .typedOnReader)
        }
        withCache { $0.forgetTries() }
    }

    private func changePassword(_ mode: PasswordMode) throws(TokenError) {
        try typing(mode.secret) { (transaction, lengths) throws(CardError) in
            transaction.forgetPasswordStatus()
            authentication.forgetVerification(of: mode)
            try transaction.card.changePasswordOnReader(mode, lengths: lengths)
            authentication.replaceLogin(mode, by: .typedOnReader)
        }
    }

    /// Runs what has a person type a secret, whose lengths it is given.
    private func typing<R>(
        _ secret: KeyDerivation.Secret, _ body: (OpenPGPTransaction, ClosedRange<Int>) throws(CardError) -> R
    ) throws(TokenError) -> R {
        try comparing(secret) { (transaction) throws(CardError) in
            try body(transaction, try lengthsOfText(secret, transaction))
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
