import CLibrary
import Testing
import TestSupport

/// C_WaitForSlotEvent over a real pcscd.
@Suite struct SlotEventTests {
    @Test func cardsComeAndGo() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let process = try CryptokiProcess(in: world)
        try process("A1 wait", "CKR_CRYPTOKI_NOT_INITIALIZED")
        try process("A1 initialize")
        try process("A1 wait", "CKR_NO_EVENT")
        let log = try world.apduLog {
            _ = try process.line("W1& wait block")
            usleep(100_000)
            #expect(try process.line("W1 poll") == "busy")
            try world.pullCard()
            #expect(try process("W1 join") == ["0"])
            try process("A1 wait", "CKR_NO_EVENT")
            try process("A1 open 0 ro", "CKR_TOKEN_NOT_PRESENT")
            _ = try process.line("W1& wait block")
            try world.putCardBack()
            #expect(try process("W1 join") == ["0"])
            try process("A1 wait", "CKR_NO_EVENT")
        }
        #expect(log.isEmpty)
        // A session works while another thread waits, and the end of the library ends the wait.
        _ = try process.line("W1& wait block")
        try process("A1 open 0 ro")
        try process("A1 finalize")
        try process("W1 join", "CKR_CRYPTOKI_NOT_INITIALIZED")
        try process("A1 initialize")
        try process("A1 wait", "CKR_NO_EVENT")
    }

    /// A program may begin to wait before pcscd is there.
    @Test func theServiceComes() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        try world.stopService()
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        try process("A1 wait", "CKR_NO_EVENT")
        _ = try process.line("W1& wait block")
        try world.startService()
        let slot = try process.first("W1 join")
        try process("A1 open \(slot) ro")
    }
}
