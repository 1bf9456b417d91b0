import ArgumentParser
import Token

/// Finishes what was broken off.
struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Finish a change that was broken off, as by a card that was pulled out.",
        discussion: """
            It deletes certificates that are not those of the key in their place, and completes keys that lack something. \
            martlet doctor tells whether there is any.

            Example: martlet repair
            """)

    @OptionGroup var selection: ApplicationSelection
    @OptionGroup var secrets: SecretOptions

    func run() throws {
        let card = try selection.token()
        let unfinished = try card.unfinishedChanges()
        guard !unfinished.isEmpty else { return print("Nothing is to be repaired.") }
        try card.loginAdministrator()
        try card.asking("repairing") { () throws(TokenError) in try card.token.finishChanges() }
        for text in unfinished { print("Repaired: \(text)") }
    }
}
