import ArgumentParser
import HostCrypto

/// Writes a certificate to the card.
struct ImportCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write a certificate from a file to the card.",
        discussion: """
            It must be over the public key of the key that it is written for. The certificate that was there is replaced.

            Example: martlet certificate import 9a 9a.pem
            """)

    @Argument(help: .key)
    var key: KeyName

    @Argument(help: "The certificate, PEM or DER. The default is standard input.", completion: .file())
    var file: String?

    @OptionGroup var selection: CardSelection

    @Flag(help: "Write it also where it belongs to no key on the card.")
    var force = false

    func run() throws {
        let certificate = try read()
        let card = try selection.token(key.application)
        if !force {
            guard try card.key(key).publicKey == certificate.publicKey else {
                throw CommandFailure(
                    "the certificate is for another key than \(key.text)",
                    hint: "name the key that it is for, or write it all the same with --force", .data)
            }
        }
        try card.loginAdministrator()
        try card.write(certificate: certificate.der, for: key)
        print("The certificate of \(key.text) is written.")
    }

    private func read() throws(CommandFailure) -> Certificate {
        guard let der = PEM.der(in: try InputFile.read(file), label: "CERTIFICATE"),
            let certificate = try? Certificate(der: der)
        else {
            throw CommandFailure(
                "\(file ?? "standard input") holds no certificate", hint: "give an X.509 certificate in PEM or DER",
                .data)
        }
        return certificate
    }
}
