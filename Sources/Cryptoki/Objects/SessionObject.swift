import CPKCS11
import HostCrypto
import SoftToken

/// An object in this process's memory: made by a session, seen by all sessions of the process with the same token, and
/// gone with the session that made it. A value: a change puts another one into the object table.
struct SessionObject {
    let slot: Slot
    /// The session that made it, and with which it ends.
    let owner: UInt
    /// All attributes but the secret one.
    var attributes: [AttributeType: [UInt8]]
    /// CKA_VALUE of a secret key.
    let secret: StoredSecret?
    /// The key, where the object is a public one.
    let publicKey: PublicKey?
    /// The key, where the object is a private one.
    let privateKey: MemoryKey?

    var objectClass: UInt { number(CKA_CLASS) ?? CK_UNAVAILABLE_INFORMATION }
    var isPrivate: Bool { flag(CKA_PRIVATE) }

    /// Whether the secret value may be read: a key that is neither sensitive nor kept from leaving.
    var isReadable: Bool { !flag(CKA_SENSITIVE) && flag(CKA_EXTRACTABLE) }

    func attribute(_ type: AttributeType) -> AttributeAnswer {
        if privateKey?.publicKey.hasPrivateNumber(type) == true { return .sensitive }
        if type == CKA_VALUE, let secret { return isReadable ? .secret(secret.copy()) : .sensitive }
        return attributes[type].map { .value($0) } ?? .absent
    }

    func flag(_ type: AttributeType) -> Bool { attributes[type] == [1] }

    func number(_ type: AttributeType) -> UInt? { attributes[type].flatMap { UInt(nativeBytes: $0) } }
}
