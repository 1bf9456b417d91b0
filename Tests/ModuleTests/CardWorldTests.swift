import TestSupport
import Testing

/// The harness itself: what the other suites rely on.
@Suite struct CardWorldTests {
    @Test func cardIsPulledAndPutBack() throws {
        let world = try CardWorld(readers: [
            CardReader(card: SimulatedCard(keys: []).program()), CardReader("Empty"),
            CardReader("Other", card: SimulatedCard(profile: "plain-piv", keys: []).program()),
        ])
        #expect(try cards(world) == [world.readerName(0), world.readerName(2)])
        try world.pullCard()
        #expect(try cards(world) == [world.readerName(2)])
        try world.putCardBack()
        #expect(try cards(world) == [world.readerName(0), world.readerName(2)])
        try world.restartService()
        #expect(try cards(world) == [world.readerName(0), world.readerName(2)])
        try world.stopService()
        #expect(try world.run("opensc-tool", "--list-readers").text.contains("No smart card readers"))
    }

    @Test func apdusAreSeen() throws {
        let world = try CardWorld(SimulatedCard(keys: []))
        let log = try world.apduLog {
            try world.run("opensc-tool", "--send-apdu", "00A4040005A000000308").checked()
        }
        #expect(
            log.contains { $0.command.starts(with: [0x00, 0xA4, 0x04, 0x00]) && $0.answer.suffix(2) == [0x90, 0] })
    }

    @Test func programsRunApartAndEndWithTheWorld() throws {
        let (first, second) = try (CardWorld(readers: [CardReader()]), CardWorld(readers: [CardReader()]))
        let listing = ["ss", "--listening", "--tcp", "--numeric", "--no-header"]
        _ = try first.startInBackground(["python3", "-m", "http.server", "7000"], log: "server.log")
        try Deadline.wait(for: "the server") { try first.run(listing).text.contains(":7000") }
        #expect(try !second.run(listing).text.contains(":7000"))
        #expect(try !Tool.run(listing).text.contains(":35963"))
    }

    @Test func timeIsLimited() throws {
        #expect(try Tool.run(["sleep", "60"], timeout: 0.1).ending == .timedOut)
        #expect(throws: ToolFailure.self) { try Tool.run("/no/such/program") }
        #expect(try Tool.run(["cat"], input: [UInt8](repeating: 7, count: 1 << 20)).output.count == 1 << 20)
    }

    private func cards(_ world: CardWorld) throws -> [String] {
        try world.run("opensc-tool", "--list-readers").checked().lines
            .compactMap { $0.firstMatch(of: /^\d+ +Yes +(.*)$/).map { String($0.output.1) } }
    }
}
