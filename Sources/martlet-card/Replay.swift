import ArgumentParser
import CardRecord
import FoundationEssentials
import VirtualCard

/// Answers as a card did that was recorded elsewhere.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a card that was recorded into pcscd's virtual reader.",
        discussion: """
            The file is what martlet record or martlet report has written. Each command is answered as it was there; the card \
            has keys of its own, whose public keys stand in the record's certificates, and signs and decrypts with them. It \
            takes any PIN, and nothing that is written to it stays.

            Example: martlet-card replay martlet.record --port 35963
            """)

    @Argument(help: "The record, or a report with one in it.")
    var file: String

    @OptionGroup var reader: ReaderOptions

    func run() throws {
        // First of all: a signal before this would end the process.
        let control = try SignalPipe()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let record: CardRecord
        do {
            record = try CardRecord(text: text)
        } catch CardRecord.Failure.line(let number) {
            throw ValidationError("\(file), line \(number), is none of a record")
        } catch {
            throw ValidationError("\(file) is no record of martlet's")
        }
        let card = try ReplayedCard(record)
        try reader.serve(control) { CardSlot(replaying: card, record: $0) }
    }
}
