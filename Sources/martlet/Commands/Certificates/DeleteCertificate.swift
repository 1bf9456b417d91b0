import ArgumentParser
import Token

/// Takes a certificate off the card.
struct DeleteCertificate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a certificate from the card. Its key stays.",
        discussion: "Example: martlet certificate delete 9a")

    @Argument(help: .key)
    var key: KeyName

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    func run() throws {
        let card = try selection.token(key.application)
        let object = key.certificate
        _ = try card.requiredCertificate(of: key)
        let revision = card.token.revision(of: object)
        try card.loginAdministrator()
        try card.asking("deleting the certificate of \(key.text)") { () throws(TokenError) in
            try card.token.delete(object, ifStill: revision)
        }
        print("The certificate of \(key.text) is deleted.")
    }
}
