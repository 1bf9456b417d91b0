import ISO7816
import Token

/// What the user's login lets this process do at the card. Lives inside card transactions.
struct PIVAuthentication {
    /// What a command needs.
    enum Access {
        /// Nothing.
        case none
        /// The user's login, as long as it lasts.
        case login
        /// The PIN right before this one use: the one that was given for it, or, with nil, that of a login since which
        /// no key was used.
        case singleUse(PIVUseAuthorization?)

        /// Whether the card must have verified the PIN.
        var needsPIN: Bool {
            if case .none = self { return false }
            return true
        }
    }

    private var login: StoredPIN?
    /// The epoch of the exchange in which the PIN was verified last: in a later one it is verified no more.
    private var verifiedEpoch: UInt64?
    /// Whether no key was used since the user logged in: the PIN was then given for the first use, whichever key it is
    /// with. So the card sees it, and so does OpenSSH, which gives no second PIN right after a login.
    private var isFresh = false

    /// Counts the logins that have ended, with all permissions that were given in them.
    private(set) var generation: UInt64 = 0

    /// Whether the card is, as far as is known, in the state that a PIN of this process put it in.
    func isVerified(_ epoch: UInt64) -> Bool { verifiedEpoch == epoch }

    /// Whether the card verified the same PIN for the login and no key was used since, so that it need not be asked
    /// again. Where that turns out to be wrong, the card refuses the use, and the PIN is verified then.
    func isJustVerified(_ pin: StoredPIN, _ transaction: PIVTransaction) -> Bool {
        isFresh && isVerified(transaction.epoch) && login?.isEqual(to: pin) == true
    }

    /// Notes that a PIN of the user's is about to be verified: a card that refuses it drops its verified state.
    mutating func beginVerification() {
        verifiedEpoch = nil
        isFresh = false
    }

    /// Notes that the card has just verified a PIN; one that is the user's login is kept.
    mutating func verified(login pin: StoredPIN?, _ transaction: PIVTransaction) {
        verifiedEpoch = transaction.epoch
        guard let pin else { return }
        login = pin
        isFresh = true
    }

    /// Brings the card back to what the process is entitled to. Sends nothing where nothing is known to be lost.
    ///
    /// A kept PIN is sent only where the card says that more than one try is left: the PIN may have been changed
    /// meanwhile, and several programs may keep the old one. Whatever comes of it but success wipes it, so that it is
    /// never sent a second time.
    ///
    /// - Throws: 6982 for VERIFY where there is no PIN to do it with.
    mutating func restore(
        _ access: Access, _ transaction: PIVTransaction, pinReference: () throws(CardError) -> PINReference
    ) throws(CardError) {
        let missing = CardError(PIVCard.verifyName, .status(.securityStatusNotSatisfied))
        let pin: StoredPIN?
        switch access {
        case .none: return
        case .login: pin = login
        case .singleUse(let given?): pin = given.generation == generation ? given.pin : nil
        case .singleUse(nil): pin = isFresh ? login : nil
        }
        guard let pin else { throw missing }
        guard verifiedEpoch != transaction.epoch else { return }
        let reference = try pinReference()
        try transaction.selectIfUnproven()
        guard try transaction.card.knownTries(reference) ?? .max > 1 else {
            end()
            throw missing
        }
        do throws(CardError) {
            try pin.withBytes { (bytes) throws(CardError) in try transaction.card.verify(reference, pin: bytes) }
        } catch {
            end()
            throw error.isAnswer ? missing : error
        }
        verifiedEpoch = transaction.epoch
        transaction.noteRestored()
    }

    /// Notes that a key was used: the login was for this use, and not for the next one of an "always" key.
    mutating func noteUse() { isFresh = false }

    /// Forgets everything, and ends the permissions that were given.
    mutating func end() {
        let ended = generation
        self = PIVAuthentication()
        generation = ended + 1
    }

    /// Ends everything.
    ///
    /// - Returns: the epoch in which the card last verified a PIN of this process.
    mutating func endLogin() -> UInt64? {
        defer { end() }
        return verifiedEpoch
    }
}

/// The permission for one use of an "always" key, as long as the login lasts in which it was given.
final class PIVUseAuthorization: UseAuthorization {
    let pin: StoredPIN
    let generation: UInt64

    init(_ pin: StoredPIN, generation: UInt64) {
        self.pin = pin
        self.generation = generation
    }
}
