import CPKCS11
import Platform
import Token

/// An object that a handle stands for.
enum StoredObject {
    /// An object of the card.
    case token(TokenObject)
    /// An object in this process's memory that a session made.
    indirect case session(SessionObject)
    /// What the module tells of itself and of the token: a profile, a mechanism.
    case information(InformationObject)

    var slot: Slot {
        switch self {
        case .token(let object): object.slot
        case .session(let object): object.slot
        case .information(let object): object.slot
        }
    }

    /// CKA_PRIVATE.
    var isPrivate: Bool {
        switch self {
        case .token(let object): object.description.isPrivate
        case .session(let object): object.isPrivate
        case .information: false
        }
    }

    /// CKA_TOKEN.
    var isOnToken: Bool {
        if case .session = self { return false }
        return true
    }

    /// CKA_CLASS.
    var objectClass: UInt {
        switch self {
        case .token(let object): object.description.objectClass
        case .session(let object): object.objectClass
        case .information(let object): object.objectClass
        }
    }
}

/// An object of the token in a slot: which one, as long as its card is in.
final class TokenObject: Sendable {
    let slot: Slot
    let token: any Token
    let description: ObjectDescription
    /// Which of the objects that come and go in this place it is.
    let revision: UInt64
    let recent = Guarded(RecentValues())

    /// - Parameter revision: that of what lies there now, where nothing else is said.
    init(slot: Slot, token: any Token, description: ObjectDescription, revision: UInt64? = nil) {
        self.slot = slot
        self.token = token
        self.description = description
        self.revision = revision ?? token.revision(of: description.reference)
    }

    /// Whether the key wants the PIN for each use, and the program must give it (CKA_ALWAYS_AUTHENTICATE).
    func isAlwaysAuthenticate() throws(TokenError) -> Bool {
        slot.loginServesEachUse ? false : try wantsPINForEachUse()
    }

    /// Whether the card wants the PIN for each use of the key.
    func wantsPINForEachUse() throws(TokenError) -> Bool { try token.policy(of: reference).pin == .always }

    var reference: ObjectReference { description.reference }

    /// This one, or what lies there now.
    var current: TokenObject {
        isCurrent ? self : TokenObject(slot: slot, token: token, description: description)
    }

    /// Whether what lies there is still the same.
    var isCurrent: Bool { token.revision(of: reference) == revision }
}
