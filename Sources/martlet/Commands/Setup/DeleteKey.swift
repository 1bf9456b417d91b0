import ArgumentParser
import Token

/// Deletes a key.
struct DeleteKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a key from the card, for good (YubiKey, firmware 5.7).",
        discussion: """
            The key's name must be typed once more. Its certificate stays: martlet certificate delete.

            Example: martlet delete 82
            """)

    @Argument(help: .key)
    var key: KeyName

    @OptionGroup var selection: CardSelection
    @OptionGroup var secrets: SecretOptions

    func run() throws {
        let card = try selection.token(key.application)
        _ = try card.key(key)
        let revision = card.token.revision(of: key.privateKey)
        try Confirmation.ask(
            "The key \(key.text) of \(try card.title()) will be lost for good. Type its name to go on:", key.text)
        try card.loginAdministrator()
        try card.asking("deleting the key \(key.text)") { () throws(TokenError) in
            try card.token.delete(key.privateKey, ifStill: revision)
        }
        print("The key \(key.text) is deleted.")
    }
}
