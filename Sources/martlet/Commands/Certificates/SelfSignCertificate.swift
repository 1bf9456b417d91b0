import ArgumentParser

/// Makes a certificate that the key itself signs.
struct SelfSignCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "self-sign",
        abstract: "Make a certificate for a key on the card, signed by that key.",
        discussion: """
            It is written to the card, in the place of the one that was there; with --output it is written to that file \
            instead.

            Examples:
              martlet certificate self-sign 9a --subject 'Jane Doe' --days 3650
              martlet certificate self-sign 9c --subject 'CN=Jane Doe,O=Example' --output 9c.pem
              martlet certificate self-sign 9c --subject 'CN=Our CA' --ca --not-after 2036-12-31
            """)

    @Argument(help: .key)
    var key: KeyName

    @Option(help: .subject)
    var subject: Subject

    @OptionGroup var content: CertificateContent
    @OptionGroup var validity: Validity
    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    @Option(help: "The file to write instead of the card.", completion: .file())
    var output: String?

    @Flag(help: "Write over a file that is there.")
    var force = false

    @Option(help: "The file's form: pem or der.")
    var format = DERFormat.pem

    func run() throws {
        let card = try selection.token(key.application)
        var destination: OutputFile?
        if let output {
            destination = try OutputFile(output, isSecret: false, isReplacing: force, content: format.content)
        }
        let certificate = try card.key(key).selfSigned(
            subject.name, from: validity.first, until: validity.last, content.extensions)
        if let destination { return try destination.write(format.file(certificate, label: "CERTIFICATE")) }
        try card.loginAdministrator()
        try card.write(certificate: certificate, for: key)
        print("The certificate of \(key.text) is written.")
    }
}
