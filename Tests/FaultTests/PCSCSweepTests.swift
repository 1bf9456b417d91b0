import FaultFlows
import TestSupport
import Testing

/// The sweep over a real pcscd: each fault once, and each flow twice or more. With MARTLET_SWEEP=all it is each flow, with
/// each fault at each of its commands, which takes half an hour; with MARTLET_SWEEP=TEXT those of them whose names have
/// the text in them, as "signRSA, reset at 7".
@Suite struct PCSCSweepTests {
    private static let scope = Tool.inheritedEnvironment["MARTLET_SWEEP"]

    /// What can happen between pcscd and a card. The others are pcscd's own words; vpcd itself waits without end for the
    /// bytes of an answer that has none; and there is one card.
    private static let faults = Fault.all.filter { fault in
        switch fault {
        case .commandLost, .answerLost, .readerUnplugged, .serviceEnded, .held, .unpowered, .noBytes, .anotherCard:
            false
        default: true
        }
    }

    @Test func survives() throws {
        let bench = try FaultBench()
        var counts: [Flow: Int] = [:]
        for flow in Flow.allCases {
            // Twice, for the first time leaves keys and certificates behind.
            for _ in 0..<2 {
                try bench.mend()
                #expect(try bench.program()(flow, bench.currentPIN(), 0) == "done")
                counts[flow] = try bench.mend()
            }
        }
        var table: [String: Int] = [:]
        for (flow, fault, index) in Self.cases(counts) {
            table["\(flow), \(fault.name): \(try outcome(bench, flow, fault, index))", default: 0] += 1
        }
        for line in table.keys.sorted() { print("  \(line) (\(table[line] ?? 0))") }
    }

    private static func cases(_ counts: [Flow: Int]) -> [(Flow, Fault, Int)] {
        let all = Flow.allCases.flatMap { flow in
            faults.filter { isJudged($0, flow) }
                .flatMap { fault in (0..<counts[flow, default: 0]).map { (flow, fault, $0) } }
        }
        if let scope { return all.filter { scope == "all" || name($0, $1, $2).contains(scope) } }
        return faults.enumerated().map { number, fault in
            let flows = Flow.allCases.filter { isJudged(fault, $0) }
            let flow = flows[number % flows.count]
            return (flow, fault, number * 7 % counts[flow, default: 1])
        }
    }

    /// Whether what comes of it can be told from here: not of a result that nobody can verify, nor of a PIN that the card
    /// changes twice, which costs a try. `SweepTests` sees the command and judges those too.
    private static func isJudged(_ fault: Fault, _ flow: Flow) -> Bool {
        switch fault {
        case .scrambled: flow != .decrypt && flow != .derive
        case .commandTwice: flow != .changePIN
        default: true
        }
    }

    private static func name(_ flow: Flow, _ fault: Fault, _ index: Int) -> String {
        "\(flow), \(fault.name) at \(index)"
    }

    private func outcome(_ bench: FaultBench, _ flow: Flow, _ fault: Fault, _ index: Int) throws -> String {
        let place = Self.name(flow, fault, index)
        let run = try bench.program(), pin = try bench.currentPIN()
        try bench.set(fault, at: index)
        let outcome = try run(flow, pin, 0)
        #expect(Flow.permits(outcome), "\(place): \(outcome)")
        try bench.mend(puttingIn: fault.hidesApplication(at: index))
        #expect(try bench.tries() == "3 3", "\(place)")
        let repeated = try run(flow, bench.currentPIN(), 11)
        #expect(repeated == "done", "\(place), afterwards")
        #expect(try bench.tries() == "3 3", "\(place), afterwards")
        return outcome
    }
}
