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

    /// SCardConnect waits, in pcscd, as long as another program holds a transaction: every call waited with it.
    @Test func aCardInATransactionHoldsUpNobodyElse() throws {
        let world = try CardWorld(readers: [
            CardReader("Held", card: SimulatedCard(keys: ["9a=p256"]).program()),
            CardReader("Free", card: SimulatedCard(keys: ["9a=p256"]).program()),
        ])
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        try world.whileHeld("transaction") { letGo in
            for _ in 0..<2 { #expect(try process("A1 slots present").count == 2) }
            // One thread wants the card that is held; others go on with the one that is free.
            _ = try process.line("W1& open 0 ro")
            let free = try #require(try process("A1 slots present").last)
            let session = try process.first("A1 open \(free) ro")
            let key = try process.first("A1 find \(session) class=public id=hex:01")
            try process("A1 get \(session) \(key) label")
            try process("W1 join", "CKR_DEVICE_ERROR")
            try process("A1 token 0", "CKR_DEVICE_ERROR")
            try letGo()
            try Deadline.wait(for: "the card") { try process.line("A1 token 0").hasPrefix("CKR_OK") }
        }
        try process("A1 open 0 rw")
        try process("A1 finalize")
    }

    /// The end of the library waits neither for the card nor for the thread that asks for it.
    @Test func theLibraryEndsMeanwhile() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let process = try CryptokiProcess(in: world)
        try world.whileHeld("transaction") { letGo in
            for _ in 0..<2 {
                try process("A1 initialize")
                try process("A1 slots present")
                try process("A1 finalize")
            }
            try letGo()
        }
        try process("A1 initialize")
        try Deadline.wait(for: "the card") { try process.line("A1 open 0 ro").hasPrefix("CKR_OK") }
    }

    @Test func aMuteServiceIsNone() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        let session = try process.first("A1 open 0 ro")
        _ = try process.line("W1& wait block")
        try world.pauseService()
        defer { try? world.resumeService() }
        try process("A1 slots present")
        try process("A1 state \(session)", "CKR_SESSION_HANDLE_INVALID")
        try process("A1 finalize")
        // It was told that the card is gone, or that the library ended.
        _ = try process.line("W1 join")
        try world.resumeService()
        try process("A1 initialize")
        try Deadline.wait(for: "pcscd") { try process.line("A1 open 0 ro").hasPrefix("CKR_OK") }
    }

    private func quickly(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) rethrows {
        let duration = try ContinuousClock().measure(body)
        #expect(duration < .seconds(2), sourceLocation: sourceLocation)
    }
}
