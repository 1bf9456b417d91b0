import CardApplication
import HostCrypto
import ISO7816
import Token

/// PW1 and PW3: how they are verified, and how the card tells of their tries.
///
/// PW1 is one password with two states at the card: 81 for signatures and 82 for all else. A login verifies 82; 81 is
/// verified with the same PIN when a signature is first asked for, or, where the PIN may not be kept until then, at once.
extension OpenPGPToken {
    /// Also where the card does not tell of its tries: a kept PIN is not sent there a second time.
    package var verifiesSignaturesAtLogin: Bool {
        !state.pins.isUnlimited || withCache { $0.passwordStatus == nil }
    }

    package func verification(forUseOf key: ObjectReference) -> Verification {
        OpenPGPKey(key) == .signature ? .signature : .user
    }

    /// See `Token`: PW3.
    public func loginAdministrator(secret: RawSpan) throws(TokenError) {
        try checkForm(secret, of: .administrator)
        try perform { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            let password = try prepare(secret, of: .administrator, transaction)
            try verify(.pin(password), .administrator, isLogin: true, transaction)
        }
    }

    package func readTries(_ transaction: OpenPGPTransaction) throws(CardError) -> PINStatus {
        let status = try transaction.passwordStatus()
        return withCache {
            if status == nil { $0.note(nil, transaction.now) }
            return $0.tries?.value ?? PINStatus(retriesLeft: nil)
        }
    }

    package func verify(
        _ verification: Verification, _ secret: RawSpan, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        transaction.forgetPasswordStatus()
        try transaction.card.verify(PasswordMode(verification), password: secret)
    }

    package func verifyOnReader(
        _ verification: Verification, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let mode = PasswordMode(verification)
        let lengths = try transaction.passwordStatus()?.lengths(mode.secret)
        transaction.forgetPasswordStatus()
        try transaction.card.verifyOnReader(mode, lengths: lengths ?? PasswordStatus.usualLengths(mode.secret))
    }

    /// From version 3 on. What an older card makes of VERIFY without data, or with P1 = FF, nobody has written down.
    package var takesBackVerification: Bool { version >= .three }

    package func takeBack(
        _ verification: Verification, _ ended: Login<NoDetails>, _ transaction: OpenPGPTransaction
    ) throws(CardError) { try transaction.card.resetVerification(PasswordMode(verification)) }

    /// Where somebody has made PW1 valid for one signature, a login is not for all of them any more.
    package func admits(_ access: Access, _ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        let status = try transaction.passwordStatus()
        guard case .login(.signature) = access else { return true }
        return status?.isValidForSeveralSignatures != false
    }

    package func told(
        of verification: Verification, for access: Access, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> ToldVerification {
        let left = try transaction.passwordStatus()?.tries(PasswordMode(verification).secret)
        return (try isVerifiedElsewhere(verification, access, transaction), left, left.map { $0 - 1 })
    }

    /// Whether the card is in the state already though this process has not put it there since it was lost. Asks only where
    /// the password was not verified in this epoch at all: one that was is known to be right. For a single signature it is
    /// not asked, for the other one's state is the other one's.
    private func isVerifiedElsewhere(
        _ verification: Verification, _ access: Access, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        if case .use = access { return false }
        let others: [Verification] = verification == .administrator ? [] : [.signature, .user]
        let isKnownRight = withLogin { login in others.contains { login.isVerified($0, in: transaction.epoch) } }
        guard applicationIdentifier != nil, version >= .three, !isKnownRight else { return false }
        let answer = Result { () throws(CardError) in
            try transaction.card.isVerified(PasswordMode(verification))
        }
        // A card that does not tell says nothing against the password.
        if case .failure(let error) = answer, error.isAnswer { return false }
        return try answer.get()
    }

    package func explain(
        _ refusal: CardError, of owner: PINKeeper.Owner, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> CardError { try explain(refusal, of: owner.secret, transaction) }

    /// What a refused secret means, with the tries that the card tells of after it: most tell them in C4 alone.
    func explain(
        _ refusal: CardError, of secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> CardError {
        guard refusal.isAnswer, refusal.isOfPassword else { return refusal }
        let left = try transaction.passwordStatus()?.tries(secret)
        guard case .pinIncorrect(nil) = refusal.tokenError else { return refusal }
        return .refused(left == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: left))
    }
}

extension PasswordMode {
    init(_ verification: Verification) {
        switch verification {
        case .signature: self = .signature
        case .user: self = .other
        case .administrator: self = .administrator
        }
    }
}

extension PINKeeper.Owner {
    /// The secret of a login.
    var secret: KeyDerivation.Secret { self == .user ? .user : .administrator }
}
