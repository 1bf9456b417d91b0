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

    /// The certificate's bytes, uncompressed; what stands behind the certificate is still there. Nil where the container
    /// holds none, or one in a packing that is not known here.
    ///
    /// How it is packed is seen in its first bytes: CertInfo (01: gzip, SP 800-73-5; 80: gzip, of old cards; 02: Windows' own
    /// use) is wrong on some cards (OpenSC's card-piv.c; yubico-piv-tool issue 93).
    package static func certificate(in bytes: [UInt8]) -> [UInt8]? {
        guard let content = content(of: bytes) else { return nil }
        switch (content.first, content.dropFirst().first) {
        case (0x30, _): return Array(content)
        // Net iD: 01 00, the length in two bytes, and zlib (yubico-piv-tool issue 578).
        case (0x01, 0x00) where content.count > 4:
            return try? Gzip.inflate(Array(content.dropFirst(4)), limit: maximumCertificate)
        default: return try? Gzip.inflate(Array(content), limit: maximumCertificate)
        }
    }

    /// Why what stands in the certificate's place is no certificate to this module, in words; nil where nothing stands there.
    static func problem(of bytes: [UInt8]) -> String? {
        guard let content = content(of: bytes) else { return nil }
        return certificate(in: bytes) == nil
            ? "its \(content.count) bytes are packed in a way that is not known"
            : "its \(content.count) bytes are no X.509 certificate"
    }

    /// What stands in the certificate's place, where that is more than zeros: the value of tag 70, or all where there is no
    /// such tag and a certificate, or nothing readable, stands there bare.
    package static func content(of bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let reader = TLVReader(bytes)
        let isBare = bytes.first == 0x30 || (try? reader.all()) == nil
        let content = reader.first(0x70)?.value ?? (isBare ? bytes[...] : [])
        return content.contains { $0 != 0 } ? content : nil
    }
}
