import CPKCS11

/// What keys in memory may do beside each other. PKCS#11 lets a key wrap others and decrypt too, and lets what was wrapped
/// come back with other attributes: with such keys a program takes sensitive keys out that may be wrapped at all (Clulow,
/// "On the security of PKCS #11", 2003; Bortolozzo, Centenaro, Focardi and Steel, "Attacking and fixing PKCS#11 security
/// tokens", 2010). Keys with CKA_EXTRACTABLE false, which is the default here, stay in anyway.
public enum KeyRoles: Sendable {
    /// As the standard has it.
    case standard
    /// Each key has one role. No key both wraps and decrypts, or unwraps and encrypts; a role that a key does not have when it
    /// is made it never gets; only keys that were made here, or that the SO trusts, wrap; what is unwrapped is sensitive; and
    /// nothing is wrapped by a shorter key, or, where it is sensitive, by one of the card, which decrypts too.
    case separate

    private static let roles: [AttributeType] = [CKA_WRAP, CKA_UNWRAP, CKA_ENCRYPT, CKA_DECRYPT]

    /// Throws CKR_TEMPLATE_INCONSISTENT where a key may not be like this.
    func check(_ key: SessionObject, from origin: ObjectOrigin) throws(ReturnCode) {
        guard self == .separate else { return }
        if key.flag(CKA_WRAP) {
            guard key.flag(CKA_LOCAL) || key.flag(CKA_TRUSTED), !key.flag(CKA_DECRYPT) else {
                throw .templateInconsistent
            }
        }
        // Whoever has the public half encrypts.
        let encrypts = key.flag(CKA_ENCRYPT) || key.objectClass == CKO_PRIVATE_KEY && key.flag(CKA_DECRYPT)
        if key.flag(CKA_UNWRAP), encrypts { throw .templateInconsistent }
        if case .unwrapped = origin, key.objectClass == CKO_SECRET_KEY, !key.flag(CKA_SENSITIVE) {
            throw .templateInconsistent
        }
    }

    /// The same for the halves of a pair: what the one wraps the other must not decrypt.
    func check(
        _ publicKey: SessionObject, _ privateKey: SessionObject, from origin: ObjectOrigin
    ) throws(ReturnCode) {
        try check(publicKey, from: origin)
        try check(privateKey, from: origin)
        guard self == .separate, publicKey.flag(CKA_WRAP) else { return }
        if privateKey.flag(CKA_DECRYPT) { throw .templateInconsistent }
    }

    /// Throws CKR_ATTRIBUTE_READ_ONLY where a key would get a role that it did not have.
    func checkChange(of key: SessionObject, to changed: SessionObject) throws(ReturnCode) {
        guard self == .separate else { return }
        for role in Self.roles where changed.flag(role) && !key.flag(role) { throw .attributeReadOnly }
    }

    /// Throws CKR_KEY_NOT_WRAPPABLE where a key may not be wrapped by one of so many bytes.
    func checkWrapping(_ key: SessionObject, by size: Int) throws(ReturnCode) {
        guard self == .separate, let count = key.secret?.count else { return }
        // No key of AES is longer.
        guard size >= min(count, 32) else { throw .keyNotWrappable }
    }

    /// Throws CKR_KEY_NOT_WRAPPABLE where a key may not be wrapped by this public one.
    func checkWrapping(_ key: SessionObject, by publicKey: StoredObject) throws(ReturnCode) {
        guard self == .separate, key.flag(CKA_SENSITIVE), publicKey.isOnToken else { return }
        throw .keyNotWrappable
    }
}
