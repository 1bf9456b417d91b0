import CPKCS11
import HostCrypto

/// How a session object comes out of a template (PKCS#11 3.2, section 4.1).
extension SessionObject {
    /// The object that a template describes.
    ///
    /// - Parameter isOfficer: whether the SO is logged in.
    init(_ template: Template, slot: Slot, owner: UInt, isOfficer: Bool) throws(ReturnCode) {
        let rules = try ObjectSchema.rules(for: template)
        try Self.check(template, rules, isOfficer)
        var attributes: [AttributeType: [UInt8]] = [:]
        for rule in rules { attributes[rule.type] = template[rule.type] ?? rule.initial }
        var secret: StoredSecret?
        var publicKey: PublicKey?
        switch try template.required(CKA_CLASS) {
        case CKO_CERTIFICATE: try Self.complete(certificate: &attributes)
        case CKO_PUBLIC_KEY: publicKey = try Self.complete(publicKey: &attributes)
        case CKO_SECRET_KEY: secret = try Self.complete(secretKey: &attributes)
        default: break
        }
        self.init(slot: slot, owner: owner, attributes: attributes, secret: secret, publicKey: publicKey)
    }

    private static func check(
        _ template: Template, _ rules: [AttributeRule], _ isOfficer: Bool
    ) throws(ReturnCode) {
        for given in template.attributes {
            guard let rule = rules.first(where: { $0.type == given.type }) else { throw .attributeTypeInvalid }
            guard !rule.notes.contains(.forbidden) else { throw .attributeReadOnly }
            try rule.check(given.value)
            // CKA_TRUSTED by somebody else than the SO.
            if rule.notes.contains(.trueByOfficer), given.value == [1], !isOfficer { throw .attributeReadOnly }
        }
        for rule in rules where rule.notes.contains(.required) && template[rule.type] == nil {
            throw .templateIncomplete
        }
    }

    /// What a certificate says of itself fills in what the template leaves out, and must not contradict it.
    private static func complete(certificate attributes: inout [AttributeType: [UInt8]]) throws(ReturnCode) {
        let der = attributes[CKA_VALUE] ?? []
        guard !der.isEmpty || attributes[CKA_URL]?.isEmpty == false else { throw .attributeValueInvalid }
        guard let hash = try? Digest.sha1.hash(der) else { throw .functionFailed }
        try fill(CKA_CHECK_VALUE, of: &attributes, with: der.isEmpty ? [] : Array(hash.prefix(3)))
        // A certificate that this module cannot read is kept as it is: its value is the caller's business.
        let information = (try? Certificate(der: der))?.subjectPublicKeyInfo ?? []
        try fill(CKA_PUBLIC_KEY_INFO, of: &attributes, with: information)
    }

    private static func complete(
        publicKey attributes: inout [AttributeType: [UInt8]]
    ) throws(ReturnCode) -> PublicKey {
        guard let key = PublicKey(attributes: attributes) else { throw .attributeValueInvalid }
        do throws(HostCryptoError) {
            try key.validate()
        } catch {
            throw .attributeValueInvalid
        }
        // One form for both ways in which a point may be given.
        if let point = key.attribute(CKA_EC_POINT).bytes { attributes[CKA_EC_POINT] = point }
        if case .rsa(let bits) = key.type { attributes[CKA_MODULUS_BITS] = UInt(bits).nativeBytes }
        try fill(CKA_PUBLIC_KEY_INFO, of: &attributes, with: key.subjectPublicKeyInfo)
        return key
    }

    private static func complete(
        secretKey attributes: inout [AttributeType: [UInt8]]
    ) throws(ReturnCode) -> StoredSecret {
        guard let value = attributes.removeValue(forKey: CKA_VALUE), let number = attributes[CKA_KEY_TYPE],
            let type = UInt(nativeBytes: number).flatMap(SecretKeyType.init), type.takes(value.count)
        else { throw .attributeValueInvalid }
        attributes[CKA_VALUE_LEN] = UInt(value.count).nativeBytes
        try fill(CKA_CHECK_VALUE, of: &attributes, with: checkValue(of: value, type))
        return try StoredSecret(value)
    }

    /// CKA_CHECK_VALUE of a secret key (PKCS#11 3.2, section 4.10.2 and 6.13): AES encrypts a block of zeros, others
    /// are hashed; the first three bytes.
    private static func checkValue(of value: [UInt8], _ type: SecretKeyType) throws(ReturnCode) -> [UInt8] {
        do throws(HostCryptoError) {
            let cipher = BlockCipher.allCases.first { $0.keySize == value.count && $0.blockSize == 16 }
            if type == .aes, let cipher {
                let block = [UInt8](repeating: 0, count: cipher.blockSize)
                return Array(try cipher.encrypt(block, key: value, mode: .ecb).prefix(3))
            }
            return Array(try Digest.sha1.hash(value).prefix(3))
        } catch {
            throw ReturnCode(error)
        }
    }

    /// Sets an attribute that can be computed. A template may give it empty, or as it is.
    private static func fill(
        _ type: AttributeType, of attributes: inout [AttributeType: [UInt8]], with computed: [UInt8]
    ) throws(ReturnCode) {
        if let given = attributes[type] {
            // The empty value says that the object shall not have it.
            if given.isEmpty { return }
            guard given == computed || computed.isEmpty else { throw .attributeValueInvalid }
            return
        }
        attributes[type] = computed
    }
}

extension AttributeAnswer {
    /// The value, where there is one.
    var bytes: [UInt8]? {
        if case .value(let value) = self { return value }
        return nil
    }
}
