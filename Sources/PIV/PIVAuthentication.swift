import ISO7816

/// What this process may do at the card: the user's login, and the single use that an "always" key was granted.
/// Lives inside card transactions.
struct PIVAuthentication {
    /// What a command needs.
    enum Access {
        /// Nothing.
        case none
        /// The user's login, as long as it lasts.
        case login
        /// The PIN right before this one use.
        case singleUse
    }

    private var login: StoredPIN?
    private var singleUse: StoredPIN?
    /// The epoch of the exchange in which the PIN was verified last: in a later one it is verified no more.
    private var verifiedEpoch: UInt64?
    /// Whether no key was used since the user logged in: the PIN was then given for the first use, whichever key it is
    /// with. So the card sees it, and so does OpenSSH, which gives no second PIN right after a login.
    private var isFresh = false

    /// Whether the card is, as far as is known, in the state that a PIN of this process put it in.
    func isVerified(_ epoch: UInt64) -> Bool { verifiedEpoch == epoch }

    /// Grants the single use without asking the card, where it verified the same PIN for the login and no key was used
    /// since. Where that turns out to be wrong, the card refuses the use, and the PIN is verified then.
    mutating func grantSingleUse(_ pin: StoredPIN, _ transaction: PIVTransaction) -> Bool {
        guard isFresh, isVerified(transaction.epoch), login?.isEqual(to: pin) == true else { return false }
        singleUse = pin
        return true
    }

    /// Notes a PIN that the card has just verified.
    mutating func verified(_ pin: StoredPIN, for access: Access, _ transaction: PIVTransaction) {
        verifiedEpoch = transaction.epoch
        switch access {
        case .none: break
        case .login:
            login = pin
            isFresh = true
        case .singleUse: singleUse = pin
        }
    }

    /// Brings the card back to what the process is entitled to. Sends nothing where nothing is known to be lost.
    ///
    /// - Throws: 6982 for VERIFY where there is no PIN to do it with. A PIN that the card refuses is wiped, so that
    ///   it is never sent a second time.
    mutating func restore(
        _ access: Access, _ transaction: PIVTransaction, pinReference: () throws(CardError) -> PINReference
    ) throws(CardError) {
        let pin: StoredPIN?
        switch access {
        case .none: return
        case .login: pin = login
        case .singleUse: pin = singleUse ?? (isFresh ? login : nil)
        }
        guard let pin else { throw CardError(PIVCard.verifyName, .status(.securityStatusNotSatisfied)) }
        guard verifiedEpoch != transaction.epoch else { return }
        let reference = try pinReference()
        try transaction.selectIfUnproven()
        do throws(CardError) {
            try pin.withBytes { (bytes) throws(CardError) in try transaction.card.verify(reference, pin: bytes) }
        } catch {
            guard error.status != nil else { throw error }
            self = PIVAuthentication()
            throw CardError(PIVCard.verifyName, .status(.securityStatusNotSatisfied))
        }
        verifiedEpoch = transaction.epoch
    }

    /// Notes that a key was used: the permission for a single use ends, whoever gave it.
    mutating func noteUse() {
        singleUse = nil
        isFresh = false
    }

    /// Takes back the permission for a single use that did not come.
    mutating func endSingleUse() { singleUse = nil }

    /// Forgets everything.
    mutating func end() { self = PIVAuthentication() }
}
