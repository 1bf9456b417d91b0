import ArgumentParser

/// Writes a certificate of the card to a file.
struct ExportCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a certificate of the card to a file.",
        discussion: "Example: martlet certificate export 9a --output 9a.pem")

    @Argument(help: .key)
    var key: KeyName

    @OptionGroup var selection: CardSelection
    @OptionGroup var destination: DEROutput

    func run() throws {
        let card = try selection.token(key.application)
        let der = try card.requiredCertificate(of: key)
        try destination.write(der, label: "CERTIFICATE", to: destination.open())
    }
}
