import TestSupport
import Testing

/// A card that another program has, as gpg's scdaemon does.
@Suite struct HeldCardTests {
    /// Each client used to wait nine seconds.
    @Test func aHeldCardIsWaitedForOnce() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        try world.whileHeld("exclusive") { letGo in
            for _ in 0..<2 { try quickly { try process("A1 slots present") } }
            try process("A1 token 0", "CKR_DEVICE_ERROR")
            try quickly { try process("A1 open 0 rw", "CKR_DEVICE_ERROR") }
            try quickly { try process("A1 slots present") }
            try letGo()
            try Deadline.wait(for: "the card") { try process.line("A1 token 0").hasPrefix("CKR_OK") }
        }
        try process("A1 open 0 rw")
    }

    private func quickly(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) rethrows {
        let duration = try ContinuousClock().measure(body)
        #expect(duration < .seconds(2), sourceLocation: sourceLocation)
    }
}
