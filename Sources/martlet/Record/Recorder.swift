import CLibrary
import CardRecord
import ISO7816
import PCSC
import Wiring

/// Runs programs while the module in them writes its trace, and makes a record of it, with everything still in it but what the
/// trace leaves out itself: PINs, keys and plaintext.
final class Recorder {
    private let reader: ReaderStatus
    private var lines: [String] = []

    /// - Parameter named: a part of the reader's name, where there are cards in several.
    init(reader named: String?) throws(CommandFailure) {
        let readers: [ReaderStatus]
        do throws(ChannelError) {
            readers = try ReaderMonitor().readers()
        } catch {
            throw CommandFailure(.serviceUnavailable, during: "looking for readers", nil)
        }
        let meant = readers.filter { status in
            status.isCardPresent
                && (named.map { status.name.description.lowercased().contains($0.lowercased()) } ?? true)
        }
        guard let first = meant.first else {
            throw CommandFailure(
                named == nil ? "no card is in a reader" : "no card that fits is in a reader",
                hint: "put a card into a reader; martlet doctor tells more", .unavailable)
        }
        guard meant.count == 1 else {
            throw CommandFailure(
                "more than one card is in a reader", hint: "name one with --reader; martlet list shows them", .usage)
        }
        reader = first
    }

    /// Runs a program to its end, and adds what its module said.
    ///
    /// - Returns: its exit code.
    func run(_ command: [String]) throws(CommandFailure) -> Int32 {
        setenv(Setting.readers.variable, reader.name.description, 1)
        defer { unsetenv(Setting.readers.variable) }
        return try TraceFile().run(command) { lines += $0 }
    }

    /// What was said so far. An answer whose command is not there is left out.
    var record: CardRecord {
        var text = ["martlet-record \(CardRecord.format)"]
        for line in lines {
            guard let mark = line.firstRange(of: "]: "), line.hasPrefix("martlet[") else { continue }
            // What is typed on a reader's keys is as long as nobody knows.
            var content = String(line[mark.upperBound...]).replacing(
                "typed on the reader, secret", with: "9 bytes, secret")
            // An answer without a status word is none.
            if content.hasPrefix("< "), content.count < 6 { content = "! no answer" }
            let isAnswer = content.hasPrefix("<") || content.hasPrefix("!")
            if content.hasPrefix("> ") || (isAnswer && text.last?.hasPrefix(">") ?? false) { text.append(content) }
        }
        var record =
            (try? CardRecord(text: text.joined(separator: "\n")))
            ?? CardRecord(reader: "", answerToReset: [], exchanges: [])
        record.reader = reader.name.description
        record.answerToReset = reader.answerToReset
        return record
    }
}
