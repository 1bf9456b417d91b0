import CPKCS11
import HostCrypto
import Token

/// CK_MECHANISM_INFO.
public struct MechanismInfo: Hashable, Sendable {
    /// ulMinKeySize, in bits; 0 for digests.
    public let minimumKeySize: UInt
    /// ulMaxKeySize, in bits; 0 for digests.
    public let maximumKeySize: UInt
    /// CKF_…
    public let flags: UInt
}

/// What the module does with a token's keys, and on the host.
enum MechanismCatalogue {
    /// C_GetMechanismList.
    static let all: [UInt] = rsa + ecdsa + [CKM_EDDSA] + digests.map(\.0)

    /// C_GetMechanismInfo.
    static func information(_ mechanism: UInt) -> MechanismInfo? {
        if digest(mechanism) != nil { return MechanismInfo(minimumKeySize: 0, maximumKeySize: 0, flags: CKF_DIGEST) }
        guard let scheme = SigningScheme(mechanism) else { return nil }
        switch scheme.algorithm {
        case .rsaPKCS1:
            let decrypts = mechanism == CKM_RSA_PKCS ? CKF_DECRYPT : 0
            return MechanismInfo(
                minimumKeySize: 1024, maximumKeySize: 4096, flags: CKF_HW | CKF_SIGN | CKF_VERIFY | decrypts)
        case .ecdsa:
            let curves = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS
            return MechanismInfo(
                minimumKeySize: 256, maximumKeySize: 384, flags: CKF_HW | CKF_SIGN | CKF_VERIFY | curves)
        case .edDSA:
            return MechanismInfo(
                minimumKeySize: 255, maximumKeySize: 255, flags: CKF_HW | CKF_SIGN | CKF_VERIFY | CKF_EC_NAMEDCURVE)
        }
    }

    /// The digest that a mechanism computes, or nil where it is none.
    static func digest(_ mechanism: UInt) -> Digest? { digests.first { $0.0 == mechanism }?.1 }

    /// CKA_ALLOWED_MECHANISMS of a key.
    static func mechanisms(of kind: ObjectReference.Kind, _ key: PublicKey, _ usage: KeyUsage) -> [UInt] {
        let signs = kind == .publicKey || usage.contains(.sign)
        return (rsa + ecdsa + [CKM_EDDSA]).filter { mechanism in
            guard SigningScheme(mechanism)?.fits(key) == true else { return false }
            return signs || mechanism == CKM_RSA_PKCS && usage.contains(.decrypt)
        }
    }

    private static let rsa = [
        CKM_RSA_PKCS, CKM_SHA1_RSA_PKCS, CKM_SHA224_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS,
        CKM_SHA512_RSA_PKCS,
    ]

    private static let ecdsa = [
        CKM_ECDSA, CKM_ECDSA_SHA1, CKM_ECDSA_SHA224, CKM_ECDSA_SHA256, CKM_ECDSA_SHA384, CKM_ECDSA_SHA512,
    ]

    private static let digests: [(UInt, Digest)] = [
        (CKM_SHA_1, .sha1), (CKM_SHA224, .sha224), (CKM_SHA256, .sha256), (CKM_SHA384, .sha384), (CKM_SHA512, .sha512),
        (CKM_SHA3_224, .sha3_224), (CKM_SHA3_256, .sha3_256), (CKM_SHA3_384, .sha3_384), (CKM_SHA3_512, .sha3_512),
    ]
}
