import ArgumentParser
import Token

/// Writes a card's word for a key.
struct Attest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the card's certificate that it made a key itself.",
        discussion: """
            For PIV keys of a YubiKey, which signs it with the key whose certificate is F9. An attestation of an OpenPGP key \
            lies in the place of its certificate, once another program has asked for it.

            Examples:
              martlet attest 9a --output 9a-attestation.pem
              martlet certificate export f9 --output f9.pem
            """)

    @Argument(help: .key)
    var key: KeyName

    @OptionGroup var selection: CardSelection
    @OptionGroup var destination: DEROutput

    func run() throws {
        let card = try selection.token(key.application)
        _ = try card.key(key)
        let der = try card.asking("attesting the key \(key.text)") { () throws(TokenError) in
            try card.token.attest(key.privateKey)
        }
        try destination.write(der, label: "CERTIFICATE", to: destination.open())
    }
}
