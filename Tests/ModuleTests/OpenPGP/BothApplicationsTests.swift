import TestSupport
import Testing

extension OpenPGPClients {
    /// PIV and OpenPGP of one card, in one process: two slots.
    @Suite struct BothApplicationsTests {
        private let world: CardWorld
        private let process: CryptokiProcess
        /// 9A of the one and AUT of the other.
        private let piv: (session: String, key: String)
        private let openPGP: (session: String, key: String)

        init() throws {
            world = try OpenPGPClients.world("yubikey57-both", ["p256", "x25519", "p256"], and: ["9a=p256"])
            let process = try CryptokiProcess(in: world)
            try process("A initialize")
            // The reader's slot, vpcd's empty one, and one more for the second application.
            #expect(try process("A slots present") == ["0", "2"])
            let sessions = try ["0", "2"].map { try process.first("A open \($0) rw") }
            var keys: [String] = []
            for (session, id) in zip(sessions, ["01", "03"]) {
                try process("A login \(session) user \(SimulatedCard.pin)")
                keys.append(try process.first("A find \(session) class=private id=hex:\(id)"))
            }
            self.process = process
            (piv, openPGP) = ((sessions[0], keys[0]), (sessions[1], keys[1]))
            #expect(sessions[0] != sessions[1] && keys[0] != keys[1])
        }

        @Test func inTurn() throws {
            for use in [piv, openPGP] { try sign(use) }
            for _ in 0..<20 {
                for (use, signing, most) in [(piv, "sign with 9a", 5), (openPGP, "authenticate", 5)] {
                    let log = try world.apduLog { try sign(use) }
                    let purposes = log.map { purpose($0) ?? "\($0)" }
                    #expect(purposes.count { $0.hasPrefix("select ") } == 1, "\(purposes)")
                    #expect(purposes.count { $0.hasPrefix("verify ") } == 1, "\(purposes)")
                    // What is left: the kept PIN is sent only to the card that shows that it is the same one (PIV in a
                    // question of its own), where it says that there is more than one try, and, in a question of its own on
                    // OpenPGP, that the PIN is not verified already.
                    #expect(log.count <= most && purposes.last == signing, "\(purposes)")
                }
            }
            for (use, signing) in [(piv, "sign with 9a"), (openPGP, "authenticate")] {
                try sign(use)
                let again = try world.apduLog { for _ in 0..<5 { try sign(use) } }
                #expect(again.map(purpose) == Array(repeating: signing, count: 5))
            }
        }

        @Test("A wrong PIN costs one application's tries alone", arguments: [true, false])
        func wrongPIN(_ isForPIV: Bool) throws {
            let (one, other) = isForPIV ? (piv, openPGP) : (openPGP, piv)
            try process("A logout \(one.session)")
            try process("A login \(one.session) user 111111", "CKR_PIN_INCORRECT")
            for _ in 0..<3 { try sign(other) }
            #expect(try tries() == (isForPIV ? [2, 3] : [3, 2]))
            // The login of the other outlives what that program selected.
            try sign(other)
        }

        @Test("Logging out of one leaves the other", arguments: [true, false])
        func logout(_ isOfPIV: Bool) throws {
            let (one, other) = isOfPIV ? (piv, openPGP) : (openPGP, piv)
            try process("A logout \(one.session)")
            #expect(try process("A state \(one.session)") == ["2"], "CKS_RW_PUBLIC_SESSION")
            #expect(try process("A state \(other.session)") == ["3"], "CKS_RW_USER_FUNCTIONS")
            try process("A sign-init \(one.session) CKM_ECDSA \(one.key)", "CKR_KEY_HANDLE_INVALID")
            try sign(other)
            try process("A login \(one.session) user \(SimulatedCard.pin)")
            let key = try process.first("A find \(one.session) class=private id=hex:\(isOfPIV ? "01" : "03")")
            #expect(key != one.key)
            try sign((one.session, key))
            try sign(other)
        }

        @Test func pullingTheCardEndsBoth() throws {
            try world.pullCard()
            #expect(try process("A slots present") == [])
            for use in [piv, openPGP] { try process("A state \(use.session)", "CKR_SESSION_HANDLE_INVALID") }
            try world.putCardBack()
            #expect(try process("A slots present") == ["0", "2"])
            for slot in ["0", "2"] {
                let session = try process.first("A open \(slot) rw")
                #expect(try process("A state \(session)") == ["2"], "nobody is logged in")
            }
        }

        private func sign(_ use: (session: String, key: String)) throws {
            try process("A sign-init \(use.session) CKM_ECDSA \(use.key)")
            try process("A sign \(use.session) zeros:32")
        }

        private func purpose(_ command: LoggedAPDU) -> String? { command.openPGPPurpose ?? command.purpose }

        /// The tries that the card itself tells of, for PIV and for PW1.
        private func tries() throws -> [Int] {
            let asked = try world.run(
                [
                    "opensc-tool", "--send-apdu", "00A4040006D2760001240100", "--send-apdu", "00CA00C400",
                    "--send-apdu", "00A4040009A0000003080000100000", "--send-apdu", "00200080",
                ],
                // A driver that knows the card would select its own application between the commands.
                environment: ["OPENSC_DRIVER": "default"]
            ).checked().text
            let piv = asked.firstMatch(of: /SW1=0x63, SW2=0xC([0-9])/).flatMap { Int($0.output.1) }
            let openPGP = asked.firstMatch(of: #/\n0[01](?: [0-9A-F]{2}){3} 0([0-9]) 0[0-9] 0[0-9] /#)
                .flatMap { Int($0.output.1) }
            return [try #require(piv, "\(asked)"), try #require(openPGP, "\(asked)")]
        }
    }
}
