import HostCrypto
import ISO7816

/// Writes X.509 certificates (RFC 5280, section 4.1): those that a personalised card carries, and attestations. Any
/// key signs for any other, since X25519 keys cannot sign for themselves and attestations are not self-signed.
struct CertificateWriter {
    /// The key that signs.
    let issuerKey: PrivateKey
    /// The common name of the issuer.
    let issuer: String

    /// DER of a certificate. `extensions` are whole Extension values.
    func certificate(
        subject: String, publicKey: PublicKey, serialNumber: [UInt8], extensions: [[UInt8]] = []
    ) throws(HostCryptoError) -> [UInt8] {
        guard let algorithm = SignatureAlgorithm(issuerKey.type) else { throw .unsupported }
        var content = [UInt8](tag: 0xA0, [0x02, 0x01, 0x02])
        content += [UInt8](tag: 0x02, DERNumber.content(serialNumber))
        content += algorithm.identifier
        content += Self.name(issuer)
        content += Self.validity
        content += Self.name(subject)
        content += publicKey.subjectPublicKeyInfo
        if !extensions.isEmpty {
            content += [UInt8](tag: 0xA3, [UInt8](tag: 0x30, extensions.joined().map { $0 }))
        }
        let toBeSigned = [UInt8](tag: 0x30, content)
        let signature = try algorithm.sign(toBeSigned, with: issuerKey)
        return [UInt8](tag: 0x30, toBeSigned + algorithm.identifier + [UInt8](tag: 0x03, [0x00] + signature))
    }

    /// An Extension that is not critical.
    static func extensionValue(oid: [UInt8], _ value: [UInt8]) -> [UInt8] {
        [UInt8](tag: 0x30, children: [UInt8](tag: 0x06, oid), [UInt8](tag: 0x04, value))
    }

    /// Basic constraints (RFC 5280, section 4.2.1.9), critical: the subject may issue certificates.
    static let authority = [UInt8](
        tag: 0x30, children: [UInt8](tag: 0x06, [0x55, 0x1D, 0x13]), [0x01, 0x01, 0xFF],
        [UInt8](tag: 0x04, [0x30, 0x03, 0x01, 0x01, 0xFF]))

    private static func name(_ commonName: String) -> [UInt8] {
        let attribute = [UInt8](tag: 0x06, [0x55, 0x04, 0x03]) + [UInt8](tag: 0x0C, Array(commonName.utf8))
        return [UInt8](tag: 0x30, [UInt8](tag: 0x31, [UInt8](tag: 0x30, attribute)))
    }

    /// From 2024 to 2049, the last year that UTCTime can say.
    private static let validity = [UInt8](
        tag: 0x30, children: [UInt8](tag: 0x17, Array("240101000000Z".utf8)),
        [UInt8](tag: 0x17, Array("491231235959Z".utf8)))
}

/// The content of a DER INTEGER.
enum DERNumber {
    /// That of a non-negative number in big-endian bytes.
    static func content(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        guard let first = digits.first, first < 0x80 else { return [0x00] + digits }
        return digits
    }
}

/// How the keys of a card sign a certificate.
private enum SignatureAlgorithm {
    case rsaSHA256
    case ecdsaSHA256
    case ecdsaSHA384
    case ed25519

    init?(_ type: KeyType) {
        switch type {
        case .rsa: self = .rsaSHA256
        case .ec(.p384): self = .ecdsaSHA384
        case .ec: self = .ecdsaSHA256
        case .ed25519: self = .ed25519
        case .ed448, .x25519, .x448: return nil
        }
    }

    /// The AlgorithmIdentifier: RFC 4055, section 5; RFC 5758, section 3.2; RFC 8410, section 3.
    var identifier: [UInt8] {
        switch self {
        case .rsaSHA256:
            [UInt8](
                tag: 0x30, children: [UInt8](tag: 0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B]),
                [0x05, 0x00])
        case .ecdsaSHA256:
            [UInt8](tag: 0x30, [UInt8](tag: 0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]))
        case .ecdsaSHA384:
            [UInt8](tag: 0x30, [UInt8](tag: 0x06, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03]))
        case .ed25519:
            [UInt8](tag: 0x30, [UInt8](tag: 0x06, [0x2B, 0x65, 0x70]))
        }
    }

    func sign(_ message: [UInt8], with key: PrivateKey) throws(HostCryptoError) -> [UInt8] {
        switch self {
        case .rsaSHA256:
            guard case .rsa(let modulus, _) = key.publicKey else { throw .unsupported }
            let information = try Digest.sha256.digestInfo(Digest.sha256.hash(message))
            // EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).
            let padding = [UInt8](repeating: 0xFF, count: max(modulus.count - information.count - 3, 8))
            return try key.rsaPrivateOperation([0x00, 0x01] + padding + [0x00] + information)
        case .ecdsaSHA256: return try key.signECDSA(hash: Digest.sha256.hash(message))
        case .ecdsaSHA384: return try key.signECDSA(hash: Digest.sha384.hash(message))
        case .ed25519: return try key.signEdDSA(message)
        }
    }
}
