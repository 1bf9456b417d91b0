import CPKCS11
import Token

/// Attributes that are not the standard's. Their numbers and values are those of ykcs11 (CKA_YUBICO_PIN_POLICY,
/// CKA_YUBICO_TOUCH_POLICY), so that what works with it works here.
enum VendorAttribute {
    /// CK_ULONG: 0 what the card takes, 1 never, 2 once, 3 always.
    static let pinPolicy: AttributeType = CKA_VENDOR_DEFINED | 0x5955_4202
    /// CK_ULONG: 0 what the card takes, 1 never, 2 always, 3 cached.
    static let touchPolicy: AttributeType = CKA_VENDOR_DEFINED | 0x5955_4201
}

/// What templates may say of a key that is to lie on the card. A card decides for itself what a key may do and what it is
/// called; so what says that is looked at for its form alone.
struct CardKeyTemplate {
    private let template: Template

    /// - Parameter numbers: the attributes that hold the key itself, or say what it is to be.
    /// - Throws: where the template speaks of something else than such a key, or asks for what no card does: to give a
    ///   private key away again.
    init(
        _ template: Template, _ objectClass: UInt, keyType: UInt, numbers: [AttributeRule]
    ) throws(ReturnCode) {
        let rules = Self.common + (objectClass == CKO_PRIVATE_KEY ? Self.privateKey : Self.publicKey) + numbers
        for given in template.attributes {
            guard let rule = rules.first(where: { $0.type == given.type }) else { throw .attributeTypeInvalid }
            try rule.check(given.value)
        }
        let fixed: [(AttributeType, [UInt8])] = [
            (CKA_CLASS, objectClass.nativeBytes), (CKA_KEY_TYPE, keyType.nativeBytes), (CKA_SENSITIVE, [1]),
            (CKA_EXTRACTABLE, [0]),
        ]
        for (type, value) in fixed where template[type] != nil && template[type] != value {
            throw .templateInconsistent
        }
        self.template = template
    }

    /// What the template asks for beside the key. CKA_ALWAYS_AUTHENTICATE and the PIN policy must not contradict each
    /// other.
    func request() throws(ReturnCode) -> KeyRequest {
        var request = KeyRequest()
        if template[VendorAttribute.pinPolicy] != nil {
            request.pin = try policy(VendorAttribute.pinPolicy, [.never, .once, .always])
        }
        if template[VendorAttribute.touchPolicy] != nil {
            request.touch = try policy(VendorAttribute.touchPolicy, [.never, .always, .cached])
        }
        if try template.flag(CKA_ALWAYS_AUTHENTICATE, otherwise: false) {
            guard request.pin == nil || request.pin == .always else { throw .templateInconsistent }
            request.pin = .always
        }
        return request
    }

    /// The value is counted from 1; 0 leaves it to the card.
    private func policy<Policy>(_ type: AttributeType, _ policies: [Policy]) throws(ReturnCode) -> Policy? {
        let number = try template.required(type)
        if number == 0 { return nil }
        guard number <= policies.count else { throw .attributeValueInvalid }
        return policies[Int(number) - 1]
    }

    private static func flags(_ types: AttributeType...) -> [AttributeRule] { types.map { AttributeRule($0, .flag) } }

    private static let common: [AttributeRule] =
        flags(CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE, CKA_DERIVE) + [
            AttributeRule(CKA_CLASS, .number), AttributeRule(CKA_KEY_TYPE, .number), AttributeRule(CKA_LABEL, .text),
            AttributeRule(CKA_ID, .bytes), AttributeRule(CKA_SUBJECT, .bytes), AttributeRule(CKA_START_DATE, .date),
            AttributeRule(CKA_END_DATE, .date), AttributeRule(CKA_ALLOWED_MECHANISMS, .mechanisms),
        ]

    private static let publicKey =
        flags(CKA_ENCRYPT, CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_WRAP, CKA_TRUSTED)

    private static let privateKey =
        flags(
            CKA_SENSITIVE, CKA_DECRYPT, CKA_SIGN, CKA_SIGN_RECOVER, CKA_UNWRAP, CKA_EXTRACTABLE, CKA_WRAP_WITH_TRUSTED,
            CKA_ALWAYS_AUTHENTICATE)
        + [AttributeRule(VendorAttribute.pinPolicy, .number), AttributeRule(VendorAttribute.touchPolicy, .number)]

    /// The numbers that a template of C_GenerateKeyPair gives.
    static let numbersToGenerate: [AttributeRule] = [
        AttributeRule(CKA_MODULUS_BITS, .number), AttributeRule(CKA_PUBLIC_EXPONENT, .bytes),
        AttributeRule(CKA_EC_PARAMS, .bytes),
    ]

    /// The numbers of a private key that is imported.
    static let numbersToImport: [AttributeRule] = [
        CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
        CKA_EXPONENT_2, CKA_COEFFICIENT, CKA_EC_PARAMS, CKA_VALUE, CKA_PUBLIC_KEY_INFO,
    ].map { AttributeRule($0, .bytes) }
}
