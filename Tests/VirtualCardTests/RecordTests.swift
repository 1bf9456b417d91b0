import CardRecord
import HostCrypto
import Testing

@testable import VirtualCard

@Suite("Records of cards")
struct RecordTests {
    private typealias Exchange = CardRecord.Exchange

    private static let record = CardRecord(
        reader: "A Reader 00 00", answerToReset: [0x3B, 0x00],
        exchanges: [
            Exchange(
                command: [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08], answer: [0x61, 0x00, 0x90, 0x00]),
            // Fetched in three pieces.
            Exchange(
                command: [0x00, 0xCB, 0x3F, 0xFF, 0x03, 0x5C, 0x01, 0x7E, 0x00], answer: [0x01, 0x02, 0x61, 0x03]),
            Exchange(command: [0x00, 0xC0, 0x00, 0x00, 0x03], answer: [0x03, 0x04, 0x61, 0x01]),
            Exchange(command: [0x00, 0xC0, 0x00, 0x00, 0x01], answer: [0x05, 0x90, 0x00]),
            // A chain of two.
            Exchange(command: [0x10, 0xDB, 0x3F, 0xFF, 0x02, 0x0A, 0x0B], answer: [0x90, 0x00]),
            Exchange(command: [0x00, 0xDB, 0x3F, 0xFF, 0x01, 0x0C], answer: [0x69, 0x82]),
            Exchange(command: [0x00, 0x20, 0x00, 0x80], hiddenCommand: 9, answer: [0x63, 0xC2]),
            Exchange(command: [0x00, 0x20, 0x00, 0x80], hiddenCommand: 9, answer: [0x90, 0x00]),
            Exchange(command: [0x00, 0x87, 0x11, 0x9D, 0x01, 0x7C, 0x00], answer: [0x90, 0x00], hiddenAnswer: 36),
            Exchange(command: [0x00, 0x84, 0x00, 0x00, 0x08]),
        ])

    @Test func writtenAndRead() throws {
        let text = Self.record.text
        #expect(
            text.hasPrefix("martlet-record 1\nreader A Reader 00 00\natr 3B00\n> 00A4040005A000000308\n< 61009000\n"))
        #expect(text.contains("> 00200080 [9 bytes, secret]\n< 63C2\n"))
        #expect(text.contains("< [36 bytes, secret] 9000\n") && text.hasSuffix("> 0084000008\n! no answer\n"))
        #expect(try CardRecord(text: text) == Self.record)
        // In a report, with lines for people.
        #expect(try CardRecord(text: "# Doctor\nbad: it\n" + text + "\n# the end\n") == Self.record)
    }

    @Test(
        arguments: [
            ("", nil), ("martlet-record 2\n", nil), ("martlet-record 1\n> 00A4\n", 2),
            ("martlet-record 1\n< 9000\n", 2),
            ("martlet-record 1\n> 00A40400\n< 90\n", 3), ("martlet-record 1\n> 00A40400\n< 9000\n< 9000\n", 4),
            ("martlet-record 1\nwhat 1\n", 2), ("martlet-record 1\n> 00200080 [0 bytes, secret]\n", 2),
            ("martlet-record 1\n> 00200080 [9 bytes\n", 2), ("martlet-record 1\natr 3\n", 2),
            ("martlet-record 1\n> 0020008G\n", 2),
        ] as [(String, Int?)])
    func unreadable(_ text: String, _ line: Int?) {
        #expect(throws: line.map(CardRecord.Failure.line) ?? .notARecord) { try CardRecord(text: text) }
    }

    @Test func wholeCommands() {
        let commands = Self.record.commands
        #expect(commands.map(\.header.ins) == [0xA4, 0xCB, 0xDB, 0x20, 0x20, 0x87, 0x84])
        #expect(commands[1].answer == [1, 2, 3, 4, 5] && commands[1].pieceSize == 2 && commands[1].status == .success)
        #expect(commands[2].data == [0x0A, 0x0B, 0x0C] && commands[2].status == .securityStatusNotSatisfied)
        #expect(commands[3].isHidden && commands[3].data == [] && commands[5].hiddenAnswer == 36)
        #expect(commands[6].status == nil)
    }

    @Test("Other bytes take their places, whole and in pieces; where there are more, more is fetched")
    func rewritten() {
        #expect(Self.record.rewritten { ($0.data, $0.answer) } == Self.record)
        let other = Self.record.rewritten { command in
            (command.data.map { ~$0 }, command.header.ins == 0xCB ? [9, 8, 7, 6, 5, 4, 3] : command.answer)
        }
        #expect(other.commands[1].answer == [9, 8, 7, 6, 5, 4, 3] && other.commands[1].pieceSize == 2)
        #expect(other.exchanges.count == Self.record.exchanges.count + 1)
        #expect(
            other.exchanges[4].command == [0x00, 0xC0, 0x00, 0x00, 0x00] && other.exchanges[4].answer == [3, 0x90, 0])
        #expect(other.commands[2].data == [0xF5, 0xF4, 0xF3])
        let shorter = Self.record.rewritten { ($0.data, $0.header.ins == 0xCB ? [1] : $0.answer) }
        #expect(shorter.exchanges[1].answer == [1, 0x90, 0x00] && shorter.exchanges[2].command[0] == 0x10)
    }

    @Test("What was answered is answered again, in the record's order, and from its beginning after a reset")
    func replayed() throws {
        let card = try ReplayedCard(Self.record)
        func send(_ bytes: UInt8...) -> [UInt8] { card.process(bytes) }
        for _ in 0..<2 {
            #expect(send(0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08) == [0x61, 0x00, 0x90, 0x00])
            #expect(send(0x00, 0xCB, 0x3F, 0xFF, 0x03, 0x5C, 0x01, 0x7E, 0x00) == [0x01, 0x02, 0x61, 0x03])
            #expect(send(0x00, 0xC0, 0x00, 0x00, 0x03) == [0x03, 0x04, 0x05, 0x90, 0x00])
            // Any PIN, first as it went wrong.
            #expect(send(0x00, 0x20, 0x00, 0x80, 0x08, 1, 2, 3, 4, 5, 6, 7, 8) == [0x63, 0xC2])
            #expect(send(0x00, 0x20, 0x00, 0x80, 0x08, 1, 2, 3, 4, 5, 6, 7, 8) == [0x90, 0x00])
            #expect(send(0x00, 0x20, 0x00, 0x80, 0x08, 1, 2, 3, 4, 5, 6, 7, 8) == [0x90, 0x00])
            // What was never asked.
            #expect(send(0x00, 0xCB, 0x3F, 0xFF, 0x03, 0x5C, 0x01, 0x7F, 0x00) == [0x6A, 0x82])
            #expect(send(0x00, 0xF8, 0x00, 0x00) == [0x6D, 0x00])
            #expect(send(0x00, 0x20, 0x00, 0x81) == [0x63, 0xC3])
            // What got no answer gets none.
            #expect(send(0x00, 0x84, 0x00, 0x00, 0x08) == [])
            card.reset()
        }
    }

    @Test("Whatever a record says and a host sends, nothing traps")
    func odd() throws {
        var generator = SystemRandomNumberGenerator()
        func bytes(_ most: Int) -> [UInt8] {
            (0..<Int.random(in: 0...most)).map { _ in .random(in: 0...255, using: &generator) }
        }
        let instructions: [UInt8] = [0xA4, 0xCB, 0xCA, 0x47, 0x87, 0xF7, 0xC0, 0x20, 0x2A, 0x88]
        for _ in 0..<200 {
            let exchanges = (0..<20).map { _ in
                Exchange(
                    command: [[0x00, 0x10].randomElement() ?? 0, instructions.randomElement() ?? 0] + bytes(4) + [
                        0, 0,
                    ],
                    answer: bytes(12) + [[0x90, 0x61, 0x6A].randomElement() ?? 0, 0x00])
            }
            let record = CardRecord(reader: "", answerToReset: [], exchanges: exchanges)
            #expect(try CardRecord(text: record.text) == record)
            _ = record.rewritten { ($0.data, $0.answer + [1]) }
            let card = try ReplayedCard(record)
            for exchange in exchanges {
                #expect(card.process(exchange.command).count != 1)
                #expect(card.process(bytes(20)).count != 1)
            }
        }
    }
}
