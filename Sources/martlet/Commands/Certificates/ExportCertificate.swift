import ArgumentParser
import Token

/// Writes a certificate of the card to a file.
struct ExportCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a certificate of the card to a file.",
        discussion: """
            One that cannot be read (martlet list says "unreadable") is written as it stands on the card.

            Example: martlet certificate export 9a --output 9a.pem
            """)

    @Argument(help: .key)
    var key: KeyName

    @OptionGroup var selection: CardSelection
    @OptionGroup var destination: DEROutput

    func run() throws {
        let card = try selection.token(key.application)
        let raw = try card.asking("reading the certificate of \(key.text)") { () throws(TokenError) in
            try card.token.unreadableCertificate(at: key.certificate)
        }
        if let raw { return try destination.file.open(content: DERFormat.der.content).write(raw) }
        let der = try card.requiredCertificate(of: key)
        try destination.write(der, label: "CERTIFICATE", to: destination.open())
    }
}
