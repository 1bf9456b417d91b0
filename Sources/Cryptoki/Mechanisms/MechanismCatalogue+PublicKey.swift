import CPKCS11
import HostCrypto
import Keys

/// The mechanisms with public and private keys (PKCS#11 3.2, sections 6.1 and 6.3).
extension MechanismCatalogue {
    static let publicKey = rsa + rsaHashed + ecdsa + [edDSA] + agreements

    /// CKG_MGF1_…: the hash functions of RSA's masks.
    static let maskDigests: [UInt: Digest] = [
        CKG_MGF1_SHA1: .sha1, CKG_MGF1_SHA224: .sha224, CKG_MGF1_SHA256: .sha256, CKG_MGF1_SHA384: .sha384,
        CKG_MGF1_SHA512: .sha512, CKG_MGF1_SHA3_224: .sha3_224, CKG_MGF1_SHA3_256: .sha3_256,
        CKG_MGF1_SHA3_384: .sha3_384, CKG_MGF1_SHA3_512: .sha3_512,
    ]

    /// In bits: what libcrypto takes.
    private static let rsaSizes: ClosedRange<UInt> = 512...16_384

    private static let rsa: [MechanismEntry] = [
        MechanismEntry(
            type: CKM_RSA_PKCS, keySizes: rsaSizes, signature: SigningScheme(.rsaPKCS1), recovers: true,
            rsaCipher: .pkcs1, rsaWrapping: .direct(.pkcs1)),
        MechanismEntry(
            type: CKM_RSA_X_509, keySizes: rsaSizes, signature: SigningScheme(.rsaRaw), recovers: true,
            rsaCipher: .raw),
        MechanismEntry(
            type: CKM_RSA_PKCS_OAEP, parameter: .oaep, keySizes: rsaSizes, rsaCipher: .oaep,
            rsaWrapping: .direct(.oaep)),
        MechanismEntry(
            type: CKM_RSA_AES_KEY_WRAP, parameter: .rsaAESKeyWrap, keySizes: rsaSizes, rsaWrapping: .throughAES),
        MechanismEntry(type: CKM_RSA_PKCS_PSS, parameter: .pss, keySizes: rsaSizes, signature: SigningScheme(.rsaPSS)),
    ]

    /// For each hash function the signature with PKCS#1 v1.5 padding, and that with PSS.
    private static let rsaHashed: [MechanismEntry] = [
        (Digest.sha1, CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS),
        (.sha224, CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS),
        (.sha256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS),
        (.sha384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS),
        (.sha512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS),
        (.sha3_224, CKM_SHA3_224_RSA_PKCS, CKM_SHA3_224_RSA_PKCS_PSS),
        (.sha3_256, CKM_SHA3_256_RSA_PKCS, CKM_SHA3_256_RSA_PKCS_PSS),
        (.sha3_384, CKM_SHA3_384_RSA_PKCS, CKM_SHA3_384_RSA_PKCS_PSS),
        (.sha3_512, CKM_SHA3_512_RSA_PKCS, CKM_SHA3_512_RSA_PKCS_PSS),
    ].flatMap { (digest: Digest, pkcs1: UInt, pss: UInt) in
        [
            MechanismEntry(type: pkcs1, keySizes: rsaSizes, signature: SigningScheme(.rsaPKCS1, digest)),
            MechanismEntry(type: pss, parameter: .pss, keySizes: rsaSizes, signature: SigningScheme(.rsaPSS, digest)),
        ]
    }

    private static let ecdsa: [MechanismEntry] = [
        (CKM_ECDSA, nil), (CKM_ECDSA_SHA1, .sha1), (CKM_ECDSA_SHA224, .sha224), (CKM_ECDSA_SHA256, .sha256),
        (CKM_ECDSA_SHA384, .sha384), (CKM_ECDSA_SHA512, .sha512), (CKM_ECDSA_SHA3_224, .sha3_224),
        (CKM_ECDSA_SHA3_256, .sha3_256), (CKM_ECDSA_SHA3_384, .sha3_384), (CKM_ECDSA_SHA3_512, .sha3_512),
    ].map { (type: UInt, digest: Digest?) in
        MechanismEntry(
            type: type, keySizes: 256...521, curveFlags: CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS,
            signature: SigningScheme(.ecdsa, digest))
    }

    private static let edDSA = MechanismEntry(
        type: CKM_EDDSA, parameter: .edDSA, keySizes: 255...448, curveFlags: CKF_EC_NAMEDCURVE,
        signature: SigningScheme(.edDSA))

    private static let agreements: [MechanismEntry] =
        [(CKM_ECDH1_DERIVE, true, 255...521), (CKM_ECDH1_COFACTOR_DERIVE, false, 256...521)].map {
            (type: UInt, takesMontgomery: Bool, sizes: ClosedRange<UInt>) in
            MechanismEntry(
                type: type, parameter: .agreement, keySizes: sizes,
                curveFlags: CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS | CKF_EC_COMPRESS,
                agreement: AgreementScheme(takesMontgomery: takesMontgomery))
        } + [
            MechanismEntry(
                type: CKM_ECDH_AES_KEY_WRAP, parameter: .agreementKeyWrap, keySizes: 256...521,
                curveFlags: CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS, wrapsByAgreement: true)
        ]

    static let keyPairs: [MechanismEntry] = [
        MechanismEntry(type: CKM_RSA_PKCS_KEY_PAIR_GEN, keySizes: rsaSizes, generatesPair: .rsa),
        MechanismEntry(
            type: CKM_EC_KEY_PAIR_GEN, keySizes: 256...521,
            curveFlags: CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS, generatesPair: .ec),
        MechanismEntry(
            type: CKM_EC_EDWARDS_KEY_PAIR_GEN, keySizes: 255...448, curveFlags: CKF_EC_NAMEDCURVE,
            generatesPair: .edwards),
        MechanismEntry(
            type: CKM_EC_MONTGOMERY_KEY_PAIR_GEN, keySizes: 255...448, curveFlags: CKF_EC_NAMEDCURVE,
            generatesPair: .montgomery),
    ]
}
