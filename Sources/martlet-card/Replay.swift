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

    @Option(help: "vpcd's port at 127.0.0.1.")
    var port: UInt16

    @Option(help: "A file to which each command and answer is added.")
    var log: String?

    @Option(help: "How many seconds vpcd may take to be there, at the start and each time it goes away.")
    var wait: Double = 30

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
        let log = try self.log.map { try APDULog(path: $0) }
        let slot = CardSlot(replaying: try ReplayedCard(record)) { log?.add(command: $0, answer: $1) }
        var connection = ReaderConnection(
            reader: slot.inVPCD, place: .localPort(port), control: control, wait: wait)
        try connection.run()
    }
}
