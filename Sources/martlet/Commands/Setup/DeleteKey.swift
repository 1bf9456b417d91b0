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

/// What a person types to show that something is meant.
enum Confirmation {
    /// Throws unless this word is typed, in any case of letters.
    static func ask(_ question: String, _ word: String) throws(CommandFailure) {
        guard let typed = PINPrompt.askOpenly(question), typed.lowercased() == word.lowercased() else {
            throw CommandFailure("nothing was changed", hint: "type \(word) on the terminal to go on", .refused)
        }
    }
}
