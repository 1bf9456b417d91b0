import ArgumentParser
import Token

/// Counts tries.
struct PINTries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tries",
        abstract: "Show how many tries the PINs have left.",
        discussion: "Example: martlet pin tries")

    @OptionGroup var selection: CardSelection

    func run() throws {
        let page = Page()
        page.table(
            ["Card", "PIN", "Code that unblocks it"],
            try selection.tokens().map { card in
                let code = try card.asking("asking for tries") { () throws(TokenError) in
                    try card.token.unblockingStatus()
                }
                return [
                    .init(try card.title()), try card.pinStatus().cell,
                    .init(card.application.unblockingCode + ": " + code.cell.text, code.cell.style),
                ]
            })
    }
}
