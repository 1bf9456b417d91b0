import HostCrypto
import Token

/// A key and its certificate, as `list` and `info` show them. The names of the properties are those of the JSON.
struct KeyReport: Encodable {
    /// What is on the card under one name, beside what is shown of it.
    struct Content {
        let name: KeyName
        var publicKey: PublicKey?
        var certificate: Certificate?
        var policy: KeyPolicy?
        var usage: KeyUsage = []
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

    init(_ content: Content) {
        key = content.name.text
        id = content.id.hexadecimal
        label = content.label
        algorithm = content.publicKey?.type.text
        usage = content.usage.words
        pinPolicy = content.policy?.pin.word
        touchPolicy = content.policy?.touch.word
        origin = content.policy?.origin.word
        certificate = content.certificate.map(CertificateReport.init)
    }
}

extension KeyUsage {
    /// The uses, in words.
    var words: [String] {
        let names: [(KeyUsage, String)] = [(.sign, "sign"), (.decrypt, "decrypt"), (.derive, "derive")]
        return names.filter { contains($0.0) }.map(\.1)
    }
}

extension KeyPolicy.PINPolicy {
    /// The policy in a word.
    var word: String {
        switch self {
        case .never: "never"
        case .once: "once"
        case .always: "always"
        }
    }
}

extension KeyPolicy.TouchPolicy {
    /// The policy in a word.
    var word: String {
        switch self {
        case .never: "never"
        case .always: "always"
        case .cached: "cached"
        }
    }
}

extension KeyPolicy.Origin {
    /// The origin in a word.
    var word: String {
        switch self {
        case .generated: "generated"
        case .imported: "imported"
        case .unknown: "unknown"
        }
    }
}
