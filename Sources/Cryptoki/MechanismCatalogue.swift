import CPKCS11
import HostCrypto
import Token

/// The table of mechanisms: what the module does with a token's keys, and on the host.
enum MechanismCatalogue {
    /// C_GetMechanismList.
    static let all: [UInt] = entries.map(\.type)

    /// The row of a mechanism, or nil where the module does not have it.
    static func entry(_ mechanism: UInt) -> MechanismEntry? { byType[mechanism] }

    /// C_GetMechanismInfo.
    static func information(_ mechanism: UInt) -> MechanismInfo? { entry(mechanism)?.information }

    /// The digest that a mechanism computes, or nil where it is none.
    static func digest(_ mechanism: UInt) -> Digest? { entry(mechanism)?.digest }

    /// CKA_ALLOWED_MECHANISMS of a key of the card.
    static func mechanisms(of kind: ObjectReference.Kind, _ key: PublicKey, _ usage: KeyUsage) -> [UInt] {
        let signs = kind == .publicKey || usage.contains(.sign)
        return entries.filter { entry in
            if let agreement = entry.agreement {
                return kind == .privateKey && usage.contains(.derive) && agreement.fits(key)
            }
            guard entry.signature?.fits(key) == true else { return false }
            return signs || entry.isDeciphering && usage.contains(.decrypt)
        }.map(\.type)
    }

    private static let entries = rsa + ecdsa + [edDSA] + agreements + keyPairs + digests + symmetric
    private static let byType = Dictionary(entries.map { ($0.type, $0) }) { first, _ in first }

    private static let rsa: [MechanismEntry] = [
        (CKM_RSA_PKCS, nil), (CKM_SHA1_RSA_PKCS, .sha1), (CKM_SHA224_RSA_PKCS, .sha224),
        (CKM_SHA256_RSA_PKCS, .sha256), (CKM_SHA384_RSA_PKCS, .sha384), (CKM_SHA512_RSA_PKCS, .sha512),
    ].map { (type: UInt, digest: Digest?) in
        MechanismEntry(
            type: type, keySizes: 1024...4096, otherFlags: CKF_HW, signature: SigningScheme(.rsaPKCS1, digest),
            isDeciphering: type == CKM_RSA_PKCS)
    }

    private static let ecdsa: [MechanismEntry] = [
        (CKM_ECDSA, nil), (CKM_ECDSA_SHA1, .sha1), (CKM_ECDSA_SHA224, .sha224), (CKM_ECDSA_SHA256, .sha256),
        (CKM_ECDSA_SHA384, .sha384), (CKM_ECDSA_SHA512, .sha512),
    ].map { (type: UInt, digest: Digest?) in
        MechanismEntry(
            type: type, keySizes: 256...384,
            otherFlags: CKF_HW | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS,
            signature: SigningScheme(.ecdsa, digest))
    }

    private static let edDSA = MechanismEntry(
        type: CKM_EDDSA, parameter: .edDSA, keySizes: 255...255, otherFlags: CKF_HW | CKF_EC_NAMEDCURVE,
        signature: SigningScheme(.edDSA))

    private static let agreements: [MechanismEntry] = [
        (CKM_ECDH1_DERIVE, AgreementScheme(takesMontgomery: true)),
        (CKM_ECDH1_COFACTOR_DERIVE, AgreementScheme(takesMontgomery: false)),
    ].map { (type: UInt, scheme: AgreementScheme) in
        MechanismEntry(
            type: type, parameter: .agreement, keySizes: 255...521,
            otherFlags: CKF_HW | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS | CKF_EC_COMPRESS,
            agreement: scheme)
    }

    private static let keyPairs: [MechanismEntry] = {
        let onCurves = CKF_HW | CKF_EC_NAMEDCURVE
        return [
            MechanismEntry(
                type: CKM_RSA_PKCS_KEY_PAIR_GEN, keySizes: 1024...4096, otherFlags: CKF_HW, generatesPair: .rsa),
            MechanismEntry(
                type: CKM_EC_KEY_PAIR_GEN, keySizes: 256...521,
                otherFlags: onCurves | CKF_EC_F_P | CKF_EC_UNCOMPRESS, generatesPair: .ec),
            MechanismEntry(
                type: CKM_EC_EDWARDS_KEY_PAIR_GEN, keySizes: 255...448, otherFlags: onCurves, generatesPair: .edwards),
            MechanismEntry(
                type: CKM_EC_MONTGOMERY_KEY_PAIR_GEN, keySizes: 255...448, otherFlags: onCurves,
                generatesPair: .montgomery),
        ]
    }()

    private static let digests: [MechanismEntry] = [
        (CKM_SHA_1, .sha1), (CKM_SHA224, .sha224), (CKM_SHA256, .sha256), (CKM_SHA384, .sha384), (CKM_SHA512, .sha512),
        (CKM_SHA3_224, .sha3_224), (CKM_SHA3_256, .sha3_256), (CKM_SHA3_384, .sha3_384), (CKM_SHA3_512, .sha3_512),
    ].map { (type: UInt, digest: Digest) in MechanismEntry(type: type, digest: digest) }
}
