import CPKCS11
import HostCrypto
import Keys

/// The mechanisms with secret keys, which the host computes (PKCS#11 3.2, sections 6.8, 6.10 to 6.16, 6.20 to 6.31,
/// 6.43 and 6.62).
extension MechanismCatalogue {
    static let symmetric = generation + ciphers + aesCodes + hashed + derivations

    /// CKK_…_HMAC of each hash function.
    static let hmacKeyTypes: [Digest: UInt] = [
        .sha1: CKK_SHA_1_HMAC, .sha224: CKK_SHA224_HMAC, .sha256: CKK_SHA256_HMAC, .sha384: CKK_SHA384_HMAC,
        .sha512: CKK_SHA512_HMAC, .sha3_224: CKK_SHA3_224_HMAC, .sha3_256: CKK_SHA3_256_HMAC,
        .sha3_384: CKK_SHA3_384_HMAC, .sha3_512: CKK_SHA3_512_HMAC,
    ]

    /// CKA_ALLOWED_MECHANISMS of an AES key on a card.
    static let ofSecretKeysOnCard = [CKM_AES_CBC]

    /// In bytes.
    private static let aesSizes: ClosedRange<UInt> = 16...32
    /// In bytes.
    private static let secretSizes = UInt(SecretKeyType.sizes.lowerBound)...UInt(SecretKeyType.sizes.upperBound)
    private static let iv = ParameterForm.bytes(most: 16)

    private static let generation: [MechanismEntry] = [
        MechanismEntry(type: CKM_AES_KEY_GEN, keySizes: aesSizes, generates: CKK_AES),
        // In bits.
        MechanismEntry(
            type: CKM_GENERIC_SECRET_KEY_GEN, keySizes: 8 * secretSizes.lowerBound...8 * secretSizes.upperBound,
            generates: CKK_GENERIC_SECRET),
        MechanismEntry(type: CKM_HKDF_KEY_GEN, keySizes: secretSizes, generates: CKK_HKDF),
    ]

    private static let ciphers: [MechanismEntry] = [
        (CKM_AES_ECB, ParameterForm.none, CipherScheme.ecb, WrappingScheme(.ecb, filledTo: 16)),
        (CKM_AES_CBC, iv, .cbc, WrappingScheme(.cbc, filledTo: 16)),
        (CKM_AES_CBC_PAD, iv, .cbcPadded, WrappingScheme(.cbcPadded)),
        (CKM_AES_CTR, .counter, .ctr, nil), (CKM_AES_OFB, iv, .ofb, nil), (CKM_AES_CFB8, iv, .cfb8, nil),
        (CKM_AES_CFB128, iv, .cfb128, nil), (CKM_AES_GCM, .gcm, .gcm, nil), (CKM_AES_CCM, .ccm, .ccm, nil),
        (CKM_AES_KEY_WRAP, .bytes(most: 8), .keyWrap, WrappingScheme(.keyWrap, filledTo: 8)),
        // The deprecated mechanism is to other tokens what is now called KWP, and is so here.
        (CKM_AES_KEY_WRAP_PAD, .bytes(most: 4), .keyWrapPadded, WrappingScheme(.keyWrapPadded)),
        (CKM_AES_KEY_WRAP_KWP, .bytes(most: 4), .keyWrapPadded, WrappingScheme(.keyWrapPadded)),
        (CKM_AES_KEY_WRAP_PKCS7, .bytes(most: 8), .keyWrapPKCS7, WrappingScheme(.keyWrapPKCS7)),
    ].map { (type: UInt, parameter: ParameterForm, scheme: CipherScheme, wrapping: WrappingScheme?) in
        MechanismEntry(
            type: type, parameter: parameter, keySizes: aesSizes, cipher: scheme, wrapping: wrapping,
            isForMessages: type == CKM_AES_GCM)
    }

    private static let aesCodes: [MechanismEntry] = [
        MechanismEntry(
            type: CKM_AES_CMAC, keySizes: aesSizes, code: CodeScheme(function: .aesCMAC, isGeneral: false)),
        MechanismEntry(
            type: CKM_AES_CMAC_GENERAL, parameter: .number, keySizes: aesSizes,
            code: CodeScheme(function: .aesCMAC, isGeneral: true)),
    ]

    /// For each hash function its HMAC, that with a length of one's own, the generation of keys and the derivation.
    private static let hashed: [MechanismEntry] = [
        (Digest.sha1, CKM_SHA_1_HMAC, CKM_SHA_1_HMAC_GENERAL, CKM_SHA_1_KEY_GEN, CKM_SHA1_KEY_DERIVATION),
        (.sha224, CKM_SHA224_HMAC, CKM_SHA224_HMAC_GENERAL, CKM_SHA224_KEY_GEN, CKM_SHA224_KEY_DERIVATION),
        (.sha256, CKM_SHA256_HMAC, CKM_SHA256_HMAC_GENERAL, CKM_SHA256_KEY_GEN, CKM_SHA256_KEY_DERIVATION),
        (.sha384, CKM_SHA384_HMAC, CKM_SHA384_HMAC_GENERAL, CKM_SHA384_KEY_GEN, CKM_SHA384_KEY_DERIVATION),
        (.sha512, CKM_SHA512_HMAC, CKM_SHA512_HMAC_GENERAL, CKM_SHA512_KEY_GEN, CKM_SHA512_KEY_DERIVATION),
        (
            .sha3_224, CKM_SHA3_224_HMAC, CKM_SHA3_224_HMAC_GENERAL, CKM_SHA3_224_KEY_GEN, CKM_SHA3_224_KEY_DERIVATION
        ),
        (
            .sha3_256, CKM_SHA3_256_HMAC, CKM_SHA3_256_HMAC_GENERAL, CKM_SHA3_256_KEY_GEN, CKM_SHA3_256_KEY_DERIVATION
        ),
        (
            .sha3_384, CKM_SHA3_384_HMAC, CKM_SHA3_384_HMAC_GENERAL, CKM_SHA3_384_KEY_GEN, CKM_SHA3_384_KEY_DERIVATION
        ),
        (
            .sha3_512, CKM_SHA3_512_HMAC, CKM_SHA3_512_HMAC_GENERAL, CKM_SHA3_512_KEY_GEN, CKM_SHA3_512_KEY_DERIVATION
        ),
    ].flatMap { (digest: Digest, hmac: UInt, general: UInt, generation: UInt, derivation: UInt) in
        [
            MechanismEntry(
                type: hmac, keySizes: secretSizes, code: CodeScheme(function: .hmac(digest), isGeneral: false)),
            MechanismEntry(
                type: general, parameter: .number, keySizes: secretSizes,
                code: CodeScheme(function: .hmac(digest), isGeneral: true)),
            MechanismEntry(type: generation, keySizes: secretSizes, generates: hmacKeyTypes[digest]),
            MechanismEntry(type: derivation, derivation: .hash(digest)),
        ]
    }

    private static let derivations: [MechanismEntry] = [
        (CKM_HKDF_DERIVE, ParameterForm.hkdf, DerivationScheme.hkdf), (CKM_HKDF_DATA, .hkdf, .hkdfData),
        (CKM_CONCATENATE_BASE_AND_KEY, .number, .baseAndKey),
        (CKM_CONCATENATE_BASE_AND_DATA, .stringData, .baseAndData),
        (CKM_CONCATENATE_DATA_AND_BASE, .stringData, .dataAndBase), (CKM_XOR_BASE_AND_DATA, .stringData, .exclusiveOr),
        (CKM_EXTRACT_KEY_FROM_KEY, .number, .extract),
    ].map { (type: UInt, parameter: ParameterForm, scheme: DerivationScheme) in
        MechanismEntry(type: type, parameter: parameter, derivation: scheme)
    }
}
