import CardApplication
import HostCrypto
import ISO7816
import Token

/// New values for PIN and PUK. Each call spends at most one try, and only of the secret that it was given.
extension PIVToken {
    /// See `Token`.
    public func changePIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        try checkForm(old, of: .user)
        let stored = try store(new)
        try comparing { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            try replace(.user, by: .pin(stored), transaction) { () throws(CardError) in
                try withPIN(transaction) { (reference) throws(CardError) in
                    try stored.withBytes { (new) throws(CardError) in
                        try transaction.card.changeReferenceData(reference, from: old, to: new)
                    }
                }
            }
        }
    }

    /// See `Token`: by the PUK.
    public func unblockPIN(with code: RawSpan, to new: RawSpan) throws(TokenError) {
        guard Self.unblockingKeyLengths.contains(code.byteCount) else { throw .pinLengthOutOfRange }
        let stored = try store(new)
        try perform { (transaction) throws(CardError) in try unblock(code, stored, transaction) }
    }

    /// See `Token`. A PIN that is blocked after the question, by another program, costs the PUK no try. Where the PIN is
    /// blocked, the old value is taken for the PUK only if it is as long as one and two or more tries of the PUK are left:
    /// whoever wants to change a PIN that is blocked does not mean the PUK.
    public func changeOrUnblockPIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        let stored = try store(new)
        let isUnblocked = try perform { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            let status = try statusOfPIN(transaction)
            guard status.pinTriesLeft == 0 else { return false }
            guard old.byteCount == Self.unblockingKeyLengths.upperBound,
                try unblockingTries(transaction) ?? .max > 1
            else { throw .refused(.pinBlocked) }
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
            if let code = withLogin({ $0.unblockingKey }) {
                try transaction.prepareForSecret()
                try identify(transaction)
                try spareLastTry(transaction)
                try unblockWithKept(code, stored, transaction)
                return true
            }
            try transaction.prepareForSecret()
            try identify(transaction)
            guard withLogin({ $0.details.key }) != nil,
                try readMetadata(of: .unblockingKey, transaction)?.isFactoryValue == true
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
            try transaction.prepareForSecret()
            try stored.withBytes { (new) throws(CardError) in
                try transaction.card.changeReferenceData(.unblockingKey, from: old, to: new)
            }
            withLogin { login in
                if login.unblockingKey != nil { login.replace(.administrator, by: .pin(stored)) }
            }
        }
    }

    /// See `Token`. Cards without GET METADATA do not tell.
    public func unblockingStatus() throws(TokenError) -> PINStatus {
        guard withCache({ $0.hasMetadata }) != false else { return PINStatus(retriesLeft: nil) }
        let told = try perform { (transaction) throws(CardError) in
            try readMetadata(of: .unblockingKey, transaction)?.tries
        }
        return told ?? PINStatus(retriesLeft: nil)
    }

    /// Logs the administrator in with the PUK. The card compares it only where it is changed or used, so it is changed to
    /// what it is.
    func loginAdministrator(unblockingKey code: RawSpan) throws(TokenError) {
        let stored = try keep(code)
        try perform { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            try stored.withBytes { (code) throws(CardError) in
                try transaction.card.changeReferenceData(.unblockingKey, from: code, to: code)
            }
            withLogin { $0.begin(.administrator, with: .pin(stored)) }
        }
    }

    /// How long a PUK may be. It has eight bytes (SP 800-73-5 part 1, section 2.4.3); a YubiKey takes six or more.
    static let unblockingKeyLengths = 6...8

    /// The PUK of a YubiKey as it leaves the factory (Yubico, PIV "Default values").
    static let factoryUnblockingKey = Array("12345678".utf8)

    private func store(_ pin: RawSpan) throws(TokenError) -> StoredPIN {
        try checkForm(pin, of: .user)
        return try keep(pin)
    }

    /// The tries that the PUK has left: as its metadata tell, or as it was last refused; nil where nobody knows.
    func unblockingTries(_ transaction: PIVTransaction) throws(CardError) -> Int? {
        try readMetadata(of: .unblockingKey, transaction)?.tries.retriesLeft ?? withCache { $0.unblockingTries }
    }

    private func unblock(
        _ code: RawSpan, _ pin: StoredPIN, _ transaction: PIVTransaction
    ) throws(CardError) {
        try transaction.prepareForSecret()
        try checkUnblocking(transaction)
        withCache { $0.tries?.doubt() }
        let sent = Result { () throws(CardError) in
            try pin.withBytes { (pin) throws(CardError) in
                try transaction.card.resetRetryCounter(unblockingKey: code, newPIN: pin)
            }
        }
        if case .failure(let error) = sent { withCache { $0.unblockingTries = error.status?.pinTriesLeft } }
        try sent.get()
        withCache { $0.unblockingTries = nil }
        withLogin { $0.replace(.user, by: .pin(pin)) }
    }

    /// Throws where the user's PIN is the Global PIN: the PUK gives the application's own a new value, and no other (SP 800-73-5
    /// part 2, section 3.2.3).
    func checkUnblocking(_ transaction: PIVTransaction) throws(CardError) {
        guard try pinReference(transaction) == .application else { throw .refused(.unsupported) }
    }

    /// A PUK that was kept may be an old one by now: it does not take the last try, where the card tells of tries.
    private func spareLastTry(_ transaction: PIVTransaction) throws(CardError) {
        guard let left = try unblockingTries(transaction), left <= 1 else { return }
        withLogin { _ = $0.endAll() }
        throw .refused(.keptPINRefused(retriesLeft: left))
    }

    /// A PUK that was kept for the login, and that the card refuses now, is sent once and forgotten.
    private func unblockWithKept(
        _ code: StoredPIN, _ pin: StoredPIN, _ transaction: PIVTransaction
    ) throws(CardError) {
        guard !code.isWiped else {
            withLogin { _ = $0.endAll() }
            throw .refused(.notLoggedIn)
        }
        do throws(CardError) {
            try code.withBytes { (code) throws(CardError) in try unblock(code, pin, transaction) }
        } catch {
            guard let left = error.status?.pinTriesLeft else {
                // Whether the card has used the code nobody knows.
                if case .channel = error { withLogin { _ = $0.endAll() } }
                throw error
            }
            withLogin { _ = $0.endAll() }
            throw .refused(.keptPINRefused(retriesLeft: left))
        }
    }
}
