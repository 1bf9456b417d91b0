import TestSupport
import Testing

/// Many threads, and cards that work at the same time.
@Suite struct ThreadTests {
    @Test(arguments: [("04", "CKM_ECDSA"), ("01", "CKM_RSA_PKCS")])
    func sixtyFourThreadsGetRightSignatures(_ id: String, _ mechanism: String) throws {
        let process = try CryptokiProcess(in: CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)))
        try process("A1 initialize")
        let session = try process.first("A1 open 0 ro")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:\(id)")
        let publicKey = try process.first("A1 find \(session) class=public id=hex:\(id)")
        #expect(try process("A1 storm 0 \(key) \(publicKey) \(mechanism) 64 4") == ["256", "0"])
    }

    /// Whatever locks the other threads hold when one of them forks, the child starts, signs nothing of its parent's,
    /// and ends; the parent's signatures stay right.
    @Test func aForkInAStormDisturbsNobody() throws {
        let process = try CryptokiProcess(in: CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)))
        try process("A1 initialize")
        let session = try process.first("A1 open 0 ro")
        let key = try process.first("A1 find \(session) class=private")
        let publicKey = try process.first("A1 find \(session) class=public id=hex:04")
        #expect(try process.line("A2& storm 0 \(key) \(publicKey) CKM_ECDSA 16 16") == "started")
        var forks = 0
        while try process.line("A2 poll") == "busy" {
            #expect(try process("A1 fork \(session)") == ["400", "0", "0", "0", "0"])
            forks += 1
        }
        #expect(forks > 0)
        #expect(try process("A2 join") == ["256", "0"])
    }

    /// A host that allows no threads (CKF_LIBRARY_CANT_CREATE_OS_THREADS, as NSS has it beside CKF_OS_LOCKING_OK) gets none:
    /// there are the shell's two alone, also while the module still works for its last call. With other flags there are more.
    @Test(arguments: [(1, true), (3, true), (2, false), (0, false)]) func noThreadsForAHostThatAllowsNone(
        _ flags: Int, _ isBare: Bool
    ) throws {
        let process = try CryptokiProcess(in: CardWorld(SimulatedCard(keys: ["9a=p256"])))
        try process("A1 initialize \(flags)")
        var counts: Set<String> = []
        func count() throws { counts.formUnion(try process("A1 threads")) }
        let session = try process.first("A1 open \(process.first("A1 slots present")) ro")
        try count()
        try process("A1 login \(session) user \(SimulatedCard.pin)")
        try count()
        let key = try process.first("A1 find \(session) class=private id=hex:01")
        try process("A1 sign-init \(session) CKM_ECDSA \(key)")
        try process("A1 sign \(session) zeros:32")
        try count()
        #expect((counts == ["2"]) == isBare, "\(counts)")
        // An event is waited for, and the wait ends, without a thread of the module's too.
        while try process.line("A1 wait").hasPrefix("CKR_OK") {}
        #expect(try process.line("A2& wait block") == "started")
        try process("A1 finalize")
        #expect(try process.line("A2 join") == "CKR_CRYPTOKI_NOT_INITIALIZED")
    }

    /// One card waits for a touch; the other one signs meanwhile, and so does everything that needs no card.
    @Test func aSlowKeyDelaysNoOtherSlot() throws {
        let world = try CardWorld(readers: [
            CardReader("Yubico Slow", card: SimulatedCard(keys: ["9e=p256,touch=always"]).program(touch: 2000)),
            CardReader("Yubico Fast", card: SimulatedCard(keys: ["9e=p256"]).program()),
        ])
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        let slots = try process("A1 slots present")
        try #require(slots.count == 2)
        let slow = try process.first("A1 open \(slots[0]) ro"), fast = try process.first("A1 open \(slots[1]) ro")
        let slowKey = try process.first("A1 find \(slow) class=private"),
            fastKey = try process.first("A1 find \(fast) class=private")
        try process("A1 sign-init \(slow) CKM_ECDSA \(slowKey)")
        #expect(try process.line("A1& sign \(slow) zeros:32") == "started")
        try process("B1 sign-init \(fast) CKM_ECDSA \(fastKey)")
        #expect(try process("B1 sign \(fast) zeros:32").first == "64")
        try process("B1 state \(slow)")
        try process("B1 slots present")
        let other = try process.first("B1 open \(slots[0]) ro")
        #expect(try process("B1 get \(other) \(slowKey) label").count == 1)
        #expect(try process.line("A1 poll") == "busy")
        #expect(try process("A1 join").first == "64")
    }
}
