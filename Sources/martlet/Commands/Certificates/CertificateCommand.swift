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
              martlet certificate sign 9c request.csr --output certificate.pem
            """,
        subcommands: [
            ExportCertificate.self, ImportCertificate.self, RequestCertificate.self, SelfSignCertificate.self,
            SignCertificate.self, DeleteCertificate.self,
        ])
}
