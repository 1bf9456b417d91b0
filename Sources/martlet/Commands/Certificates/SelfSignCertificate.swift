import ArgumentParser
import HostCrypto

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

    @Option(help: "The file to write instead of the card.", completion: .file())
    var output: String?

    @Option(help: "The file's form: pem or der.")
    var format = DERFormat.pem

    static let usualDays = 365

    static func check(days: Int) throws {
        guard (1...36_500).contains(days) else { throw ValidationError("--days is a number from 1 to 36500") }
    }

    func validate() throws { try Self.check(days: days) }

    func run() throws {
        let card = try selection.token(key.application)
        let certificate = try card.key(key).selfSigned(subject.name, days: days)
        if let output { return try OutputFile.write(format.file(certificate, label: "CERTIFICATE"), to: output) }
        try card.write(certificate: certificate, for: key)
        print("The certificate of \(key.text) is written.")
    }
}

extension CardKey {
    /// A certificate of this key by this key, valid from now on.
    func selfSigned(_ subject: DistinguishedName, days: Int) throws(CommandFailure) -> [UInt8] {
        let document = try computing { () throws(HostCryptoError) in
            // RFC 5280, section 4.1.2.2: positive, and at most 20 bytes.
            let builder = CertificateBuilder(
                subject: subject, serialNumber: [0x01] + (try Random.bytes(15)), notBefore: .now,
                notAfter: .now(plusDays: days))
            return try builder.unsigned(publicKey: publicKey, issuerKey: publicKey.type)
        }
        return try completed(document)
    }
}
