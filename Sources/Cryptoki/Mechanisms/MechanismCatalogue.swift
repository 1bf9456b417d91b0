import CPKCS11
import HostCrypto
import Keys
import Token

/// The table of mechanisms: what the module does with a token's keys, and on the host.
enum MechanismCatalogue {
    /// What C_GetMechanismList has for one token or another.
    static let all: [UInt] = entries.map(\.type)

    /// The row of a mechanism, or nil where the module does not have it.
    static func entry(_ mechanism: UInt) -> MechanismEntry? { byType[mechanism] }

    /// The digest that a mechanism computes, or nil where it is none.
    static func digest(_ mechanism: UInt) -> Digest? { entry(mechanism)?.digest }

    /// CKA_ALLOWED_MECHANISMS of a public key of the card.
    static func mechanisms(public key: PublicKey, agrees: Bool) -> [UInt] {
        entries.filter { $0.takes(public: key, agrees: agrees) }.map(\.type)
    }

    /// CKA_ALLOWED_MECHANISMS of a private key of the card.
    static func mechanisms(private key: PublicKey, for usage: KeyUsage, of token: any Token) -> [UInt] {
        entries.filter { $0.takes(private: key, for: usage, of: token) }.map(\.type)
    }

    private static let entries = publicKey + keyPairs + digests + symmetric
    private static let byType = Dictionary(entries.map { ($0.type, $0) }) { first, _ in first }

    private static let digests: [MechanismEntry] = [
        (CKM_SHA_1, .sha1), (CKM_SHA224, .sha224), (CKM_SHA256, .sha256), (CKM_SHA384, .sha384), (CKM_SHA512, .sha512),
        (CKM_SHA3_224, .sha3_224), (CKM_SHA3_256, .sha3_256), (CKM_SHA3_384, .sha3_384), (CKM_SHA3_512, .sha3_512),
    ].map { (type: UInt, digest: Digest) in MechanismEntry(type: type, digest: digest) }
}
