import Foundation
import TestSupport
import Testing

/// Where the PIN of a login lies: in no core dump while it is kept, and nowhere once it is not.
@Suite(.enabled(if: Tool.missing("gcore", package: "gdb") == nil))
struct PINInMemoryTests {
    /// What no program has in its memory by chance. A new card's PIN is changed to it.
    private static let pin = "k7#Qw9Zp"
    private static let cards: [String: (card: SimulatedCard, slot: Int, id: Int, eachUse: Int)] = [
        "PIV": (SimulatedCard(keys: ["9a=p256", "9c=p256"]), 0, 1, 2),
        "OpenPGP": (SimulatedCard(profile: "openpgp34", keys: ["sig=p256", "aut=p256"]), 0, 3, 1),
    ]

    /// A process that uses the module, and what is found in its memory.
    private struct Process {
        let world: CardWorld
        private let conversation: Conversation
        private let pid: Int

        init(_ card: SimulatedCard, environment: [String: String]) throws {
            world = try CardWorld(card)
            let driver = try CDriver.build(
                PackageRoot.path + "/Tests/ModuleTests/Drivers/keep-no-pin.c",
                flags: ["-D_GNU_SOURCE", "-I\(PackageRoot.path)/include", "-ldl"])
            conversation = try world.converse([driver, try BuiltModule.path()], environment: environment)
            pid = try #require(Int(try conversation.ask("pid"), radix: 16))
        }

        func callAsFunction(_ line: String, _ code: String = "0") throws {
            let answer = try conversation.ask(line)
            #expect(answer == code, "\(line.prefix(8))")
        }

        /// The places in a core dump, and those in all memory that can be read.
        func places(of secret: String) throws -> [Int] {
            let script = PackageRoot.path + "/Tests/ModuleTests/Drivers/find-secret.py"
            let answer = try world.run(["python3", script, String(pid), secret]).checked().text
            return answer.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        }
    }

    private func process(_ name: String, cache: String? = nil) throws -> Process {
        let (card, slot, _, _) = try #require(Self.cards[name])
        let process = try Process(card, environment: cache.map { ["MARTLET_PIN_CACHE": $0] } ?? [:])
        try process("initialize")
        try process("open \(slot)")
        try process("set-pin \(SimulatedCard.pin) \(Self.pin)")
        return process
    }

    @Test(arguments: ["PIV", "OpenPGP"]) func isInNoCoreDump(_ name: String) throws {
        let process = try process(name)
        let (_, _, key, eachUse) = try #require(Self.cards[name])
        let nowhere = [0, 0]
        #expect(try process.places(of: Self.pin) == nowhere)
        try process("login \(Self.pin)")
        let kept = try process.places(of: Self.pin)
        // Where the kernel has hidden memory not even a debugger sees it; else it is in the pages that no dump takes.
        #expect(kept[0] == 0)
        #expect(kept[1] <= 1, "\(kept)")
        try process("sign \(key)")
        try process("sign \(eachUse) \(Self.pin)")
        #expect(try process.places(of: Self.pin)[0] == 0)
        // The card is reset: the PIN is sent once more.
        try process.world.resetCard()
        try process("sign \(key)")
        try process("logout")
        #expect(try process.places(of: Self.pin) == nowhere)
        try process("login \(Self.pin)")
        try process("finalize")
        #expect(try process.places(of: Self.pin) == nowhere)
    }

    /// With the setting the PIN is nowhere while the login goes on, from the beginning or after its seconds.
    @Test(arguments: [("PIV", "off"), ("OpenPGP", "off"), ("PIV", "1"), ("OpenPGP", "1")])
    func isKeptAsTheSettingSays(_ name: String, _ cache: String) throws {
        let process = try process(name, cache: cache)
        let (_, _, key, eachUse) = try #require(Self.cards[name])
        try process("login \(Self.pin)")
        if cache != "off" {
            usleep(1_100_000)
            // There is no thread: the next call of any kind wipes it.
            try process("info")
        }
        #expect(try process.places(of: Self.pin) == [0, 0])
        try process("sign \(key)")
        try process("sign \(eachUse) \(Self.pin)")
        if cache == "off" { #expect(try process.places(of: Self.pin) == [0, 0]) }
        try process("sign \(key)")
    }

    /// The card is pulled out: the first call that finds it gone wipes the PIN.
    @Test(arguments: ["PIV", "OpenPGP"]) func endsWithTheCard(_ name: String) throws {
        let process = try process(name)
        try process("login \(Self.pin)")
        try process.world.pullCard()
        // CKR_SESSION_HANDLE_INVALID: the session has ended with the card's stay.
        try process("info", "b3")
        #expect(try process.places(of: Self.pin) == [0, 0])
    }
}
