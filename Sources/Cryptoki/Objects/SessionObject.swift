import CPKCS11
import HostCrypto
import SoftToken

/// An object in this process's memory: made by a session, seen by all sessions of the process with the same token, and
/// gone with the session that made it. A value: a change puts another one into the object table.
struct SessionObject {
    let slot: Slot
    /// The session that made it, and with which it ends.
    let owner: UInt
    /// CKA_UNIQUE_ID. No template may give it, or repeat it, so it stands apart.
    let uniqueID: [UInt8]
    /// All attributes but that and the secret one.
    var attributes: [AttributeType: [UInt8]]
    /// CKA_VALUE of a secret key.
    let secret: StoredSecret?
    /// The key, where the object is a public one.
    let publicKey: PublicKey?
    /// The key, where the object is a private one.
    let privateKey: MemoryKey?

    var objectClass: UInt { number(CKA_CLASS) ?? CK_UNAVAILABLE_INFORMATION }
    var isPrivate: Bool { flag(CKA_PRIVATE) }
    /// Whether it must not stay in memory longer than it is used.
    var holdsSecret: Bool { isPrivate || secret != nil || privateKey != nil }

    /// Whether the secret value may be read: a key that is neither sensitive nor kept from leaving.
    var isReadable: Bool { !flag(CKA_SENSITIVE) && flag(CKA_EXTRACTABLE) }

    func attribute(_ type: AttributeType) -> AttributeAnswer {
        if type == CKA_UNIQUE_ID { return .value(uniqueID) }
        if privateKey?.publicKey.hasPrivateNumber(type) == true { return .sensitive }
        if type == CKA_VALUE, let secret { return isReadable ? .secret(secret.copy()) : .sensitive }
        return attributes[type].map { .value($0) } ?? .absent
    }

    /// Whether an attribute has the value that a search wants. A secret one is not copied for that.
    func has(_ wanted: Attribute) -> Bool {
        guard wanted.type == CKA_VALUE, let secret else { return attribute(wanted.type).matches(wanted) }
        return isReadable && secret.withBytes { ConstantTime.equal($0, wanted.value.span.bytes) }
    }

    func flag(_ type: AttributeType) -> Bool { attributes[type] == [1] }

    func number(_ type: AttributeType) -> UInt? { attributes[type].flatMap { UInt(nativeBytes: $0) } }
}
