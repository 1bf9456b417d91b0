import CardApplication
import HostCrypto
import ISO7816
import Token

/// What the logins let this process do at the card. Lives inside card transactions.
///
/// PW1 is one password with two states at the card: 81 for signatures and 82 for all else. A login verifies 82; 81 is
/// verified with the same PIN when a signature is first asked for.
struct OpenPGPAuthentication {
    /// What a command needs.
    enum Access {
        /// Nothing.
        case none
        /// The user's login, as long as it lasts: PW1 in mode 82.
        case user
        /// The user's login, for the signature key of a card on which PW1 stays valid for several: mode 81.
        case signature
        /// PW1 right before this one signature: the one that was given for it, or, with nil, that of a login since
        /// which no key was used.
        case singleSignature(OpenPGPUseAuthorization?)
        /// The administrator's login: PW3.
        case administrator

        /// The state that the card must be in.
        var mode: PasswordMode? {
            switch self {
            case .none: nil
            case .user: .other
            case .signature, .singleSignature: .signature
            case .administrator: .administrator
            }
        }

        /// Whether it is one use that somebody has given the password for.
        var isGiven: Bool {
            if case .singleSignature(.some) = self { return true }
            return false
        }
    }

    /// Wipes the secrets of these logins when their time is over.
    private let pins: PINKeeper
    private var user: LoginSecret?
    private var administrator: LoginSecret?
    /// The epochs of the exchange in which passwords were verified last: in a later one they are verified no more.
    var verifiedEpochs: [PasswordMode: UInt64] = [:]
    /// Whether no key was used since the user logged in: the PIN was then given for the first use, whichever key it is
    /// with. So OpenSSH sees it, which gives no second PIN right after a login.
    var isFresh = false

    /// Counts the user's logins that have ended, with all permissions that were given in them.
    private(set) var generation: UInt64 = 0

    init(_ pins: PINKeeper) { self.pins = pins }

    /// Whether the same PIN was verified for the login and no key was used since: it is then known to be right, and is
    /// sent when the key is used.
    func isJustVerified(_ pin: StoredPIN) -> Bool { isFresh && user?.isEqual(to: pin) == true }

    /// Whether the login was made on the reader, no key was used since, and the card is in the state for this use.
    func isJustTyped(_ mode: PasswordMode, _ transaction: OpenPGPTransaction) -> Bool {
        guard case .typedOnReader? = user else { return false }
        return isFresh && verifiedEpochs[mode] == transaction.epoch
    }

    /// Whether the user is logged in.
    var isUser: Bool { user != nil }

    /// The permission for one signature that the login gives. Nil where there is no PIN for that.
    func permissionOfLogin() -> OpenPGPUseAuthorization? {
        guard let user, isFresh || !user.isWiped else { return nil }
        return OpenPGPUseAuthorization(user, generation: generation)
    }

    /// The permission for one signature, with a secret that the card has verified.
    func permission(_ secret: LoginSecret) -> OpenPGPUseAuthorization {
        keep(secret, .other)
        return OpenPGPUseAuthorization(secret, generation: generation)
    }

    /// One VERIFY with a password that was just given, or is now typed on the reader, with the application surely selected.
    ///
    /// - Parameter isLogin: whether the password is kept, for it is a login.
    mutating func verify(
        _ password: LoginSecret, _ mode: PasswordMode, isLogin: Bool, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        try transaction.prove()
        do throws(CardError) {
            try send(password, mode, transaction)
        } catch {
            // A card that refuses a password drops its verified state.
            forgetVerification(of: mode)
            if mode != .administrator { isFresh = false }
            throw error
        }
        verifiedEpochs[mode] = transaction.epoch
        guard isLogin else { return }
        keep(password, mode)
        if mode == .administrator {
            administrator = password
        } else {
            user = password
            isFresh = true
        }
    }

    private func keep(_ secret: LoginSecret, _ mode: PasswordMode) {
        if case .pin(let pin) = secret { pins.keep(pin, of: mode.owner) }
    }

    /// Notes that a password has another value: the login goes on with it, and permissions that were given with the old one
    /// end. What the card makes of its verified state then it is asked.
    mutating func replaceLogin(_ mode: PasswordMode, by password: LoginSecret) {
        forgetVerification(of: mode)
        guard (mode == .administrator ? administrator : user) != nil else { return }
        keep(password, mode)
        if mode == .administrator {
            administrator = password
        } else {
            user = password
            isFresh = false
            generation += 1
        }
    }

    /// Notes that the card has, or may have, lost a verified state.
    mutating func forgetVerification(of mode: PasswordMode) {
        switch mode {
        case .administrator: verifiedEpochs[.administrator] = nil
        case .signature, .other: (verifiedEpochs[.signature], verifiedEpochs[.other]) = (nil, nil)
        }
    }

    /// Notes that a key was used: the login was for this use, and not for the next one of an "always" key.
    ///
    /// - Parameter endsSignatureState: whether the card has taken back mode 81, for it was valid for one signature.
    mutating func noteUse(endsSignatureState: Bool) {
        isFresh = false
        if endsSignatureState { verifiedEpochs[.signature] = nil }
    }

    /// Ends all logins, and the permissions that were given in them.
    ///
    /// - Returns: the modes that the card last verified for this process, each with its epoch.
    mutating func endLogins() -> [PasswordMode: UInt64] {
        let verified = verifiedEpochs
        end(.administrator)
        end(.other)
        return verified
    }

    static let missing = CardError.refused(.notLoggedIn)

    func secret(for access: Access) -> LoginSecret? {
        switch access {
        case .none: nil
        case .user, .signature: user
        case .singleSignature(let given?): given.generation == generation ? given.secret : nil
        case .singleSignature(nil): isFresh ? user : nil
        case .administrator: administrator
        }
    }

    func send(
        _ secret: LoginSecret, _ mode: PasswordMode, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        guard case .pin(let password) = secret else { return try transaction.verifyOnReader(mode) }
        try password.withBytes { (bytes) throws(CardError) in
            // Of one that was wiped, as in the child of a fork: VERIFY without any would ask, and pass for success.
            guard bytes.byteCount > 0 else { throw Self.missing }
            try transaction.verify(mode, password: bytes)
        }
    }

    mutating func end(_ mode: PasswordMode) {
        forgetVerification(of: mode)
        pins.wipeAll(of: mode.owner)
        if mode == .administrator {
            administrator = nil
        } else {
            user = nil
            isFresh = false
            generation += 1
        }
    }
}

/// The permission for one signature, as long as the login lasts in which it was given.
final class OpenPGPUseAuthorization: UseAuthorization {
    let secret: LoginSecret
    let generation: UInt64

    init(_ secret: LoginSecret, generation: UInt64) {
        self.secret = secret
        self.generation = generation
    }
}

extension PasswordMode {
    /// Whose login it is for.
    fileprivate var owner: PINKeeper.Owner { self == .administrator ? .administrator : .user }
}
