import CPKCS11
import Token

/// The attributes of an AES key on the card (PKCS#11 3.2, section 4.10). How long the key is the card does not tell, so it
/// has no CKA_VALUE_LEN, and no CKA_CHECK_VALUE, for to compute one would be a use of the key; where it has been before it came
/// to the card nobody knows.
extension TokenObject {
    func secretKeyAttribute(_ type: AttributeType) throws(TokenError) -> AttributeAnswer {
        switch type {
        case CKA_KEY_TYPE: .number(CKK_AES)
        case CKA_SENSITIVE, CKA_ENCRYPT, CKA_DECRYPT: .flag(true)
        case CKA_EXTRACTABLE, CKA_SIGN, CKA_VERIFY, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE, CKA_LOCAL, CKA_ALWAYS_SENSITIVE,
            CKA_NEVER_EXTRACTABLE, CKA_WRAP_WITH_TRUSTED, CKA_TRUSTED:
            .flag(false)
        case CKA_KEY_GEN_MECHANISM: .number(CK_UNAVAILABLE_INFORMATION)
        case CKA_ALLOWED_MECHANISMS: .numbers(MechanismCatalogue.ofSecretKeysOnCard)
        case CKA_START_DATE, CKA_END_DATE: .value([])
        case CKA_VALUE: .sensitive
        default: .absent
        }
    }
}
