import Cryptoki
import Testing

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
        let reader = FaultyReader(try FaultyCard.new(), other: Self.other(flow))
        let library = Library(source: reader, clock: { reader.now() })
        defer { library.shutDown() }
        try flow.run(library, pin: FaultyCard.pin)
        return reader.sent
    }

    private func outcome(of flow: Flow, with fault: Fault, at index: Int) throws -> String {
        let reader = FaultyReader(try FaultyCard.new(), other: Self.other(flow))
        let library = Library(source: reader, clock: { reader.now() })
        defer { library.shutDown() }
        reader.set(fault, at: index)
        let place = "\(flow), \(fault.name) at \(index)"
        var outcome = "done"
        do {
            try flow.run(library, pin: FaultyCard.pin)
        } catch let code as ReturnCode {
            outcome = "0x" + String(code.rawValue, radix: 16)
            #expect(Self.documented.contains(code), "\(place): \(outcome)")
        } catch {
            Issue.record("\(place): \(error)")
        }
        #expect(reader.sent < Self.mostCommands, "\(place): \(reader.sent) commands")
        reader.mend(puttingIn: Self.hidesApplication(fault, index))
        #expect(FaultyCard.tries(reader.card) == [3, 3], "\(place)")
        let repeated = Result { try flow.run(library, pin: FaultyCard.currentPIN(reader.card)) }
        #expect(throws: Never.self, "\(place), afterwards") { try repeated.get() }
        #expect(FaultyCard.tries(reader.card) == [3, 3], "\(place), afterwards")
        return outcome
    }

    /// Whether a card with this fault shows one application without the other until it is put in anew: it says that it has
    /// no such application, or it fails again and again while it is opened.
    private static func hidesApplication(_ fault: Fault, _ index: Int) -> Bool {
        switch fault {
        case .status(0x6A82), .forever: index < 3
        default: false
        }
    }

    private static func other(_ flow: Flow) -> [UInt8] {
        flow == .signOpenPGP ? FaultyCard.pivIdentifier : FaultyCard.openPGPIdentifier
    }

    /// What a flow may end with.
    private static let documented: Set<ReturnCode> = [
        .deviceError, .deviceRemoved, .tokenNotPresent, .tokenNotRecognized, .sessionHandleInvalid, .deviceMemory,
        .objectHandleInvalid, .keyHandleInvalid, .userNotLoggedIn, .pinIncorrect, .pinLocked, .functionFailed,
        .dataInvalid, .keyFunctionNotPermitted, .keyTypeInconsistent, .pinInvalid, .functionCanceled,
        .attributeValueInvalid,
    ]
}
