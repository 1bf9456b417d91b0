import CPKCS11

/// Which attributes an object in memory has, by its class and type (PKCS#11 3.2, sections 4.4 to 4.10).
///
/// Not here, and refused: domain parameters, certificates other than X.509, and attributes that hold
/// templates.
enum ObjectSchema {
    /// The rules for the object that a template describes.
    static func rules(for template: Template) throws(ReturnCode) -> [AttributeRule] {
        switch try template.required(CKA_CLASS) {
        case CKO_DATA: return storage + data
        case CKO_CERTIFICATE:
            guard try template.required(CKA_CERTIFICATE_TYPE) == CKC_X_509 else { throw .attributeValueInvalid }
            return storage + certificate
        case CKO_PUBLIC_KEY: return try storage + key + publicKey + publicNumbers(template.required(CKA_KEY_TYPE))
        case CKO_PRIVATE_KEY: return try storage + key + privateKey + privateNumbers(template.required(CKA_KEY_TYPE))
        case CKO_SECRET_KEY:
            guard SecretKeyType(try template.required(CKA_KEY_TYPE)) != nil else { throw .attributeValueInvalid }
            return storage + key + secretKey
        default: throw .attributeValueInvalid
        }
    }

    private static let storage: [AttributeRule] = [
        AttributeRule(CKA_CLASS, .number, .required),
        .flag(CKA_TOKEN, false, .copyable), .flag(CKA_PRIVATE, false, [.copyable, .staysTrue]),
        .flag(CKA_MODIFIABLE, true, .copyable), .text(CKA_LABEL),
        .flag(CKA_COPYABLE, true, [.modifiable, .staysFalse]), .flag(CKA_DESTROYABLE, true, .copyable),
        AttributeRule(CKA_UNIQUE_ID, .text, .computed),
    ]

    private static let data: [AttributeRule] = [.text(CKA_APPLICATION), .bytes(CKA_OBJECT_ID), .bytes(CKA_VALUE)]

    private static let certificate: [AttributeRule] = [
        AttributeRule(CKA_CERTIFICATE_TYPE, .number, .required),
        .flag(CKA_TRUSTED, false, [.modifiable, .trueByOfficer]),
        .number(CKA_CERTIFICATE_CATEGORY, CK_CERTIFICATE_CATEGORY_UNSPECIFIED),
        AttributeRule(CKA_CHECK_VALUE, .bytes), .date(CKA_START_DATE, []), .date(CKA_END_DATE, []),
        AttributeRule(CKA_PUBLIC_KEY_INFO, .bytes),
        AttributeRule(CKA_SUBJECT, .bytes, .required), .bytes(CKA_ID), .bytes(CKA_ISSUER), .bytes(CKA_SERIAL_NUMBER),
        AttributeRule(CKA_VALUE, .bytes, .required), .text(CKA_URL, []),
        .bytes(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, []), .bytes(CKA_HASH_OF_ISSUER_PUBLIC_KEY, []),
        .number(CKA_JAVA_MIDP_SECURITY_DOMAIN, CK_SECURITY_DOMAIN_UNSPECIFIED),
        .number(CKA_NAME_HASH_ALGORITHM, CKM_SHA_1),
    ]

    private static let key: [AttributeRule] = [
        AttributeRule(CKA_KEY_TYPE, .number, [.required, .requiredToUnwrap]), .bytes(CKA_ID), .date(CKA_START_DATE),
        .date(CKA_END_DATE), .flag(CKA_DERIVE, false), .flag(CKA_LOCAL, false, .computed),
        .number(CKA_KEY_GEN_MECHANISM, CK_UNAVAILABLE_INFORMATION, .computed),
        AttributeRule(CKA_ALLOWED_MECHANISMS, .mechanisms),
    ]

    private static let publicKey: [AttributeRule] = [
        .bytes(CKA_SUBJECT), .flag(CKA_ENCRYPT, false), .flag(CKA_VERIFY, true), .flag(CKA_VERIFY_RECOVER, false),
        .flag(CKA_WRAP, false), .flag(CKA_TRUSTED, false, [.modifiable, .trueByOfficer]),
        AttributeRule(CKA_PUBLIC_KEY_INFO, .bytes),
    ]

    private static func publicNumbers(_ keyType: UInt) throws(ReturnCode) -> [AttributeRule] {
        switch keyType {
        case CKK_RSA:
            [
                AttributeRule(CKA_MODULUS, .bytes, [.required, .forbiddenToGenerate]),
                AttributeRule(CKA_MODULUS_BITS, .number, [.forbidden, .requiredToGenerate]),
                AttributeRule(CKA_PUBLIC_EXPONENT, .bytes, .required),
            ]
        case CKK_EC, CKK_EC_EDWARDS, CKK_EC_MONTGOMERY:
            [
                AttributeRule(CKA_EC_PARAMS, .bytes, [.required, .requiredToGenerate]),
                AttributeRule(CKA_EC_POINT, .bytes, [.required, .forbiddenToGenerate]),
            ]
        default: throw .attributeValueInvalid
        }
    }

    /// A private key in memory never leaves: of CKA_SENSITIVE and CKA_EXTRACTABLE the standard lets the token choose the
    /// default, and this is the only value. For CKA_ALWAYS_AUTHENTICATE there is no PIN.
    static let fixedOfPrivateKeys: [AttributeType: [UInt8]] = [
        CKA_SENSITIVE: [1], CKA_EXTRACTABLE: [0], CKA_ALWAYS_AUTHENTICATE: [0],
    ]

    private static let privateKey: [AttributeRule] = [
        .bytes(CKA_SUBJECT), .flag(CKA_SENSITIVE, true, [.modifiable, .staysTrue]), .flag(CKA_DECRYPT, false),
        .flag(CKA_SIGN, true), .flag(CKA_SIGN_RECOVER, false), .flag(CKA_UNWRAP, false),
        .flag(CKA_EXTRACTABLE, false, [.modifiable, .staysFalse]), .flag(CKA_ALWAYS_SENSITIVE, false, .computed),
        .flag(CKA_NEVER_EXTRACTABLE, false, .computed),
        .flag(CKA_WRAP_WITH_TRUSTED, false, [.modifiable, .staysTrue]), .flag(CKA_ALWAYS_AUTHENTICATE, false, []),
        AttributeRule(CKA_PUBLIC_KEY_INFO, .bytes),
    ]

    /// Which of them C_CreateObject needs, the numbers' reader tells.
    private static func privateNumbers(_ keyType: UInt) throws(ReturnCode) -> [AttributeRule] {
        let types: [AttributeType] =
            switch keyType {
            case CKK_RSA:
                [
                    CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
                    CKA_EXPONENT_2, CKA_COEFFICIENT,
                ]
            case CKK_EC, CKK_EC_EDWARDS, CKK_EC_MONTGOMERY: [CKA_EC_PARAMS, CKA_VALUE]
            default: throw .attributeValueInvalid
            }
        return types.map { AttributeRule($0, .bytes, [.forbiddenToGenerate, .forbiddenToUnwrap]) }
    }

    /// CKA_EXTRACTABLE, whose default is the token's choice, keeps a key in where the template says nothing.
    private static let secretKey: [AttributeRule] = [
        .flag(CKA_SENSITIVE, false, [.modifiable, .staysTrue]), .flag(CKA_ENCRYPT, false), .flag(CKA_DECRYPT, false),
        .flag(CKA_SIGN, false), .flag(CKA_VERIFY, false), .flag(CKA_WRAP, false), .flag(CKA_UNWRAP, false),
        .flag(CKA_EXTRACTABLE, false, [.modifiable, .staysFalse]), .flag(CKA_ALWAYS_SENSITIVE, false, .computed),
        .flag(CKA_NEVER_EXTRACTABLE, false, .computed), AttributeRule(CKA_CHECK_VALUE, .bytes),
        .flag(CKA_WRAP_WITH_TRUSTED, false, [.modifiable, .staysTrue]),
        .flag(CKA_TRUSTED, false, [.modifiable, .trueByOfficer]),
        AttributeRule(CKA_VALUE, .bytes, [.required, .forbiddenToGenerate, .forbiddenToUnwrap]),
        AttributeRule(CKA_VALUE_LEN, .number, [.forbidden, .requiredToGenerate]),
    ]
}
