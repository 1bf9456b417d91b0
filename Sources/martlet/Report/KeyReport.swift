import HostCrypto
import Token

/// A key and its certificate, as `list` and `info` show them. The names of the properties are those of the JSON.
struct KeyReport: Encodable {
    /// What is on the card under one name, beside what is shown of it.
    struct Content {
        let name: KeyName
        var publicKey: PublicKey?
        var certificate: Certificate?
        /// Why the certificate that is there cannot be read, in words.
        var certificateProblem: String?
        var policy: KeyPolicy?
        var usage: KeyUsage = []
        /// Whether the card that made the key makes weak ones (ROCA).
        var isWeak = false
        var id: [UInt8] = []
        var label = ""
    }

    let key: String
    let id: String
    let label: String
    let algorithm: String?
    let usage: [String]
    let pinPolicy: String?
    let touchPolicy: String?
    let origin: String?
    let certificate: CertificateReport?
    let certificateProblem: String?
    let isWeak: Bool

    init(_ content: Content) {
        key = content.name.text
        id = content.id.hexadecimal
        label = content.label
        algorithm = content.publicKey?.type.name
        usage = content.usage.words
        pinPolicy = content.policy?.pin.word
        touchPolicy = content.policy?.touch.word
        origin = content.policy?.origin.word
        certificate = content.certificate.map(CertificateReport.init)
        certificateProblem = content.certificateProblem
        isWeak = content.isWeak
    }
}
