import Testing

@testable import VirtualCard

@Suite("A card in QEMU's own reader")
struct VSCardTests {
    private func reader(_ profile: CardProfile = .plain) throws -> VSCardReader {
        try #require(
            VSCardReader(slot: CardSlot(card: VirtualCard(state: CardState(profile: profile, serialNumber: 1)))))
    }

    private func message(_ kind: UInt8, _ content: [UInt8] = [], reader: [UInt8] = [0, 0, 0, 0]) -> [UInt8] {
        [0, 0, 0, kind] + reader + [0, 0, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }

    private let nobody: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    private let greeting = Array("VSCD".utf8) + [0, 0, 0, 2, 0, 0, 0, 0]

    private func greet(_ reader: inout VSCardReader) throws -> [UInt8] {
        #expect(reader.open() == message(1, greeting, reader: nobody))
        #expect(try reader.receive(message(1, greeting)) == message(3, Array("Martlet".utf8), reader: nobody))
        return try reader.receive(message(2, [0, 0, 0, 0]))
    }

    @Test func theCardIsPutIn() throws {
        var reader = try reader()
        #expect(try greet(&reader) == message(5, CardProfile.plain.answerToReset))
        // Each message is acknowledged.
        #expect(try reader.receive(message(2, [0, 0, 0, 0])) == [])
    }

    @Test func commandsAreAnsweredOneByOne() throws {
        var reader = try reader()
        _ = try greet(&reader)
        let select = try #require(bytes(hexadecimal: Say.select)), status = try #require(bytes(hexadecimal: Say.status))
        // In pieces, and two at once.
        let both = message(7, select) + message(7, status)
        #expect(try reader.receive(Array(both[..<7])) == [])
        let answer = try reader.receive(Array(both[7...]))
        // T=0: the card tells how many bytes are to be fetched.
        #expect(answer.prefix(12) == [0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 2] && answer[12] == 0x61)
        #expect(answer.suffix(2) == [0x63, 0xC3])
        #expect(try reader.receive(message(8)) == message(9))
    }

    @Test func theCardIsPulledOutAndPutBack() throws {
        var reader = try reader()
        #expect(reader.pullOut() == [])
        #expect(try greet(&reader) == [])
        #expect(reader.putBack() == message(5, CardProfile.plain.answerToReset))
        let select = try #require(bytes(hexadecimal: Say.select)), status = try #require(bytes(hexadecimal: Say.status))
        _ = try reader.receive(message(7, select))
        #expect(reader.pullOut() == message(6))
        #expect(try reader.receive(message(7, status)) == [])
        #expect(reader.putBack() == message(5, CardProfile.plain.answerToReset))
        #expect(reader.putBack() == [])
        #expect(try reader.receive(message(7, status)).suffix(2) == [0x6D, 0x00])
    }

    @Test func whatIsNoneOfTheProtocolEndsTheConnection() throws {
        var reader = try reader()
        _ = reader.open()
        #expect(throws: ReaderError.malformed("VSC_Init")) { try reader.receive(message(1, Array("VSCX".utf8))) }
        #expect(throws: ReaderError.malformed("VSC_Error")) { try reader.receive(message(2, [0, 0])) }
        #expect(throws: ReaderError.readerRefused(code: 2)) { try reader.receive(message(2, [0, 0, 0, 2])) }
        #expect(throws: ReaderError.messageTooLong(0x8000_000C)) {
            try reader.receive([0, 0, 0, 7, 0, 0, 0, 0, 0x80, 0, 0, 0])
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func anyBytes(_ seed: UInt64) throws {
        var generator = FuzzTests.Generator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        var reader = try reader()
        _ = try greet(&reader)
        for _ in 0..<200 {
            let content = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let bytes = message(UInt8.random(in: 0...10, using: &generator), content)
            do { _ = try reader.receive(bytes) } catch { _ = reader.open() }
        }
    }

    @Test func itTakesCardsOfT0Alone() {
        #expect(
            VSCardReader(slot: CardSlot(card: VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1))))
                == nil)
    }
}
