import ArgumentParser
import Certificates
import HostCrypto

/// Makes a certification request.
struct RequestCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Make a certification request (CSR) for a key on the card, signed by that key.",
        discussion: """
            Names and usages that are given here stand in the request; what the issuer makes of them is his affair.

            Examples:
              martlet certificate request 9a --subject 'CN=Jane Doe,O=Example' --output 9a.csr
              martlet certificate request 9a --subject Jane --email jane@example.org --upn jane@EXAMPLE.ORG
              openssl req -in 9a.csr -noout -verify -subject
            """)

    @Argument(help: .key)
    var key: KeyName

    @Option(help: .subject)
    var subject: Subject

    @OptionGroup var content: CertificateContent
    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions
    @OptionGroup var destination: DEROutput

    func run() throws {
        let signer = try selection.token(key.application).key(key)
        let request = try computing { () throws(HostCryptoError) in
            try CertificateRequest.unsigned(
                subject: subject.name, publicKey: signer.publicKey, extensions: content.extensions)
        }
        let file = try destination.open()
        try destination.write(try signer.completed(request), label: "CERTIFICATE REQUEST", to: file)
    }
}
