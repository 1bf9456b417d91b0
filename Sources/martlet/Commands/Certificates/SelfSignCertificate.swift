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
            """)

    @Argument(help: .key)
    var key: KeyName

    @Option(help: .subject)
    var subject: Subject

    @Option(help: "For how many days it is valid, from now.")
    var days = usualDays

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    @Option(help: "The file to write instead of the card.", completion: .file())
    var output: String?

    @Flag(help: "Write over a file that is there.")
    var force = false

    @Option(help: "The file's form: pem or der.")
    var format = DERFormat.pem

    static let usualDays = 365

    static func check(days: Int) throws {
        guard (1...36_500).contains(days) else { throw ValidationError("--days is a number from 1 to 36500") }
    }

    func validate() throws { try Self.check(days: days) }

    func run() throws {
        let card = try selection.token(key.application)
        var destination: OutputFile?
        if let output { destination = try OutputFile(output, isSecret: false, isReplacing: force, content: format.content) }
        let certificate = try card.key(key).selfSigned(subject.name, days: days)
        if let destination { return try destination.write(format.file(certificate, label: "CERTIFICATE")) }
        try card.loginAdministrator()
        try card.write(certificate: certificate, for: key)
        print("The certificate of \(key.text) is written.")
    }
}
