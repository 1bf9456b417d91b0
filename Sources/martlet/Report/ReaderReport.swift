import PCSC
import Token
import Wiring

/// A reader and what is in it, as `list` and `info` show it. The names of the properties are those of the JSON.
struct ReaderReport: Encodable {
    /// What is in a reader.
    enum Card: String, Encodable {
        case absent
        /// A card whose tokens can be used.
        case usable
        /// A card that cannot be used; `problem` tells why.
        case unusable
    }

    let name: String
    let card: Card
    let answerToReset: String?
    let problem: String?
    let tokens: [TokenReport]

    /// Looks at the reader, and at the tokens of the card in it that `selection` means.
    init(
        _ status: ReaderStatus, _ source: SystemTokens, _ selection: CardSelection,
        _ report: (CardToken) throws(CommandFailure) -> TokenReport
    ) {
        name = status.name.description
        answerToReset = status.answerToReset.isEmpty ? nil : status.answerToReset.hexadecimal
        guard status.isCardPresent else {
            (card, problem, tokens) = (.absent, nil, [])
            return
        }
        do throws(CommandFailure) {
            var reports: [TokenReport] = []
            for token in try selection.tokens(in: name, source) { reports.append(try report(token)) }
            (card, problem, tokens) = (.usable, nil, reports)
        } catch {
            (card, problem, tokens) = (.unusable, error.message, [])
        }
    }
}
