import CLibrary
import Testing
import TestSupport

/// Eight processes with eight threads each on two cards, to which something happens every second. MARTLET_SOAK says for how
/// many seconds; `.ci/soak` runs it for ten minutes.
@Suite struct SoakTests {
    private static let seconds = Tool.inheritedEnvironment["MARTLET_SOAK"].flatMap { Int($0) } ?? 6
    private static let processes = 8, threads = 8

    @Test func everySignatureIsRight() throws {
        // Two cards of the same keys.
        let card = SimulatedCard(keys: ["9a=p256"])
        let world = try CardWorld(readers: [
            CardReader("First", card: card.program()), CardReader("Second", card: card.program()),
        ])
        let soak = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/soak.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl", "-lpthread"])
        let command = [soak, try BuiltModule.path(), "\(Self.seconds)", "\(Self.threads)", SimulatedCard.pin]
        for number in 0..<Self.processes { _ = try world.startInBackground(command, log: "soak\(number).log") }
        let deadline = Deadline(seconds: Double(Self.seconds))
        var faults: [String: Int] = [:]
        while !deadline.hasPassed {
            let fault = Self.faults[Int.random(in: Self.faults.indices)]
            faults[fault.name, default: 0] += 1
            try fault.happen(world, Int.random(in: 0...1))
            usleep(UInt32(min(1000, deadline.millisecondsLeft)) * 1000)
        }
        var sum = [Int](repeating: 0, count: 3)
        for number in 0..<Self.processes {
            let figures = try end(of: "soak\(number).log", in: world)
            print("process \(number): \(figures)", terminator: "")
            let words = figures.split(whereSeparator: \.isWhitespace).map(String.init)
            #expect(words[5] == "0", "wrong signatures")
            #expect(words[7] == "0", "a code that a card in trouble does not explain: \(words[7])")
            #expect(words[9...10].compactMap { Int($0) }.reduce(0) { $1 - $0 } < 20_000, "bytes from malloc")
            #expect(words[12] == words[13], "descriptors")
            for place in sum.indices { sum[place] += Int(words[1 + 2 * place]) ?? 0 }
        }
        print("\(Self.seconds) s, \(Self.processes * Self.threads) threads, faults \(faults)")
        print("\(sum[0]) signatures were right, \(sum[1]) calls failed, \(sum[2]) signatures were wrong")
        #expect(sum[0] > 100)
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        for slot in try process("A1 slots present") {
            let countIsLow = try (Int(process.first("A1 token \(slot)")) ?? 0) & 0x10000
            #expect(countIsLow == 0, "a PIN try was lost")
        }
    }

    /// What happens to the card in a reader. All is well again when it returns.
    private struct Fault: Sendable {
        let name: String
        let happen: @Sendable (CardWorld, Int) throws -> Void
    }

    private static let faults =
        ["reset", "select"].map { deed in Fault(name: deed) { try $0.interfere(deed, inReader: $1) } } + [
            Fault(name: "pulled out") {
                try $0.pullCard(fromReader: $1)
                try $0.putCardBack(intoReader: $1)
            },
            Fault(name: "held") { world, reader in
                try world.whileHeld("transaction", inReader: reader) { _ in usleep(300_000) }
            },
            Fault(name: "service restarted") { world, _ in try world.restartService() },
        ]

    /// What a process printed at its end.
    private func end(of log: String, in world: CardWorld) throws -> String {
        var text = ""
        try Deadline.wait(seconds: 60, for: "a process of the soak to end") {
            text = String(decoding: try world.home.read(log), as: UTF8.self)
            return text.hasSuffix("\n")
        }
        guard text.hasPrefix("right "), !text.dropLast().contains("\n") else { throw ToolFailure(text) }
        return text
    }
}
