import HostCrypto
import Keys

/// A certification request of somebody else's (PKCS #10, RFC 2986), whose signature was verified.
public struct SignedRequest: Sendable {
    /// The subject's Name, DER.
    public let subject: [UInt8]
    /// The key that signed it.
    public let publicKey: PublicKey
    /// The extensions that it asks for.
    public let extensions: [CertificateBuilder.Extension]

    /// Reads a request, DER. `malformed` where it is none, `unsupported` for a key or a signature of a kind not known here,
    /// `invalidKey` where the signature is not the key's.
    public init(der: [UInt8]) throws(HostCryptoError) {
        guard der.count <= Certificate.maximumCount else { throw .limitExceeded }
        var outer = DERReader(der)
        var request = try outer.enter(0x30)
        try outer.end()
        let content = try request.next(0x30)
        var algorithm = try request.enter(0x30)
        let identifier = try algorithm.objectIdentifier()
        let signature = Array(try request.bitString())
        try request.end()

        var information = DERReader(content)
        guard try information.unsignedInteger().isEmpty else { throw .malformed }
        subject = DER.encode(0x30, Array(try information.next(0x30)))
        publicKey = try PublicKey(subjectPublicKeyInfo: DER.encode(0x30, Array(try information.next(0x30))))
        extensions = try Self.extensions(&information)
        let message = DER.encode(0x30, Array(content))
        guard try Self.verify(signature, message, identifier, publicKey) else { throw .invalidKey }
    }

    private static func extensions(
        _ information: inout DERReader
    ) throws(HostCryptoError) -> [CertificateBuilder.Extension] {
        guard !information.isAtEnd else { return [] }
        var attributes = try information.enter(0xA0)
        while !attributes.isAtEnd {
            var attribute = try attributes.enter(0x30)
            guard try attribute.objectIdentifier() == CertificateRequest.extensionRequest else { continue }
            var values = try attribute.enter(0x31)
            return try CertificateBuilder.Extension.read(try values.enter(0x30))
        }
        return []
    }

    private static func verify(
        _ signature: [UInt8], _ message: [UInt8], _ identifier: [UInt8], _ key: PublicKey
    ) throws(HostCryptoError) -> Bool {
        let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]
        let ecdsa: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03]
        let arc = identifier.last
        switch key {
        case .rsa where identifier.dropLast() == rsa[...]:
            let digests: [UInt8: Digest] = [0x0B: .sha256, 0x0C: .sha384, 0x0D: .sha512]
            guard let digest = arc.flatMap({ digests[$0] }) else { throw .unsupported }
            return try key.verifyPKCS1(signature, hash: try digest.hash(message), digest: digest)
        case .ec(let curve, _) where identifier.dropLast() == ecdsa[...]:
            let digests: [UInt8: Digest] = [0x02: .sha256, 0x03: .sha384, 0x04: .sha512]
            guard let digest = arc.flatMap({ digests[$0] }) else { throw .unsupported }
            let pair = try ECDSASignature(der: signature, fieldSize: curve.fieldSize)
            return try key.verifyECDSA(pair, hash: try digest.hash(message))
        case .edwards(let curve, _) where curve.oid == DER.objectIdentifier(identifier):
            return try key.verifyEdDSA(signature, message: message)
        default: throw .unsupported
        }
    }
}
