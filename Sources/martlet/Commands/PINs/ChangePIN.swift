import ArgumentParser
import Token

/// Gives the user another PIN.
struct ChangePIN: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change",
        abstract: "Change the PIN.",
        discussion: "Example: martlet pin change --serial 12345678")

    @OptionGroup var selection: ApplicationSelection
    @OptionGroup var secrets: SecretOptions

    func run() throws {
        try change(selection.token())
        print("The PIN is changed.")
    }

    private func change(_ card: CardToken) throws(CommandFailure) {
        switch try card.askForPIN() {
        case .typed(let old):
            let new = try PINPrompt.new("PIN")
            try card.asking("changing the PIN") { () throws(TokenError) in
                try old.withBytes { (old) throws(TokenError) in
                    try new.withBytes { (new) throws(TokenError) in try card.token.changePIN(from: old, to: new) }
                }
            }
        case .onReader(let pad, let name):
            PINPrompt.tell("Type the \(name), and then a new PIN twice, on the reader.")
            let isDone = try PersonalPIN.typing(during: "changing the PIN") { () throws(TokenError) in
                try pad.changePIN()
            } failing: {
                CommandFailure($0, during: $1, card.application)
            }
            if !isDone { try change(card) }
        }
    }
}
