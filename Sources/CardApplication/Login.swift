import HostCrypto
import Token

/// A state that the card is in once it has verified a PIN.
package enum Verification: CaseIterable, Hashable, Sendable {
    /// The user's PIN, for signatures alone, where the card tells that apart.
    case signature
    /// The user's PIN.
    case user
    /// The administrator's secret.
    case administrator

    /// Whose login it belongs to.
    var owner: PINKeeper.Owner { self == .administrator ? .administrator : .user }
}

/// What a command needs.
package enum Access {
    /// Nothing.
    case none
    /// A login, as long as it lasts.
    case login(Verification)
    /// The PIN right before this one use: the one that was given for it, or, with nil, that of a login since which no key
    /// was used.
    case use(Verification, PINAuthorization?)
    /// The right to write.
    case administration

    /// The state that the card must be in.
    package var verification: Verification? {
        switch self {
        case .none: nil
        case .login(let verification), .use(let verification, _): verification
        case .administration: .administrator
        }
    }

    /// Whether it is one use that somebody has given the PIN for.
    var isGiven: Bool {
        if case .use(_, .some) = self { return true }
        return false
    }
}

/// The permission for one use of a key, as long as the login lasts in which it was given.
package final class PINAuthorization: UseAuthorization {
    let secret: LoginSecret
    let generation: UInt64

    init(_ secret: LoginSecret, generation: UInt64) {
        self.secret = secret
        self.generation = generation
    }
}

/// What an application knows of its logins beside the secrets.
package protocol LoginDetails: Sendable {
    /// Nobody is logged in.
    init()

    /// Whether a login of the user's ends the administrator's, and the other way round.
    static var isOneLogin: Bool { get }
}

/// What the logins let this process do at the card. Read and changed within card transactions.
package struct Login<Details: LoginDetails> {
    /// Wipes the secrets when their time is over.
    private let pins: PINKeeper
    private var secrets: [PINKeeper.Owner: LoginSecret] = [:]
    /// What the application knows beside the secrets.
    package var details = Details()
    /// The epochs of the exchange in which the card verified something last: in a later one it is verified no more.
    package private(set) var verifiedEpochs: [Verification: UInt64] = [:]
    /// Whether no key was used since the user logged in: the PIN was then given for the first use, whichever key it is
    /// with. So the card sees it, and so does OpenSSH, which gives no second PIN right after a login.
    private var isFresh = false
    /// Counts the user's logins that have ended, with all permissions that were given in them.
    private var generation: UInt64 = 0

    init(_ pins: PINKeeper) { self.pins = pins }

    /// How somebody logged in; nil where nobody is.
    package func secret(of owner: PINKeeper.Owner) -> LoginSecret? { secrets[owner] }

    /// Whether the user is logged in.
    package var isUser: Bool { secrets[.user] != nil }

    /// What brings the card back to what a command needs; nil where there is nothing to do it with.
    func secret(for access: Access) -> LoginSecret? {
        switch access {
        case .none: nil
        case .login(let verification): secrets[verification.owner]
        case .administration: secrets[.administrator]
        case .use(_, let given?): given.generation == generation ? given.secret : nil
        case .use(_, nil): isFresh ? secrets[.user] : nil
        }
    }

    /// Whether the card is, as far as is known, in the state that this process put it in.
    package func isVerified(_ verification: Verification, in epoch: UInt64) -> Bool {
        verifiedEpochs[verification] == epoch
    }

    /// Notes that the card has verified something.
    package mutating func noteVerified(_ verification: Verification, in epoch: UInt64) {
        verifiedEpochs[verification] = epoch
    }

    /// Notes that the card has, or may have, lost a verified state. The user's two are of one PIN.
    package mutating func forgetVerification(of verification: Verification) {
        let owner = verification.owner
        verifiedEpochs = verifiedEpochs.filter { $0.key.owner != owner }
    }

    /// Notes that the card has refused a secret, and dropped its verified state with that.
    package mutating func noteRefusal(of verification: Verification) {
        forgetVerification(of: verification)
        if verification.owner == .user { isFresh = false }
    }

    /// Notes that somebody has logged in, with a secret that the card has just verified.
    package mutating func begin(_ owner: PINKeeper.Owner, with secret: LoginSecret) {
        if Details.isOneLogin {
            if owner == .administrator { endAll() }
            secrets = [:]
            details = Details()
            verifiedEpochs[.administrator] = nil
        }
        keep(secret, of: owner)
        secrets[owner] = secret
        if owner == .user { isFresh = true }
    }

    /// Notes that a secret has another value: the login goes on with it, and permissions that were given with the old one
    /// end. What the card makes of its verified state then it is asked.
    package mutating func replace(_ owner: PINKeeper.Owner, by secret: LoginSecret) {
        forgetVerification(of: owner == .user ? .user : .administrator)
        guard secrets[owner] != nil else { return }
        keep(secret, of: owner)
        secrets[owner] = secret
        guard owner == .user else { return }
        isFresh = false
        generation += 1
    }

    private func keep(_ secret: LoginSecret, of owner: PINKeeper.Owner) {
        if case .pin(let pin) = secret { pins.keep(pin, of: owner) }
    }

    /// Whether the card verified a PIN for the login and no key was used since.
    func isJustVerified(in epoch: UInt64) -> Bool { isFresh && isVerified(.user, in: epoch) }

    /// Whether the card verified the same PIN for the login and no key was used since, so that it need not be asked again:
    /// where that turns out to be wrong, the card refuses the use. Of a PIN that is to be typed on the reader: whether
    /// somebody has just done so.
    func isJustVerified(_ secret: LoginSecret, _ verification: Verification, in epoch: UInt64) -> Bool {
        guard isFresh, let user = secrets[.user] else { return false }
        switch (secret, user) {
        case (.pin(let pin), .pin): return isJustVerified(in: epoch) && user.isEqual(to: pin)
        case (.typedOnReader, .typedOnReader): return isVerified(verification, in: epoch)
        case (.pin, .typedOnReader), (.typedOnReader, .pin): return false
        }
    }

    /// The permission for one use that the login gives: the card then sees its PIN again, unless it has just seen it. Nil
    /// where there is no PIN for that.
    mutating func permissionOfLogin(for verification: Verification) -> PINAuthorization? {
        guard let user = secrets[.user], isFresh || !user.isWiped else { return nil }
        if !isFresh { verifiedEpochs[verification] = nil }
        return PINAuthorization(user, generation: generation)
    }

    /// The permission for one use, with a secret that the card has just verified.
    func permission(_ secret: LoginSecret) -> PINAuthorization {
        keep(secret, of: .user)
        return PINAuthorization(secret, generation: generation)
    }

    /// Notes that a key was used: the login was for this use, and not for the next one of an "always" key.
    ///
    /// - Parameter ended: a state that the card has taken back, for it was valid for one use.
    package mutating func noteUse(ending ended: Verification? = nil) {
        isFresh = false
        if let ended { verifiedEpochs[ended] = nil }
    }

    /// Ends a login, and the permissions that were given in it.
    package mutating func end(_ owner: PINKeeper.Owner) {
        if Details.isOneLogin {
            endAll()
            return
        }
        forgetVerification(of: owner == .user ? .user : .administrator)
        pins.wipeAll(of: owner)
        secrets[owner] = nil
        guard owner == .user else { return }
        isFresh = false
        generation += 1
    }

    /// Ends all logins.
    ///
    /// - Returns: what there was.
    @discardableResult
    package mutating func endAll() -> Login {
        let ended = self
        pins.wipeAll()
        self = Login(pins)
        generation = ended.generation + 1
        return ended
    }
}
