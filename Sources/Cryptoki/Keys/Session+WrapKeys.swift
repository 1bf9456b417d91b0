import CPKCS11
import HostCrypto
import Platform
import SoftToken

/// How a mechanism wraps secret keys: it encrypts their values.
struct WrappingScheme {
    let cipher: CipherScheme
    /// The value is filled up with zeros to a multiple of this.
    let unit: Int

    init(_ cipher: CipherScheme, filledTo unit: Int = 1) {
        self.cipher = cipher
        self.unit = unit
    }

    /// Whether nothing else can be unwrapped than what was wrapped.
    var provesIntegrity: Bool { [.keyWrap, .keyWrapPadded, .keyWrapPKCS7].contains(cipher) }

    /// Whether the length of the key cannot be told from the length of the result.
    func isAmbiguous(_ type: SecretKeyType, _ count: Int) -> Bool {
        guard unit > 1 else { return false }
        // Of the lengths of AES keys only 24 is filled up, and only to whole blocks.
        return type != .aes || unit == 16 && count == 32
    }
}

/// C_WrapKey and C_UnwrapKey (PKCS#11 3.2, sections 5.18.3 and 5.18.4): secret keys in memory, wrapped by such keys too, by
/// RSA, or by elliptic curves.
extension Session {
    /// C_WrapKey.
    public func wrapKey(
        mechanism: Mechanism, wrappingKey: UInt, key: UInt, capacity: Int?
    ) throws(ReturnCode) -> Output {
        try checkPresence()
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.rsaWrapping {
            return try wrapWithRSA(scheme, mechanism, wrappingKey, key, capacity)
        }
        if entry?.wrapsByAgreement == true {
            return try wrapByAgreement(mechanism, wrappingKey, key, capacity)
        }
        guard let scheme = entry?.wrapping, library.keyRoles.allows(scheme) else { throw .mechanismInvalid }
        let wrapping = try secretKey(wrappingKey, for: CKA_WRAP, mechanism.type, .aes, .wrapping)
        let (object, secret) = try wrappableSecret(key, byTrusted: wrapping.object.flag(CKA_TRUSTED))
        try library.keyRoles.checkWrapping(object, by: wrapping.secret.count)
        let operation = try scheme.cipher.operation(mechanism.parameter, wrapping.secret, isEncrypting: true)
        var value = secret.copy(filledTo: scheme.unit)
        defer { value.wipe() }
        do throws(ReturnCode) {
            return try operation.process(value.span.bytes, capacity: capacity)
        } catch {
            throw error == .dataLengthRange ? .keySizeRange : error
        }
    }

    /// C_UnwrapKey: a secret key in memory, or a private key (PrivateKeyInfo), with CKA_TOKEN on the card and else in memory.
    public func unwrapKey(
        mechanism: Mechanism, unwrappingKey: UInt, wrapped: RawSpan, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        try checkPresence()
        let entry = MechanismCatalogue.entry(mechanism.type)
        if let scheme = entry?.rsaWrapping {
            return try unwrapWithRSA(scheme, mechanism, unwrappingKey, wrapped, attributes)
        }
        if entry?.wrapsByAgreement == true {
            return try unwrapByAgreement(mechanism, unwrappingKey, wrapped, attributes)
        }
        guard let scheme = entry?.wrapping, library.keyRoles.allows(scheme) else { throw .mechanismInvalid }
        let key = try secretKey(unwrappingKey, for: CKA_UNWRAP, mechanism.type, .aes, .unwrapping)
        if attributes.contains(Attribute(CKA_CLASS, CKO_PRIVATE_KEY.nativeBytes)) {
            let operation = try scheme.cipher.operation(mechanism.parameter, key.secret, isEncrypting: false)
            return try unwrapPrivateKey(wrapped, operation, Template(attributes))
        }
        let (template, type) = try unwrapTemplate(attributes)
        let operation = try scheme.cipher.operation(mechanism.parameter, key.secret, isEncrypting: false)
        guard wrapped.byteCount <= SecretKeyType.sizes.upperBound + 2 * AESStream.blockSize else {
            throw .wrappedKeyLengthRange
        }
        var value = try unwrapped(wrapped, operation)
        defer { value.wipe() }
        let count = try keySize(template, type, scheme, value.count)
        value.truncate(to: count)
        return try addKey(template, from: .unwrapped, wiping: &value)
    }

    /// The template of a secret key that is unwrapped: those are held in memory alone.
    func unwrapTemplate(
        _ attributes: [Attribute]
    ) throws(ReturnCode) -> (Template, SecretKeyType) {
        let template = try Template(attributes)
        guard try template.required(CKA_CLASS) == CKO_SECRET_KEY else { throw .templateInconsistent }
        guard let type = SecretKeyType(try template.required(CKA_KEY_TYPE)) else { throw .attributeValueInvalid }
        try checkStaysInMemory(template)
        try SessionObject.check(template, .unwrapped, isOfficer: isOfficer)
        return (template, type)
    }

    /// The same for one that a private key unwraps: what is wrong with the template must be said before that key is used,
    /// or the answer would tell that the padding was right.
    func privateKeyUnwrapTemplate(
        _ attributes: [Attribute]
    ) throws(ReturnCode) -> (Template, SecretKeyType) {
        let (template, type) = try unwrapTemplate(attributes)
        if template[CKA_VALUE_LEN] != nil, !type.takes(Int(clamping: try template.required(CKA_VALUE_LEN))) {
            throw .attributeValueInvalid
        }
        return (template, type)
    }

    /// A key that may leave, wrapped by another one, and its value.
    ///
    /// - Parameter isTrusted: CKA_TRUSTED of the other one.
    func wrappableSecret(
        _ handle: UInt, byTrusted isTrusted: Bool
    ) throws(ReturnCode) -> (SessionObject, StoredSecret) {
        let found: StoredObject
        do throws(ReturnCode) {
            found = try object(handle)
        } catch {
            throw .keyHandleInvalid
        }
        switch (found.objectClass, found) {
        case (CKO_SECRET_KEY, .session(let object)):
            guard object.flag(CKA_EXTRACTABLE) else { throw .keyUnextractable }
            if object.flag(CKA_WRAP_WITH_TRUSTED), !isTrusted { throw .keyNotWrappable }
            guard let secret = object.secret else { throw .keyNotWrappable }
            return (object, secret)
        case (CKO_PRIVATE_KEY, _), (CKO_SECRET_KEY, _): throw .keyUnextractable
        case (CKO_PUBLIC_KEY, _): throw .keyNotWrappable
        default: throw .keyHandleInvalid
        }
    }

    /// The same, wrapped by a public key.
    ///
    /// - Parameter between: the bytes of the AES key that wraps it, where the public key wraps that one.
    func wrappableSecret(
        _ handle: UInt, byPublicKey wrapping: UInt, between: Int?
    ) throws(ReturnCode) -> StoredSecret {
        let publicKey = try object(wrapping)
        let isTrusted = try answer(publicKey, CKA_TRUSTED) == .flag(true)
        let (object, secret) = try wrappableSecret(handle, byTrusted: isTrusted)
        try library.keyRoles.checkWrapping(object, by: publicKey, between: between)
        return secret
    }

    /// Makes a key out of what a private key has unwrapped, which is wiped. There is one answer for all that can be wrong with
    /// it, so that no second error tells whether a padding was right. That there is a key tells it; with CKA_VALUE_LEN in the
    /// template only of a padding with so many bytes behind it.
    func addUnwrapped(
        _ value: inout [UInt8], _ template: Template, _ type: SecretKeyType
    ) throws(ReturnCode) -> UInt {
        defer { value.wipe() }
        let wanted = template[CKA_VALUE_LEN] == nil ? value.count : Int(clamping: try template.required(CKA_VALUE_LEN))
        guard value.count == wanted, type.takes(value.count) else { throw .wrappedKeyInvalid }
        return try addKey(template, from: .unwrapped, wiping: &value)
    }

    func unwrapped(
        _ wrapped: RawSpan, _ operation: any CipherOperation
    ) throws(ReturnCode) -> [UInt8] {
        do throws(ReturnCode) {
            switch try operation.process(wrapped, capacity: wrapped.byteCount) {
            case .plaintext(let bytes), .bytes(let bytes): return bytes
            case .secret(let secret): return secret.copy()
            case .length, .tooSmall, .written: throw ReturnCode.functionFailed
            }
        } catch {
            switch error {
            case .encryptedDataLengthRange: throw .wrappedKeyLengthRange
            case .encryptedDataInvalid: throw .wrappedKeyInvalid
            default: throw error
            }
        }
    }

    /// How much of what was unwrapped is the key.
    private func keySize(
        _ template: Template, _ type: SecretKeyType, _ scheme: WrappingScheme, _ count: Int
    ) throws(ReturnCode) -> Int {
        guard template[CKA_VALUE_LEN] != nil else {
            guard !scheme.isAmbiguous(type, count) else { throw .templateIncomplete }
            guard type.takes(count) else { throw .wrappedKeyLengthRange }
            return count
        }
        let wanted = Int(clamping: try template.required(CKA_VALUE_LEN))
        guard wanted <= count, count - wanted < scheme.unit, type.takes(wanted),
            wanted == count || library.keyRoles.allowsPart(wanted)
        else { throw .wrappedKeyLengthRange }
        return wanted
    }
}

extension StoredSecret {
    /// A copy with zeros after it up to a multiple of `unit`. Whoever asked wipes it.
    fileprivate func copy(filledTo unit: Int) -> [UInt8] {
        withBytes { bytes in
            let size = (bytes.byteCount + unit - 1) / unit * unit
            var copy: [UInt8] = []
            copy.reserveCapacity(size)
            copy.append(contentsOf: bytes)
            copy.append(contentsOf: repeatElement(0, count: size - bytes.byteCount))
            return copy
        }
    }
}
