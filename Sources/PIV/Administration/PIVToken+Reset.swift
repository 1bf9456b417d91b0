import CardApplication
import HostCrypto
import ISO7816
import Token

/// Back to the factory.
extension PIVToken {
    /// See `Token`. A card with Yubico's commands does it once PIN and PUK are blocked, so both are: without power in between
    /// they stay so, and the next reset goes on from there. The specification has nothing of the kind for other cards.
    public func reset(administratorSecret secret: RawSpan?) throws(TokenError) {
        guard try extendsPIV() else { throw .unsupported }
        if let secret { try checkAdministratorSecret(secret) }
        let wrong = try wrongSecrets()
        try perform { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            try checkResetIsTaken(transaction)
            if try resetsAtOnce(transaction) { return }
            withLogin { _ = $0.endAll() }
            try exhaust(wrong) { (wrong) throws(CardError) in
                try transaction.card.verify(.application, pin: wrong)
            }
            try exhaust(wrong) { (wrong) throws(CardError) in
                try transaction.card.resetRetryCounter(unblockingKey: wrong, newPIN: wrong)
            }
            try transaction.card.reset()
            withCache { $0.forgetAll() }
        }
        guard let secret else { return }
        if Self.unblockingKeyLengths.contains(secret.byteCount) {
            let code = Self.factoryUnblockingKey
            try changeUnblockingKey(from: code.span.bytes, to: secret)
        } else {
            try changeAdministratorSecret(from: Self.factoryManagementKey.span.bytes, to: secret)
        }
    }

    /// Throws where the card says beforehand that it refuses a reset, which would come out after PIN and PUK were blocked:
    /// YubiKey Bio does as long as a fingerprint is enrolled (yubikit, `PivSession.reset`).
    private func checkResetIsTaken(_ transaction: PIVTransaction) throws(CardError) {
        guard withCache({ $0.hasMetadata }) != false else { return }
        let told = try transaction.believingRefusal { () throws(CardError) in try transaction.card.hasFingerprint() }
        guard case .success(true) = told else { return }
        throw .refused(
            .failed("a fingerprint is enrolled: the card refuses a reset until it is removed; nothing was changed"))
    }

    /// Asks for the reset before anything is blocked: a card that has RESET says that its conditions are not met (6985, CanoKey
    /// 6982), and one that has not would be left with a blocked PIN and PUK for nothing.
    ///
    /// - Returns: whether that was all, as where both were blocked already.
    private func resetsAtOnce(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        switch try transaction.believingRefusal({ () throws(CardError) in try transaction.card.reset() }) {
        case .success:
            withLogin { _ = $0.endAll() }
            withCache { $0.forgetAll() }
            return true
        case .failure(let error):
            guard !error.isUnknownCommand, error.status != .functionNotSupported else { throw .refused(.unsupported) }
            return false
        }
    }

    /// A secret that the card would not take must not be found out after everything is gone.
    private func checkAdministratorSecret(_ secret: RawSpan) throws(TokenError) {
        if Self.unblockingKeyLengths.contains(secret.byteCount) { return }
        _ = try CardManagementKey(hexadecimal: secret)
    }

    /// The management key of a YubiKey as it leaves the factory (Yubico, PIV "Default values").
    private static let factoryManagementKey = Array("010203040506070801020304050607080102030405060708".utf8)

    /// Eight random letters, which nobody has for a PIN or PUK; and eight random digits, for cards that compare nothing else
    /// (SP 800-73-5 part 1, section 3.2.3).
    private func wrongSecrets() throws(TokenError) -> [StoredPIN] {
        do throws(HostCryptoError) {
            let bytes = try Random.bytes(8)
            let letters = bytes.map { $0 & 0x0F | 0x60 }, digits = bytes.map { 0x30 + $0 % 10 }
            return [try StoredPIN(letters.span.bytes), try StoredPIN(digits.span.bytes)]
        } catch {
            throw .failed("no random bytes")
        }
    }

    /// Has a wrong secret refused until it is blocked: there are at most 255 tries (SET PIN RETRIES).
    private func exhaust(
        _ wrong: [StoredPIN], _ attempt: (RawSpan) throws(CardError) -> Void
    ) throws(CardError) {
        var form = 0
        for _ in 0...256 {
            let outcome = Result { () throws(CardError) in
                try wrong[form].withBytes { (wrong) throws(CardError) in try attempt(wrong) }
            }
            guard case .failure(let error) = outcome else { continue }
            if form == 0, error.status == .incorrectData {
                form = 1
            } else if try isBlocked(error) {
                return
            }
        }
        throw .refused(.failed("the card does not block its PIN or PUK"))
    }

    /// Whether the refusal of a wrong secret says that there is no try of it left. 6300 tells of no tries, or on a YubiKey NEO
    /// that there are none: the next refusal says so.
    private func isBlocked(_ refusal: CardError) throws(CardError) -> Bool {
        guard let status = refusal.status else { throw refusal }
        if status == .authenticationMethodBlocked { return true }
        if status.rawValue == 0x6300 { return false }
        guard let left = status.pinTriesLeft else { throw refusal }
        return left == 0
    }
}
