import TestSupport
import Testing

/// A process that is logged in, and what other programs, people and the service do to its card meanwhile.
@Suite struct SharedCardTests {
    private let world: CardWorld
    private let process: CryptokiProcess
    private let session: String
    private let key: String

    init() throws {
        world = try CardWorld(SimulatedCard(profile: "yubikey57-both", keys: ["9a=p256"]))
        process = try CryptokiProcess(in: world, environment: ["MARTLET_LOG": world.home.write("", to: "martlet.log")])
        try process("A1 initialize")
        session = try process.first("A1 open 0 ro")
        try process("A1 login \(session) user \(SimulatedCard.pin)")
        key = try process.first("A1 find \(session) class=private id=hex:01")
        try sign()
    }

    /// The login goes on, and costs nobody a try.
    @Test(arguments: ["reset", "unpower", "select"])
    func theLoginGoesOn(_ deed: String) throws {
        try world.interfere(deed)
        for _ in 0..<2 { try sign() }
        #expect(try log() == "")
    }

    /// Another program's transaction is waited for, and when it goes on too long the log says what the matter is.
    @Test func aTransactionThatGoesOn() throws {
        try world.whileHeld("transaction") { letGo in
            try process("A1 sign-init \(session) CKM_ECDSA \(key)")
            try process("A1 sign \(session) zeros:32", "CKR_DEVICE_ERROR")
            #expect(try log().contains("another program uses the card exclusively"))
            try letGo()
            try Deadline.wait(for: "the card") {
                try process.line("A1 sign-init \(session) CKM_ECDSA \(key)").hasPrefix("CKR_OK")
                    && process.line("A1 sign \(session) zeros:32").hasPrefix("CKR_OK")
            }
        }
    }

    /// The login ends with the card's stay, always, and so do its sessions. A new one works without C_Finalize.
    @Test(arguments: ["pulled out", "pulled out unseen", "service restarted", "service away"])
    func theLoginEnds(_ what: String) throws {
        switch what {
        case "pulled out":
            try world.pullCard()
            try process("A1 open 0 ro", "CKR_TOKEN_NOT_PRESENT")
            try world.putCardBack()
        case "service restarted": try world.restartService()
        case "service away":
            try world.stopService()
            #expect(try process("A1 slots present") == [])
            #expect(try log().contains("the smart card service (pcscd) does not answer"))
            try world.startService()
        default:
            try world.pullCard()
            try world.putCardBack()
        }
        try process("A1 state \(session)", "CKR_SESSION_HANDLE_INVALID")
        try process("A1 sign-init \(session) CKM_ECDSA \(key)", "CKR_SESSION_HANDLE_INVALID")
        let new = try process.first("A1 open 0 ro")
        #expect(try process("A1 find \(new) class=private id=hex:01") == [])
        try process("A1 sign-init \(new) CKM_ECDSA \(key)", "CKR_KEY_HANDLE_INVALID")
        try process("A1 login \(new) user \(SimulatedCard.pin)")
        let found = try process.first("A1 find \(new) class=private id=hex:01")
        try process("A1 sign-init \(new) CKM_ECDSA \(found)")
        try process("A1 sign \(new) zeros:32")
    }

    private func sign() throws {
        try process("A1 sign-init \(session) CKM_ECDSA \(key)")
        try process("A1 sign \(session) zeros:32")
    }

    private func log() throws -> String { String(decoding: try world.home.read("martlet.log"), as: UTF8.self) }
}
