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

    /// Wipes the secrets of this login when their time is over.
    private let pins: PINKeeper
    var login: LoginSecret?
    /// The key of the administrator's login, with the cipher that the card took it for.
    private(set) var administrator: (key: CardManagementKey, proof: AdministratorProof)?
    /// The PUK of the administrator's login, where it was that.
    private(set) var unblockingKey: StoredPIN?
    /// The last proof of a management key: the administrator's, or the one behind the user's PIN.
    private var proof: AdministratorProof?
    /// Whether the card refused the management key that it keeps behind the PIN; it is tried once for one login.
    private(set) var isStoredKeyRefused = false
    /// The epoch of the exchange in which the PIN was verified last: in a later one it is verified no more.
    var verifiedEpoch: UInt64?
    /// Whether no key was used since the user logged in: the PIN was then given for the first use, whichever key it is
    /// with. So the card sees it, and so does OpenSSH, which gives no second PIN right after a login.
    private(set) var isFresh = false

    /// Counts the logins that have ended, with all permissions that were given in them.
    private(set) var generation: UInt64 = 0

    init(_ pins: PINKeeper) { self.pins = pins }

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
        pins.keep(key.secret)
        administrator = (key, proof)
        self.proof = proof
    }

    /// Notes that the administrator has logged in with the PUK, which ends the user's login.
    mutating func verified(unblockingKey code: StoredPIN) {
        end()
        pins.keep(code)
        unblockingKey = code
    }

    /// Notes that the PUK has another value: the login goes on with it.
    mutating func replaceUnblockingKey(by code: StoredPIN) {
        guard unblockingKey != nil else { return }
        pins.keep(code)
        unblockingKey = code
    }

    /// Notes that the management key has another value, which the card was just shown: the login goes on with it.
    mutating func replaceAdministrator(by key: CardManagementKey, _ proof: AdministratorProof) {
        if administrator != nil {
            pins.keep(key.secret)
            administrator = (key, proof)
        }
        self.proof = proof
        isStoredKeyRefused = false
    }

    /// Notes that the PIN has another value: the login goes on with it, and permissions that were given with the old one
    /// end. What the card makes of its verified state then it is asked.
    mutating func replaceLogin(by secret: LoginSecret) {
        beginVerification()
        guard login != nil else { return }
        keep(secret)
        login = secret
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

    /// The same of a PIN that is to be typed on the reader: somebody has just done so.
    func isJustTyped(_ transaction: PIVTransaction) -> Bool {
        guard case .typedOnReader? = login else { return false }
        return isFresh && isVerified(transaction.epoch)
    }

    /// The permission for one use that the login gives: the card then sees its PIN again, unless it has just seen it. Nil
    /// where there is no PIN for that.
    mutating func permissionOfLogin() -> PIVUseAuthorization? {
        guard let login, isFresh || !login.isWiped else { return nil }
        if !isFresh { verifiedEpoch = nil }
        return PIVUseAuthorization(login, generation: generation)
    }

    /// The permission for one use, with a secret that the card has just verified for it.
    func permission(_ secret: LoginSecret) -> PIVUseAuthorization {
        keep(secret)
        return PIVUseAuthorization(secret, generation: generation)
    }

    private func keep(_ secret: LoginSecret) {
        if case .pin(let pin) = secret { pins.keep(pin) }
    }

    /// Notes that a PIN of the user's is about to be verified: a card that refuses it drops its verified state.
    mutating func beginVerification() {
        verifiedEpoch = nil
        isFresh = false
    }

    /// Notes that the card has just verified a PIN; one that is the user's login is kept.
    mutating func verified(login secret: LoginSecret?, _ transaction: PIVTransaction) {
        verifiedEpoch = transaction.epoch
        guard let secret else { return }
        keep(secret)
        login = secret
        isFresh = true
        (administrator, unblockingKey, proof, isStoredKeyRefused) = (nil, nil, nil, false)
    }

    /// Notes that a key was used: the login was for this use, and not for the next one of an "always" key.
    mutating func noteUse() { isFresh = false }

    /// Forgets everything, and ends the permissions that were given.
    mutating func end() {
        let ended = generation
        pins.wipeAll()
        self = PIVAuthentication(pins)
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
    let secret: LoginSecret
    let generation: UInt64

    init(_ secret: LoginSecret, generation: UInt64) {
        self.secret = secret
        self.generation = generation
    }
}
