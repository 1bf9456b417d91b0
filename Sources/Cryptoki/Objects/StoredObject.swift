import CPKCS11
import Platform
import Token

/// An object that a handle stands for.
enum StoredObject {
    /// An object of the card.
    case token(TokenObject)
    /// An object in this process's memory that a session made.
    case session(SessionObject)
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
struct TokenObject {
    let slot: Slot
    let token: any Token
    let description: ObjectDescription
    /// Which of the objects that come and go in this place it is.
    var revision: UInt64 = 0
    let recent = Guarded(RecentValues())

    /// Whether the key wants the PIN for each use, and the program must give it (CKA_ALWAYS_AUTHENTICATE).
    func isAlwaysAuthenticate() throws(TokenError) -> Bool {
        slot.loginServesEachUse ? false : try wantsPINForEachUse()
    }

    /// Whether the card wants the PIN for each use of the key.
    func wantsPINForEachUse() throws(TokenError) -> Bool { try token.policy(of: reference).pin == .always }

    var reference: ObjectReference { description.reference }

    /// The same with the revision of what lies there now.
    var current: TokenObject {
        var object = self
        object.revision = token.revision(of: reference)
        return object
    }

    /// Whether what lies there is still the same.
    var isCurrent: Bool { token.revision(of: reference) == revision }
}
