import Certificates
import HostCrypto

/// The certificates that the simulator writes: those of a card's first keys, and attestations.
enum CardCertificate {
    /// DER of a certificate, valid from 2024 to 2049, with a random serial number.
    static func issue(
        subject: String, publicKey: PublicKey, issuer: String, issuerKey: PrivateKey,
        extensions: [CertificateBuilder.Extension] = []
    ) throws(HostCryptoError) -> [UInt8] {
        var builder = CertificateBuilder(
            subject: DistinguishedName(commonName: subject), issuer: DistinguishedName(commonName: issuer),
            serialNumber: [0x01] + (try Random.bytes(15)),
            notBefore: CalendarTime(year: 2024, month: 1, day: 1),
            notAfter: CalendarTime(year: 2049, month: 12, day: 31, hour: 23, minute: 59, second: 59))
        builder.extensions = extensions
        return try builder.signed(by: issuerKey, publicKey: publicKey)
    }

    /// The content of a DER INTEGER.
    static func integerContent(_ number: UInt32) -> [UInt8] {
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
        let digits = Array(bytes.drop { $0 == 0 })
        guard let first = digits.first, first < 0x80 else { return [0x00] + digits }
        return digits
    }

    /// Basic constraints (RFC 5280, section 4.2.1.9): the subject may issue certificates.
    static let authority = CertificateBuilder.Extension(
        identifier: [0x55, 0x1D, 0x13], isCritical: true, value: [0x30, 0x03, 0x01, 0x01, 0xFF])
}
