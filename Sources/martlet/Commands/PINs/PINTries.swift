import ArgumentParser
import Token

/// Counts tries.
struct PINTries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tries",
        abstract: "Show how many tries the PINs have left.",
        discussion: """
            Examples:
              martlet pin tries
              martlet pin tries --json
            """)

    @OptionGroup var selection: CardSelection

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    /// The tries of one token. The names of the properties are those of the JSON.
    private struct TokenTries: Encodable {
        let application: String
        let serialNumber: String
        let pinTriesLeft: Int?
        let pinTriesInAll: Int?
        /// What unblocks the PIN: `PUK` or `reset code`.
        let code: String
        let codeTriesLeft: Int?
        let codeTriesInAll: Int?
    }

    private struct Report: Encodable {
        let tokens: [TokenTries]
    }

    func run() throws {
        let looks = try selection.tokens().map { card in
            let code = try card.asking("asking for tries") { () throws(TokenError) in
                try card.token.unblockingStatus()
            }
            return (card: card, pin: try card.pinStatus(), code: code)
        }
        if json {
            return try JSON.show(
                Report(
                    tokens: looks.map { look in
                        TokenTries(
                            application: look.card.application.rawValue,
                            serialNumber: try look.card.information().serialNumber,
                            pinTriesLeft: look.pin.retriesLeft, pinTriesInAll: look.pin.retriesInAll,
                            code: look.card.application.unblockingCode, codeTriesLeft: look.code.retriesLeft,
                            codeTriesInAll: look.code.retriesInAll)
                    }))
        }
        Page().table(
            ["Card", "PIN", "Code that unblocks it"],
            try looks.map { card, pin, code in
                [
                    .init(try card.title()), pin.cell,
                    .init(card.application.unblockingCode + ": " + code.cell.text, code.cell.style),
                ]
            })
    }
}
