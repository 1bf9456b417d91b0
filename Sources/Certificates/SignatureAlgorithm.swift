import HostCrypto
import Keys

/// How certificates and requests are signed with a type of key: RSA keys PKCS#1 v1.5 with SHA-256, EC keys with SHA-256,
/// SHA-384 (fields from 48 bytes) or SHA-512 (from 64), Edwards keys the message itself.
public struct SignatureAlgorithm: Hashable, Sendable {
    /// The hash function; nil for EdDSA, which signs the message itself.
    public let digest: Digest?
    /// AlgorithmIdentifier, DER.
    let identifier: [UInt8]

    /// The algorithm for a type of key; `unsupported` where it cannot sign.
    public init(_ type: KeyType) throws(HostCryptoError) {
        switch type {
        case .rsa:
            // 1.2.840.113549.1.1.11, sha256WithRSAEncryption (RFC 4055, section 5).
            digest = .sha256
            identifier = DER.sequence(
                DER.objectIdentifier([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B]), DER.null)
        case .ec(let curve):
            // 1.2.840.10045.4.3.2 to .4, ecdsa-with-SHA256 to SHA512 (RFC 5758, section 3.2).
            let (function, arc): (Digest, UInt8) =
                curve.fieldSize < 48 ? (.sha256, 2) : curve.fieldSize < 64 ? (.sha384, 3) : (.sha512, 4)
            digest = function
            identifier = DER.sequence(DER.objectIdentifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, arc]))
        case .edwards(let curve): (digest, identifier) = (nil, DER.sequence(curve.oid))
        case .montgomery: throw .unsupported
        }
    }

    /// The signature of a key of this type that the host has.
    func sign(_ message: [UInt8], _ key: PrivateKey) throws(HostCryptoError) -> [UInt8] {
        guard let digest else { return try key.signEdDSA(message) }
        let hash = try digest.hash(message)
        guard case .rsa(let bits) = key.type else { return try key.signECDSA(hash: hash) }
        return try key.rsaPrivateOperation(
            try RSAPadding.pkcs1Signature(ofHash: hash, digest: digest, count: (bits + 7) / 8))
    }
}
