import ArgumentParser
import HostCrypto

/// Writes a certificate to the card.
struct ImportCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write a certificate from a file to the card.",
        discussion: """
            It must be over the public key of the key that it is written for. The certificate that was there is replaced. \
            Cards that do not tell their public keys (no YubiKey, or one before firmware 5.3) cannot be asked for the key of a \
            first certificate: --force.

            Example: martlet certificate import 9a 9a.pem
            """)

    @Argument(help: .key)
    var key: KeyName

    @Argument(help: "The certificate, PEM or DER. The default is standard input.", completion: .file())
    var file: String?

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    @Flag(help: "Write it also where the card tells of no key.")
    var force = false

    func run() throws {
        let certificate = try read()
        let card = try selection.token(key.application)
        if try card.hasKey(key) {
            // A certificate of a key that cannot be read cannot be compared; the module writes it too.
            guard try certificate.publicKey.map({ try card.key(key).publicKey == $0 }) ?? true else {
                throw CommandFailure(.certificateOfAnotherKey, during: "writing to \(key.text)", card.application)
            }
        } else if !force {
            throw CommandFailure(
                "the card tells of no key \(key.text)", hint: "to write the certificate all the same, add --force",
                .data)
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
