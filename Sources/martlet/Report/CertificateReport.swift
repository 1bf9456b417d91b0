import HostCrypto
import Keys

/// A certificate, as `list` and `info` show it. The names of the properties are those of the JSON.
struct CertificateReport: Encodable {
    let subject: String
    let issuer: String
    let serialNumber: String
    let notBefore: String?
    let notAfter: String?
    let isExpired: Bool
    let sha256: String

    init(_ certificate: Certificate) {
        subject = NameText.text(of: certificate.subject) ?? ""
        issuer = NameText.text(of: certificate.issuer) ?? ""
        // Without the INTEGER's tag and length.
        serialNumber = certificate.serialNumber.dropFirst(2).hexadecimal
        notBefore = certificate.notBefore?.timestamp
        notAfter = certificate.notAfter?.timestamp
        isExpired = certificate.isExpired
        sha256 = (try? Digest.sha256.hash(certificate.der))?.hexadecimal ?? ""
    }

    /// The day on which it ends, in red where it has passed.
    var expiry: Page.Cell { Page.Cell(notAfter.map { String($0.prefix(10)) } ?? "", isExpired ? .bad : .plain) }
}
