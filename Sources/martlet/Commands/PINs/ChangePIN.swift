import ArgumentParser
import Token

/// Gives the user another PIN.
struct ChangePIN: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Change the PIN.",
        discussion: "Example: martlet pin change --serial 12345678")

    @OptionGroup var selection: ApplicationSelection

    func run() throws {
        let card = try selection.token()
        let old = try card.askForPIN()
        let new = try PINPrompt.new("PIN")
        try card.asking("changing the PIN") { () throws(TokenError) in
            try old.withBytes { (old) throws(TokenError) in
                try new.withBytes { (new) throws(TokenError) in try card.token.changePIN(from: old, to: new) }
            }
        }
        print("The PIN is changed.")
    }
}
