import CPKCS11
import HostCrypto
import Keys
import SoftToken

/// Where a session object comes from: which rules hold for its template, and what it can say of its past.
enum ObjectOrigin {
    /// C_CreateObject.
    case created
    /// C_GenerateKey or C_GenerateKeyPair with a mechanism.
    case generated(by: UInt)
    /// C_UnwrapKey.
    case unwrapped
    /// C_DeriveKey from keys that all have CKA_ALWAYS_SENSITIVE, or CKA_NEVER_EXTRACTABLE.
    case derived(alwaysSensitive: Bool, neverExtractable: Bool)

    fileprivate var required: AttributeRule.Notes {
        switch self {
        case .created: .required
        case .generated: .requiredToGenerate
        case .unwrapped, .derived: .requiredToUnwrap
        }
    }

    fileprivate var forbidden: AttributeRule.Notes {
        switch self {
        case .created: .forbidden
        case .generated: .forbiddenToGenerate
        case .unwrapped, .derived: .forbiddenToUnwrap
        }
    }
}

/// How a session object comes out of a template (PKCS#11 3.2, section 4.1).
extension SessionObject {
    /// The object that a template describes.
    ///
    /// - Parameters:
    ///   - secret: the value of a secret key, where it is not in the template.
    ///   - pair: the key pair that a private key, or a public key that was generated, is a half of.
    ///   - isOfficer: whether the SO is logged in.
    init(
        _ template: Template, from origin: ObjectOrigin = .created, secret: StoredSecret? = nil,
        pair: PrivateKey? = nil, slot: Slot, owner: UInt, isOfficer: Bool
    ) throws(ReturnCode) {
        let rules = try Self.check(template, origin, isOfficer: isOfficer)
        var attributes: [AttributeType: [UInt8]] = [:]
        for rule in rules {
            attributes[rule.type] = pair?.publicKey.attribute(rule.type).bytes ?? template[rule.type] ?? rule.initial
        }
        var value = secret
        var publicKey: PublicKey?
        switch try template.required(CKA_CLASS) {
        case CKO_CERTIFICATE: try Self.complete(certificate: &attributes)
        case CKO_PUBLIC_KEY:
            publicKey = try Self.complete(publicKey: &attributes)
            Self.note(origin, in: &attributes)
        case CKO_PRIVATE_KEY:
            guard let pair else { throw .attributeValueInvalid }
            for type in PublicKey.privateNumbers { attributes[type] = nil }
            try Self.fill(CKA_PUBLIC_KEY_INFO, of: &attributes, with: pair.publicKey.subjectPublicKeyInfo)
            Self.note(origin, in: &attributes)
        case CKO_SECRET_KEY:
            // Of an unwrapped key the standard names the default (PKCS#11 3.2, section 5.18.4).
            if case .unwrapped = origin { attributes[CKA_EXTRACTABLE] = template[CKA_EXTRACTABLE] ?? [1] }
            value = try Self.complete(secretKey: &attributes, secret, from: origin)
            Self.note(origin, in: &attributes)
        default: break
        }
        self.init(
            slot: slot, owner: owner, uniqueID: try Self.newUniqueID(), attributes: attributes, secret: value,
            publicKey: publicKey,
            privateKey: publicKey == nil ? pair.map { MemoryKey($0) } : nil)
    }

    /// A CKA_UNIQUE_ID that no other object has, in this process or another, now or later.
    static func newUniqueID() throws(ReturnCode) -> [UInt8] {
        let random: [UInt8]
        do throws(HostCryptoError) {
            random = try Random.bytes(16)
        } catch {
            throw ReturnCode(error)
        }
        let digits = Array("0123456789abcdef".utf8)
        return random.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] }
    }

    /// Throws where no object can come out of a template. What its value makes wrong is not found here.
    ///
    /// - Returns: the rules for the object.
    @discardableResult
    static func check(
        _ template: Template, _ origin: ObjectOrigin, isOfficer: Bool
    ) throws(ReturnCode) -> [AttributeRule] {
        let rules = try ObjectSchema.rules(for: template)
        for given in template.attributes {
            guard let rule = rules.first(where: { $0.type == given.type }) else { throw .attributeTypeInvalid }
            guard rule.notes.isDisjoint(with: origin.forbidden) else { throw .attributeReadOnly }
            try rule.check(given.value)
            // CKA_TRUSTED by somebody else than the SO.
            if rule.notes.contains(.trueByOfficer), given.value == [1], !isOfficer { throw .attributeReadOnly }
        }
        for rule in rules where !rule.notes.isDisjoint(with: origin.required) && template[rule.type] == nil {
            throw .templateIncomplete
        }
        if template[CKA_CLASS] == CKO_PRIVATE_KEY.nativeBytes {
            for (type, value) in ObjectSchema.fixedOfPrivateKeys where template[type] ?? value != value {
                throw .templateInconsistent
            }
        }
        return rules
    }

    /// What a key says of its past (PKCS#11 3.2, sections 4.7 to 4.10).
    private static func note(_ origin: ObjectOrigin, in attributes: inout [AttributeType: [UInt8]]) {
        let (wasSensitive, wasKept): (Bool, Bool)
        switch origin {
        case .created, .unwrapped: (wasSensitive, wasKept) = (false, false)
        case .generated(let mechanism):
            (wasSensitive, wasKept) = (true, true)
            attributes[CKA_LOCAL] = [1]
            attributes[CKA_KEY_GEN_MECHANISM] = mechanism.nativeBytes
        case .derived(let alwaysSensitive, let neverExtractable):
            (wasSensitive, wasKept) = (alwaysSensitive, neverExtractable)
        }
        // A public key has no secret to tell of.
        guard attributes[CKA_SENSITIVE] != nil else { return }
        attributes[CKA_ALWAYS_SENSITIVE] = wasSensitive && attributes[CKA_SENSITIVE] == [1] ? [1] : [0]
        attributes[CKA_NEVER_EXTRACTABLE] = wasKept && attributes[CKA_EXTRACTABLE] == [0] ? [1] : [0]
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
        secretKey attributes: inout [AttributeType: [UInt8]], _ secret: StoredSecret?, from origin: ObjectOrigin
    ) throws(ReturnCode) -> StoredSecret {
        let given = attributes.removeValue(forKey: CKA_VALUE)
        guard let type = attributes[CKA_KEY_TYPE].flatMap({ UInt(nativeBytes: $0) }).flatMap(SecretKeyType.init),
            let count = secret?.count ?? given?.count, type.takes(count),
            let stored = if let secret { secret } else { try given.map(Self.stored) }
        else { throw .attributeValueInvalid }
        attributes[CKA_VALUE_LEN] = UInt(stored.count).nativeBytes
        // Whoever created a key that is not sensitive knows it.
        let isKnown = if case .created = origin { true } else { attributes[CKA_EXTRACTABLE] == [1] }
        let mayBeTold = attributes[CKA_SENSITIVE] == [0] && isKnown
        guard mayBeTold || stored.count >= DerivationScheme.leastPart else {
            // It would tell what a short key is. A guess at it is not looked at (PKCS#11 3.2, section 4.10.2: a token
            // that does not support the attribute ignores it).
            attributes[CKA_CHECK_VALUE] = nil
            return stored
        }
        try fill(CKA_CHECK_VALUE, of: &attributes, with: checkValue(of: stored, type))
        return stored
    }

    /// CKA_CHECK_VALUE of a secret key (PKCS#11 3.2, section 4.10.2 and 6.13): AES encrypts a block of zeros, others are
    /// hashed; the first three bytes.
    private static func checkValue(of secret: StoredSecret, _ type: SecretKeyType) throws(ReturnCode) -> [UInt8] {
        try ReturnCode.translating { () throws(SoftTokenError) in
            try secret.using { (bytes) throws(HostCryptoError) in try checkValue(of: bytes, type) }
        }
    }

    private static func stored(_ bytes: [UInt8]) throws(ReturnCode) -> StoredSecret {
        try ReturnCode.translating { () throws(SoftTokenError) in try StoredSecret(bytes) }
    }

    private static func checkValue(of bytes: RawSpan, _ type: SecretKeyType) throws(HostCryptoError) -> [UInt8] {
        let cipher = BlockCipher.allCases.first { $0.keySize == bytes.byteCount && $0.blockSize == 16 }
        if type == .aes, let cipher {
            let block = [UInt8](repeating: 0, count: cipher.blockSize)
            return Array(try cipher.encrypt(block, key: bytes, mode: .ecb).prefix(3))
        }
        return Array(try Digest.sha1.hash(bytes).prefix(3))
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
