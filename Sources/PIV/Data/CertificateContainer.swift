import HostCrypto
import ISO7816

/// The value of a certificate container (SP 800-73-5 part 1, appendix A, table 10 ff.; gzip: section 3.1.3).
package enum CertificateContainer {
    /// The most bytes of a certificate that a compressed container may hold.
    static let maximumCertificate = 65_536

    /// The container's value for a certificate: 70 certificate, 71 CertInfo (00: not compressed), FE error detection code,
    /// which is empty.
    static func value(for certificate: [UInt8]) -> [UInt8] {
        [UInt8](tag: 0x70, certificate) + [0x71, 0x01, 0x00, 0xFE, 0x00]
    }

    /// The same with the certificate as gzip, which CertInfo 01 says.
    static func compressedValue(for certificate: [UInt8]) -> [UInt8]? {
        (try? Gzip.deflate(certificate)).map { [UInt8](tag: 0x70, $0) + [0x71, 0x01, 0x01, 0xFE, 0x00] }
    }

    /// The certificate's DER, uncompressed. Nil where the container holds none, or one that cannot be read.
    package static func certificate(in bytes: [UInt8]) -> [UInt8]? {
        let reader = TLVReader(bytes)
        guard let certificate = reader.first(0x70)?.value, !certificate.isEmpty else { return nil }
        // CertInfo: 01 says gzip (SP 800-73-5); 02 was Windows' private use of the bit beside it.
        let information = reader.first(0x71)?.value.first ?? 0
        guard information & 0x03 != 0 || certificate.starts(with: [0x1F, 0x8B]) else { return Array(certificate) }
        return try? Gzip.inflate(Array(certificate), limit: maximumCertificate)
    }
}
