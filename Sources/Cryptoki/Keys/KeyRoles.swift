import CPKCS11

/// What keys in memory may do beside each other. PKCS#11 lets a key wrap others and decrypt too, and lets what was wrapped
/// come back with other attributes: with such keys a program takes sensitive keys out that may be wrapped at all (Clulow,
/// "On the security of PKCS #11", 2003; Bortolozzo, Centenaro, Focardi and Steel, "Attacking and fixing PKCS#11 security
/// tokens", 2010). Keys with CKA_EXTRACTABLE false, which is the default here, stay in anyway.
public enum KeyRoles: Sendable {
    /// As the standard has it.
    case standard
    /// What a key wraps comes out in no other way than by being unwrapped.
    ///
    /// - A key that wraps or unwraps does nothing else, and stays in: its value is never read, wrapped, or made into another
    ///   key's. The private half of a pair whose public half wraps does nothing else than unwrap.
    /// - A role that a key does not have when it is made it never gets.
    /// - Only keys that were made here, or that the SO trusts, wrap.
    /// - Keys of AES wrap by mechanisms alone that prove what they unwrap, and private keys in memory do not unwrap by the
    ///   padding of PKCS#1 v1.5: whether a padding is right tells what is in it (Bardou and others, "Efficient padding oracle
    ///   attacks on cryptographic hardware", 2012).
    /// - What is unwrapped is sensitive, and no short piece of it is a key.
    /// - Nothing is wrapped by a shorter AES key, or, where it is sensitive, by a key of the card, which decrypts too.
    case separate

    private static let wrapping: [AttributeType] = [CKA_WRAP, CKA_UNWRAP]
    private static let others: [AttributeType] = [
        CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_SIGN_RECOVER, CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_DERIVE,
    ]

    /// Throws CKR_TEMPLATE_INCONSISTENT where a key may not be like this.
    func check(_ key: SessionObject, from origin: ObjectOrigin) throws(ReturnCode) {
        guard self == .separate else { return }
        let isKnown = !key.flag(CKA_LOCAL) && !key.flag(CKA_TRUSTED)
        if key.flag(CKA_WRAP), isKnown { throw .templateInconsistent }
        // With a public key everybody encrypts and verifies: to do so is no role that it has or lacks.
        guard [CKO_SECRET_KEY, CKO_PRIVATE_KEY].contains(key.objectClass) else { return }
        if Self.wrapping.contains(where: key.flag) {
            guard !key.flag(CKA_EXTRACTABLE), !Self.others.contains(where: key.flag) else {
                throw .templateInconsistent
            }
        }
        if case .unwrapped = origin, !key.flag(CKA_SENSITIVE) { throw .templateInconsistent }
    }

    /// The same for the halves of a pair: what the one wraps the other must not decrypt, and to sign without padding, or to
    /// derive, is to decrypt.
    func check(
        _ publicKey: SessionObject, _ privateKey: SessionObject, from origin: ObjectOrigin
    ) throws(ReturnCode) {
        try check(publicKey, from: origin)
        try check(privateKey, from: origin)
        guard self == .separate, publicKey.flag(CKA_WRAP) else { return }
        if Self.others.contains(where: privateKey.flag) { throw .templateInconsistent }
    }

    /// Throws CKR_ATTRIBUTE_READ_ONLY where a key would get a role that it did not have.
    func checkChange(of key: SessionObject, to changed: SessionObject) throws(ReturnCode) {
        guard self == .separate else { return }
        for role in Self.wrapping + Self.others where changed.flag(role) && !key.flag(role) { throw .attributeReadOnly }
    }
}

/// Wrapping and unwrapping.
extension KeyRoles {
    /// Whether secret keys wrap and unwrap so.
    func allows(_ scheme: WrappingScheme) -> Bool { self == .standard || scheme.provesIntegrity }

    /// Throws CKR_KEY_NOT_WRAPPABLE where a key may not be wrapped by one of so many bytes.
    func checkWrapping(_ key: SessionObject, by size: Int) throws(ReturnCode) {
        guard self == .separate, let count = key.secret?.count else { return }
        // No key of AES is longer.
        guard size >= min(count, 32) else { throw .keyNotWrappable }
    }

    /// Throws CKR_KEY_NOT_WRAPPABLE where a key may not be wrapped by this public one.
    ///
    /// - Parameter between: the bytes of the AES key that wraps it, where the public key wraps that one.
    func checkWrapping(_ key: SessionObject, by publicKey: StoredObject, between: Int?) throws(ReturnCode) {
        if let between { try checkWrapping(key, by: between) }
        guard self == .separate, key.flag(CKA_SENSITIVE), publicKey.isOnToken else { return }
        throw .keyNotWrappable
    }

    /// Throws CKR_MECHANISM_INVALID where a private key may not unwrap so. One of the card decrypts anyway.
    func checkUnwrapping(by key: PrivateKeyUse, isPKCS1: Bool) throws(ReturnCode) {
        guard self == .separate, isPKCS1, key.cardKey == nil else { return }
        throw .mechanismInvalid
    }

    /// Whether a key may be the first bytes of what was unwrapped: each key of few bytes more tells one byte more.
    func allowsPart(_ count: Int) -> Bool { self == .standard || count >= DerivationScheme.leastPart }
}
