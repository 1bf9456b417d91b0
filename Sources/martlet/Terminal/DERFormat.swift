import ArgumentParser

/// How DER is written to a file.
enum DERFormat: String, CaseIterable, ExpressibleByArgument {
    case pem
    case der

    /// What kind of bytes they are.
    var content: OutputFile.Content { self == .pem ? .text : .bytes }

    /// The bytes of the file.
    func file(_ der: [UInt8], label: String) -> [UInt8] {
        switch self {
        case .pem: Array(PEM.text(der, label: label).utf8)
        case .der: der
        }
    }
}
