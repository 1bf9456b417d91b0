import Cryptoki
import FaultFlows
import Testing
import VirtualCard

/// Each flow, with each fault at each of its commands: an error at most, no wrong result, no PIN try lost, and when the
/// fault is gone the module works again without C_Finalize.
@Suite struct SweepTests {
    /// More than any flow sends with a fault in it, on a card that means each command to be sent again.
    private static let mostCommands = 200

    @Test(arguments: Flow.allCases)
    func survives(_ flow: Flow) throws {
        let count = try commands(of: flow)
        var table: [String: Int] = [:]
        for fault in Fault.all {
            var outcomes: [String: Int] = [:]
            for index in 0..<count { outcomes[try outcome(of: flow, with: fault, at: index), default: 0] += 1 }
            for (outcome, count) in outcomes { table["\(fault.name): \(outcome)"] = count }
        }
        print("\(flow.rawValue), \(count) commands:")
        for line in table.keys.sorted() { print("  \(line) (\(table[line] ?? 0))") }
    }

    /// How many commands a flow sends where nothing happens.
    private func commands(of flow: Flow) throws -> Int {
        let reader = FaultyReader(try VirtualCard(state: FaultyCard.state()), other: Self.other(flow))
        let library = Library(source: reader, clock: { reader.now() })
        defer { library.shutDown() }
        #expect(try flow.outcome(library, pin: CardKeys.pin, on: FaultyCard.keys()) == "done")
        return reader.sent
    }

    private func outcome(of flow: Flow, with fault: Fault, at index: Int) throws -> String {
        let reader = FaultyReader(try VirtualCard(state: FaultyCard.state()), other: Self.other(flow))
        let library = Library(source: reader, clock: { reader.now() })
        defer { library.shutDown() }
        reader.set(fault, at: index)
        let place = "\(flow), \(fault.name) at \(index)"
        let outcome = try flow.outcome(library, pin: CardKeys.pin, on: FaultyCard.keys())
        #expect(Flow.permits(outcome), "\(place): \(outcome)")
        #expect(reader.sent < Self.mostCommands, "\(place): \(reader.sent) commands")
        reader.mend(puttingIn: fault.hidesApplication(at: index))
        #expect(FaultyCard.tries(reader.card) == [3, 3], "\(place)")
        let repeated = try flow.outcome(library, pin: FaultyCard.currentPIN(reader.card), on: FaultyCard.keys())
        #expect(repeated == "done", "\(place), afterwards")
        #expect(FaultyCard.tries(reader.card) == [3, 3], "\(place), afterwards")
        return outcome
    }

    private static func other(_ flow: Flow) -> [UInt8] {
        flow == .signOpenPGP ? FaultyCard.pivIdentifier : FaultyCard.openPGPIdentifier
    }
}
