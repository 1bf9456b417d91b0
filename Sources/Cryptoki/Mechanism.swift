import CPKCS11
import HostCrypto

/// A mechanism with its parameter, copied in.
public struct Mechanism: Hashable, Sendable {
    /// CKM_…
    public let type: UInt
    /// The parameter.
    public let parameter: Parameter

    /// The parameters that the mechanisms here take.
    public enum Parameter: Hashable, Sendable {
        /// A NULL pointer, or a length of zero.
        case none
        /// CK_EDDSA_PARAMS.
        case edDSA(preHashed: Bool, context: [UInt8])
        /// Something that the mechanism does not take.
        case unknown
    }

    /// A mechanism.
    public init(_ type: UInt, _ parameter: Parameter = .none) {
        self.type = type
        self.parameter = parameter
    }
}

/// How a signing mechanism works: what it hashes, how it pads, which keys it is for (PKCS#11 3.2, sections 6.1 and
/// 6.3).
struct SigningScheme: Hashable {
    enum Algorithm { case rsaPKCS1, ecdsa, edDSA }

    let algorithm: Algorithm
    /// The hash over the data, or nil where the caller gives the hash (or DigestInfo), or the algorithm hashes itself.
    let digest: Digest?

    /// The scheme of a mechanism, or nil where it is none that signs.
    init?(_ mechanism: UInt) {
        switch mechanism {
        case CKM_RSA_PKCS: self.init(.rsaPKCS1)
        case CKM_SHA1_RSA_PKCS: self.init(.rsaPKCS1, .sha1)
        case CKM_SHA224_RSA_PKCS: self.init(.rsaPKCS1, .sha224)
        case CKM_SHA256_RSA_PKCS: self.init(.rsaPKCS1, .sha256)
        case CKM_SHA384_RSA_PKCS: self.init(.rsaPKCS1, .sha384)
        case CKM_SHA512_RSA_PKCS: self.init(.rsaPKCS1, .sha512)
        case CKM_ECDSA: self.init(.ecdsa)
        case CKM_ECDSA_SHA1: self.init(.ecdsa, .sha1)
        case CKM_ECDSA_SHA224: self.init(.ecdsa, .sha224)
        case CKM_ECDSA_SHA256: self.init(.ecdsa, .sha256)
        case CKM_ECDSA_SHA384: self.init(.ecdsa, .sha384)
        case CKM_ECDSA_SHA512: self.init(.ecdsa, .sha512)
        case CKM_EDDSA: self.init(.edDSA)
        default: return nil
        }
    }

    private init(_ algorithm: Algorithm, _ digest: Digest? = nil) {
        self.algorithm = algorithm
        self.digest = digest
    }

    /// Whether the scheme is for keys of this type.
    func fits(_ key: PublicKey) -> Bool {
        switch (algorithm, key) {
        case (.rsaPKCS1, .rsa), (.ecdsa, .ec), (.edDSA, .ed25519): true
        default: false
        }
    }

    /// Whether there is a scheme for keys of this type at all.
    static func isSigningKey(_ key: PublicKey) -> Bool {
        switch key {
        case .rsa, .ec, .ed25519: true
        case .ed448, .x25519, .x448: false
        }
    }
}
