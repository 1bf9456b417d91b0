import HostCrypto

/// What an issuer's own certificate says of it, as far as those that it signs need that.
public struct IssuerCertificate: Sendable {
    /// The issuer's Name, DER.
    public let subject: [UInt8]
    /// Whether it may issue certificates (RFC 5280, section 4.2.1.9).
    public let isAuthority: Bool
    /// How many issuers may stand below it (the same section); nil for any number, and where it is none.
    public let pathLength: UInt8?
    /// The number that its key has.
    public let keyIdentifier: [UInt8]

    /// Reads a certificate that can be read. `malformed` where its extensions cannot be.
    public init(_ certificate: Certificate, publicKey: PublicKey) throws(HostCryptoError) {
        subject = certificate.subject
        let extensions = try Self.extensions(certificate.der)
        let constraints = extensions.first { $0.identifier == CertificateBuilder.Extension.constraintsIdentifier }
        var value = DERReader(constraints?.value ?? [])
        var fields = try? value.enter(0x30)
        isAuthority = (try? fields?.next(0x01)).map { Array($0) == [0xFF] } ?? false
        // A number beyond a byte is as good as none.
        let length = isAuthority ? try? fields?.next(0x02) : nil
        pathLength = length.flatMap { $0.count == 1 ? $0.first : nil }
        let named = extensions.first { $0.identifier == CertificateBuilder.Extension.subjectKeyIdentifier }
        value = DERReader(named?.value ?? [])
        if let identifier = try? value.next(0x04) {
            keyIdentifier = Array(identifier)
        } else {
            keyIdentifier = try CertificateBuilder.Extension.keyIdentifier(publicKey)
        }
    }

    private static func extensions(_ der: [UInt8]) throws(HostCryptoError) -> [CertificateBuilder.Extension] {
        var outer = DERReader(der)
        var certificate = try outer.enter(0x30)
        var fields = try certificate.enter(0x30)
        _ = try? fields.next(0xA0)
        // Serial number, algorithm, issuer, validity, subject, key.
        for tag in [0x02, 0x30, 0x30, 0x30, 0x30, 0x30] as [UInt8] { _ = try fields.next(tag) }
        _ = try? fields.next(0x81)
        _ = try? fields.next(0x82)
        guard !fields.isAtEnd else { return [] }
        var list = try fields.enter(0xA3)
        return try CertificateBuilder.Extension.read(try list.enter(0x30))
    }
}
