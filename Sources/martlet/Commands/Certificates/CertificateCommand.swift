import ArgumentParser

/// The certificates on a card.
struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Read, write, make and request certificates.",
        discussion: """
            To write a certificate the card asks for the management key (PIV) or the admin PIN (OpenPGP).

            Examples:
              martlet certificate export 9a --output 9a.pem
              martlet certificate request 9a --subject 'CN=Jane Doe,O=Example' --output 9a.csr
              martlet certificate import 9a 9a.pem
              martlet certificate self-sign 9a --subject 'Jane Doe' --days 3650
            """,
        subcommands: [
            ExportCertificate.self, ImportCertificate.self, RequestCertificate.self, SelfSignCertificate.self,
            DeleteCertificate.self,
        ])
}

/// How DER is written to a file.
enum DERFormat: String, CaseIterable, ExpressibleByArgument {
    case pem
    case der

    /// The bytes of the file.
    func file(_ der: [UInt8], label: String) -> [UInt8] {
        switch self {
        case .pem: Array(PEM.text(der, label: label).utf8)
        case .der: der
        }
    }
}

/// Where a certificate or a request goes, and in which form.
struct DEROutput: ParsableArguments {
    @Option(help: "The file to write. The default is standard output.", completion: .file())
    var output: String?

    @Option(help: "The file's form: pem or der.")
    var format = DERFormat.pem

    func write(_ der: [UInt8], label: String) throws(CommandFailure) {
        try OutputFile.write(format.file(der, label: label), to: output)
    }
}
