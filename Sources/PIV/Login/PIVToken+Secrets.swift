import CardApplication
import HostCrypto
import ISO7816
import Token

/// New values for PIN and PUK. Each call spends at most one try, and only of the secret that it was given.
extension PIVToken {
    /// See `Token`.
    public func changePIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        guard Self.pinLengths.contains(old.byteCount) else { throw .pinLengthOutOfRange }
        let stored = try store(new)
        try verifying { (transaction) throws(CardError) in
            try transaction.selectForSecret()
            let reference = try pinReference(transaction)
            authentication.beginVerification()
            try stored.withBytes { (new) throws(CardError) in
                try transaction.card.changeReferenceData(reference, from: old, to: new)
            }
            authentication.replaceLogin(by: .pin(stored))
        }
    }

    /// See `Token`: by the PUK.
    public func unblockPIN(with code: RawSpan, to new: RawSpan) throws(TokenError) {
        guard Self.unblockingKeyLengths.contains(code.byteCount) else { throw .pinLengthOutOfRange }
        let stored = try store(new)
        try perform { (transaction) throws(CardError) in try unblock(code, stored, transaction) }
    }

    /// See `Token`. A PIN that is blocked after the question, by another program, costs the PUK no try.
    public func changeOrUnblockPIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        guard Self.unblockingKeyLengths.contains(old.byteCount) else { throw .pinLengthOutOfRange }
        let stored = try store(new)
        let isUnblocked = try perform { (transaction) throws(CardError) in
            try transaction.selectForSecret()
            let status = try transaction.card.pinStatus(pinReference(transaction))
            guard status == .authenticationMethodBlocked || status.pinTriesLeft == 0 else { return false }
            try unblock(old, stored, transaction)
            return true
        }
        if !isUnblocked { try changePIN(from: old, to: new) }
    }

    /// See `Token`. The card lets only the PUK give the PIN a new value, so it is the administrator who logged in with the
    /// PUK that may do this. Of one with the management key the PUK is not known; but as long as the card says that it is
    /// the maker's (YubiKey, GET METADATA), which everybody knows, that is used: so a card that was just reset gets its
    /// first PIN.
    public func initializePIN(to new: RawSpan) throws(TokenError) {
        let stored = try store(new)
        let isDone = try perform { (transaction) throws(CardError) in
            if let code = authentication.unblockingKey {
                try spareLastTry(transaction)
                try unblockWithKept(code, stored, transaction)
                return true
            }
            try transaction.selectForSecret()
            guard authentication.administrator != nil, isYubiKey, withCache({ $0.hasMetadata }) != false,
                try transaction.card.getMetadata(PINReference.unblockingKey)?.isFactoryValue == true
            else { return false }
            try unblock(Self.factoryUnblockingKey.span.bytes, stored, transaction)
            return true
        }
        guard isDone else { throw .administratorNeeded }
    }

    /// See `Token`: the PUK, which the card changes for whoever knows it.
    public func changeUnblockingCode(from old: RawSpan?, to new: RawSpan) throws(TokenError) {
        guard let old else { throw .unsupported }
        try changeUnblockingKey(from: old, to: new)
    }

    /// Changes the PUK.
    func changeUnblockingKey(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        guard Self.unblockingKeyLengths.contains(old.byteCount), Self.unblockingKeyLengths.contains(new.byteCount)
        else {
            throw .pinLengthOutOfRange
        }
        let stored = try keep(new)
        try perform { (transaction) throws(CardError) in
            try transaction.selectForSecret()
            try stored.withBytes { (new) throws(CardError) in
                try transaction.card.changeReferenceData(.unblockingKey, from: old, to: new)
            }
            authentication.replaceUnblockingKey(by: stored)
        }
    }

    /// See `Token`. Cards that are no YubiKeys do not tell.
    public func unblockingStatus() throws(TokenError) -> PINStatus {
        guard isYubiKey, withCache({ $0.hasMetadata }) != false else { return PINStatus(retriesLeft: nil) }
        let told = try perform { (transaction) throws(CardError) in
            if !transaction.isProven { _ = try transaction.read(.discovery) }
            return try transaction.card.getMetadata(PINReference.unblockingKey)?.tries
        }
        return told ?? PINStatus(retriesLeft: nil)
    }

    /// Logs the administrator in with the PUK. The card compares it only where it is changed or used, so it is changed to
    /// what it is.
    func loginAdministrator(unblockingKey code: RawSpan) throws(TokenError) {
        let stored = try keep(code)
        try perform { (transaction) throws(CardError) in
            try transaction.selectForSecret()
            try stored.withBytes { (code) throws(CardError) in
                try transaction.card.changeReferenceData(.unblockingKey, from: code, to: code)
            }
            authentication.verified(unblockingKey: stored)
        }
    }

    /// How long a PUK may be. It has eight bytes (SP 800-73-5 part 1, section 2.4.3); a YubiKey takes six or more.
    static let unblockingKeyLengths = 6...8

    /// The PUK of a YubiKey as it leaves the factory (Yubico, PIV "Default values").
    static let factoryUnblockingKey = Array("12345678".utf8)

    private func unblock(
        _ code: RawSpan, _ pin: StoredPIN, _ transaction: PIVTransaction
    ) throws(CardError) {
        try transaction.selectForSecret()
        withCache { $0.pinStatus = nil }
        try pin.withBytes { (pin) throws(CardError) in
            try transaction.card.resetRetryCounter(unblockingKey: code, newPIN: pin)
        }
        authentication.replaceLogin(by: .pin(pin))
    }

    /// A PUK that was kept may be an old one by now: it does not take the last try, where the card tells of tries.
    private func spareLastTry(_ transaction: PIVTransaction) throws(CardError) {
        try transaction.selectForSecret()
        guard isYubiKey, withCache({ $0.hasMetadata }) != false,
            let left = try transaction.card.getMetadata(PINReference.unblockingKey)?.tries.retriesLeft, left <= 1
        else { return }
        authentication.end()
        throw .refused(.keptPINRefused(retriesLeft: left))
    }

    /// A PUK that was kept for the login, and that the card refuses now, is sent once and forgotten.
    private func unblockWithKept(
        _ code: StoredPIN, _ pin: StoredPIN, _ transaction: PIVTransaction
    ) throws(CardError) {
        guard !code.isWiped else {
            authentication.end()
            throw .refused(.notLoggedIn)
        }
        do throws(CardError) {
            try code.withBytes { (code) throws(CardError) in try unblock(code, pin, transaction) }
        } catch {
            guard let status = error.status, status.pinTriesLeft != nil || status == .authenticationMethodBlocked else {
                throw error
            }
            authentication.end()
            throw .refused(
                .keptPINRefused(retriesLeft: status == .authenticationMethodBlocked ? 0 : status.pinTriesLeft))
        }
    }
}
