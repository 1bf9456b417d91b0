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
        let twin = try FaultyCard.twin()
        let reader = FaultyReader(try VirtualCard(state: FaultyCard.state()), other: Self.other(flow), twin: twin)
        let library = Library(source: reader, clock: { reader.now() })
        defer { library.shutDown() }
        reader.set(fault, at: index)
        let place = "\(flow), \(fault.name) at \(index)"
        let outcome = try flow.outcome(library, pin: CardKeys.pin, on: FaultyCard.keys())
        let isUnknowable = fault.isBeyondNotice(flow, at: reader.struck)
        #expect(Flow.permits(outcome) || isUnknowable && outcome.hasPrefix("wrong"), "\(place): \(outcome)")
        #expect(reader.sent < Self.mostCommands, "\(place): \(reader.sent) commands")
        reader.mend(puttingIn: fault.hidesApplication(at: index))
        // A card that changes its PIN twice finds the old one wrong at the second time, whoever asks it.
        let isChangedTwice = fault == .commandTwice && reader.struck?[1] == 0x24
        #expect(FaultyCard.tries(reader.card) == [isChangedTwice ? 2 : 3, 3], "\(place)")
        #expect(FaultyCard.tries(twin) == [3, 3], "\(place)")
        func again() throws -> String {
            try flow.outcome(library, pin: FaultyCard.currentPIN(reader.card), on: FaultyCard.keys())
        }
        var repeated = try again()
        // Answers that came too late told of other keys, or of another card: what followed from that ends first.
        if fault == .lagging, Flow.permits(repeated) { repeated = try again() }
        #expect(repeated == "done", "\(place), afterwards")
        #expect(FaultyCard.tries(reader.card) == [3, 3], "\(place), afterwards")
        return outcome
    }

    private static func other(_ flow: Flow) -> [UInt8] {
        flow == .signOpenPGP ? FaultyCard.pivIdentifier : FaultyCard.openPGPIdentifier
    }
}

extension Fault {
    /// Whether the result is wrong and nobody could tell: neither a plaintext nor a shared secret shows which key it is of, or
    /// that a byte of it is another one.
    fileprivate func isBeyondNotice(_ flow: Flow, at command: [UInt8]?) -> Bool {
        guard flow == .decrypt || flow == .derive, command?[1] == 0x87 else { return false }
        return self == .scrambled || self == .anotherCard
    }
}
