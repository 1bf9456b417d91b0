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

    /// A reader, and the tokens of the card in it that `selection` means.
    fileprivate init(_ status: ReaderStatus, _ card: Card, problem: String? = nil, tokens: [TokenReport] = []) {
        name = status.name.description
        answerToReset = status.answerToReset.isEmpty ? nil : status.answerToReset.hexadecimal
        (self.card, self.problem, self.tokens) = (card, problem, tokens)
    }
}

/// What comes of a look at a reader.
struct ReaderLook {
    let report: ReaderReport
    /// The serial numbers of tokens in it that were not meant.
    let others: [String]

    /// Looks at the reader, and at the tokens of the card in it that `selection` means.
    init(
        _ status: ReaderStatus, _ source: SystemTokens, _ selection: CardSelection,
        _ report: (CardToken) throws(CommandFailure) -> TokenReport
    ) {
        guard status.isCardPresent else {
            (self.report, others) = (ReaderReport(status, .absent), [])
            return
        }
        do throws(CommandFailure) {
            let (meant, others) = try selection.tokens(in: status.name.description, source)
            var reports: [TokenReport] = []
            for token in meant { reports.append(try report(token)) }
            (self.report, self.others) = (ReaderReport(status, .usable, tokens: reports), others)
        } catch {
            (self.report, others) = (ReaderReport(status, .unusable, problem: error.message), [])
        }
    }
}
