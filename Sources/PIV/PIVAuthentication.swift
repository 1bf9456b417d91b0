import HostCrypto
import ISO7816
import Token

/// What the login of the user or of the administrator lets this process do at the card; there is one or the other. Lives
/// inside card transactions.
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
        /// The administrator's login, or the user's where the card keeps the management key behind the PIN.
        case administration

        /// Whether the card must have been shown something that it may forget.
        var needsLogin: Bool {
            if case .none = self { return false }
            return true
        }
    }

    /// A proof of the management key at the card.
    struct AdministratorProof: Hashable {
        let algorithm: CardManagementAlgorithm
        /// Whether the key is known to ask for a touch.
        let needsTouch: Bool
        /// The epoch of the exchange in which it was given: in a later one it holds no more.
        let epoch: UInt64
    }

    private var login: StoredPIN?
    /// The key of the administrator's login, with the cipher that the card took it for.
    private(set) var administrator: (key: CardManagementKey, proof: AdministratorProof)?
    /// The PUK of the administrator's login, where it was that.
    private(set) var unblockingKey: StoredPIN?
    /// The last proof of a management key: the administrator's, or the one behind the user's PIN.
    private var proof: AdministratorProof?
    /// Whether the card refused the management key that it keeps behind the PIN; it is tried once for one login.
    private(set) var isStoredKeyRefused = false
    /// The epoch of the exchange in which the PIN was verified last: in a later one it is verified no more.
    private var verifiedEpoch: UInt64?
    /// Whether no key was used since the user logged in: the PIN was then given for the first use, whichever key it is
    /// with. So the card sees it, and so does OpenSSH, which gives no second PIN right after a login.
    private var isFresh = false

    /// Counts the logins that have ended, with all permissions that were given in them.
    private(set) var generation: UInt64 = 0

    /// Whether the card is, as far as is known, in the state that a PIN of this process put it in.
    func isVerified(_ epoch: UInt64) -> Bool { verifiedEpoch == epoch }

    /// Whether the user is logged in.
    var isUser: Bool { login != nil }

    /// Whether the card has, as far as is known, seen a proof of its management key that still holds.
    func isProven(_ epoch: UInt64) -> Bool { proof?.epoch == epoch }

    /// Notes that a proof is about to be given: a card that refuses it drops the one before.
    mutating func beginProof() { proof = nil }

    /// Notes that the administrator has logged in, which ends the user's login.
    mutating func verified(administrator key: CardManagementKey, _ proof: AdministratorProof) {
        end()
        administrator = (key, proof)
        self.proof = proof
    }

    /// Notes that the administrator has logged in with the PUK, which ends the user's login.
    mutating func verified(unblockingKey code: StoredPIN) {
        end()
        unblockingKey = code
    }

    /// Notes that the PUK has another value: the login goes on with it.
    mutating func replaceUnblockingKey(by code: StoredPIN) {
        if unblockingKey != nil { unblockingKey = code }
    }

    /// Notes that the management key has another value, which the card was just shown: the login goes on with it.
    mutating func replaceAdministrator(by key: CardManagementKey, _ proof: AdministratorProof) {
        if administrator != nil { administrator = (key, proof) }
        self.proof = proof
        isStoredKeyRefused = false
    }

    /// Notes that the PIN has another value: the login goes on with it, and permissions that were given with the old one
    /// end. What the card makes of its verified state then it is asked.
    mutating func replaceLogin(by pin: StoredPIN) {
        beginVerification()
        guard login != nil else { return }
        login = pin
        generation += 1
    }

    /// Notes that the card has seen a proof again, or one that the user's login led to.
    mutating func proven(_ proof: AdministratorProof) { self.proof = proof }

    /// Notes that the card does not take the key that it keeps behind the PIN.
    mutating func refuseStoredKey() { isStoredKeyRefused = true }

    /// Whether the card verified the same PIN for the login and no key was used since, so that it need not be asked
    /// again. Where that turns out to be wrong, the card refuses the use, and the PIN is verified then.
    func isJustVerified(_ pin: StoredPIN, _ transaction: PIVTransaction) -> Bool {
        isFresh && isVerified(transaction.epoch) && login?.isEqual(to: pin) == true
    }

    /// The permission for one use that the login gives: the card then sees its PIN again, unless it has just seen it.
    mutating func permissionOfLogin() -> PIVUseAuthorization? {
        guard let login else { return nil }
        if !isFresh { verifiedEpoch = nil }
        return PIVUseAuthorization(login, generation: generation)
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
        (administrator, unblockingKey, proof, isStoredKeyRefused) = (nil, nil, nil, false)
    }

    /// Brings the card back to what the process is entitled to. Sends nothing where nothing is known to be lost.
    ///
    /// A kept PIN is sent only where the card says that more than one try is left: the PIN may have been changed
    /// meanwhile, and several programs may keep the old one. Whatever comes of it but success wipes it, so that it is
    /// never sent a second time. A card that says that its PIN is verified is not asked to verify the login's, which may be
    /// an old one by now; for a single use it is asked to verify the PIN that was just given for that use.
    ///
    /// - Throws: 6982 for the login where there is no PIN to do it with, or the card's status word where it does not take
    ///   the kept one or has no try to spare for it.
    mutating func restore(
        _ access: Access, _ transaction: PIVTransaction, pinReference: () throws(CardError) -> PINReference
    ) throws(CardError) {
        let missing = CardError(PIVCard.loginName, .status(.securityStatusNotSatisfied))
        let pin: StoredPIN?
        switch access {
        case .none: return
        case .login, .administration: pin = login
        case .singleUse(let given?): pin = given.generation == generation ? given.pin : nil
        case .singleUse(nil): pin = isFresh ? login : nil
        }
        guard let pin else { throw missing }
        guard verifiedEpoch != transaction.epoch else { return }
        try transaction.selectForSecret()
        let reference = try pinReference()
        let status = try transaction.card.pinStatus(reference)
        switch access {
        case .singleUse(.some) where status == .success: break
        // The login's PIN was for the first use, which would need it sent once more: whoever wants the use gives it.
        case .singleUse(nil) where status == .success: throw missing
        case _ where status == .success:
            verifiedEpoch = transaction.epoch
            return
        case _ where status.pinTriesLeft ?? 0 > 1: break
        default:
            let refusal = CardError(PIVCard.loginName, .status(status))
            if transaction.mayBeResetYet, refusal.isUnknownCommand { throw refusal }
            end()
            let isTold = status.pinTriesLeft != nil || status == .authenticationMethodBlocked
            throw isTold ? CardError(PIVCard.keptPINName, .status(status)) : missing
        }
        let verified = Result { () throws(CardError) in
            try pin.withBytes { (bytes) throws(CardError) in try transaction.card.verify(reference, pin: bytes) }
        }
        if case .failure(let error) = verified {
            if transaction.mayBeResetYet, error.isUnknownCommand { throw error }
            end()
            guard case .status(let status) = error.cause else { throw error.isAnswer ? missing : error }
            throw CardError(PIVCard.keptPINName, .status(status))
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
    /// - Returns: the epoch in which the card last verified a PIN of this process, and the last proof of its
    ///   management key.
    mutating func endLogin() -> (verifiedEpoch: UInt64?, administrator: AdministratorProof?) {
        defer { end() }
        return (verifiedEpoch, proof)
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
