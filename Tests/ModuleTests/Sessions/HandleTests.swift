import TestSupport
import Testing

/// Sessions, login and handles, through the built module over a real pcscd.
@Suite struct HandleTests {
    private static let world = Result { try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)) }

    @Test func aHandleIsTheSameInEverySessionAndThread() throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let one = try process.first("A1 open 0 rw"), other = try process.first("A2 open 0 ro")
        try process("A1 login \(one) user 123456")
        let keys = try process("A1 find \(one) class=private")
        #expect(keys.count == 4)
        #expect(!keys.contains("0"))
        #expect(try process("A2 find \(other) class=private") == keys)
        let third = try process.first("A3 open 0 ro")
        #expect(try process("A3 find \(third) class=private id=hex:01") == [keys[0]])
        // A handle that one session found signs in another.
        try process("A2 sign-init \(other) CKM_RSA_PKCS \(keys[0])")
        #expect(try process("A2 sign \(other) zeros:32").first == "256")
    }

    @Test func privateHandlesEndWithTheLogin() throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        let publicKey = try process.first("A1 find \(session) class=public id=hex:01")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:01")
        try process("A1 logout \(session)")
        try process("A1 get \(session) \(key) label", "CKR_OBJECT_HANDLE_INVALID")
        try process("A1 sign-init \(session) CKM_RSA_PKCS \(key)", "CKR_KEY_HANDLE_INVALID")
        try process("A1 login \(session) user 123456")
        // A new login makes new handles of private objects; the old ones stay dead.
        let new = try process.first("A1 find \(session) class=private id=hex:01")
        #expect(new != key)
        try process("A1 get \(session) \(key) label", "CKR_OBJECT_HANDLE_INVALID")
        #expect(try process("A1 find \(session) class=public id=hex:01") == [publicKey])
        // The last session's end logs out.
        try process("A1 close \(session)")
        let later = try process.first("A1 open 0 rw")
        #expect(try process("A1 state \(later)") == ["2"])
        try process("A1 get \(later) \(new) label", "CKR_OBJECT_HANDLE_INVALID")
        #expect(try process("A1 find \(later) class=public id=hex:01") == [publicKey])
    }

    @Test func everySessionIsClosed() throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let sessions = try (0..<40).map { try process.first("A1 open 0 \($0 % 2 == 0 ? "rw" : "ro")") }
        #expect(Set(sessions).count == 40)
        #expect(try process("A1 token 0").suffix(2) == ["40", "20"])
        try process("A1 login \(sessions[7]) user 123456")
        for session in sessions { #expect(try ["1", "3"].contains(process.first("A1 state \(session)"))) }
        try process("A1 close-all 0")
        for session in sessions { try process("A1 state \(session)", "CKR_SESSION_HANDLE_INVALID") }
        let new = try process.first("A1 open 0 ro")
        #expect(try process("A1 state \(new)") == ["0"])
    }

    @Test func aCardThatComesBackNeedsANewSession() throws {
        let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:01")
        try world.pullCard()
        try process("A1 state \(session)", "CKR_SESSION_HANDLE_INVALID")
        try process("A1 open 0 rw", "CKR_TOKEN_NOT_PRESENT")
        try world.putCardBack()
        try process("A1 state \(session)", "CKR_SESSION_HANDLE_INVALID")
        let new = try process.first("A1 open 0 rw")
        #expect(try process("A1 state \(new)") == ["2"])
        #expect(try process("A1 find \(new) class=private id=hex:01") == [])
        try process("A1 login \(new) user 123456")
        #expect(try process.first("A1 find \(new) class=private id=hex:01") != key)
    }

    /// A signature that was begun, and even given its own PIN, is not made for a user who has logged out.
    @Test(arguments: [("01", "CKM_RSA_PKCS", false), ("02", "CKM_ECDSA", true)])
    func noKeySignsAfterLogout(_ id: String, _ mechanism: String, _ hasOwnPIN: Bool) throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        for loginsAgain in [false, true] {
            try process("A1 login \(session) user 123456")
            let key = try process.first("A1 find \(session) class=private id=hex:\(id)")
            try process("A1 sign-init \(session) \(mechanism) \(key)")
            if hasOwnPIN { try process("A1 login \(session) context 123456") }
            try process("A1 logout \(session)")
            if loginsAgain { try process("A1 login \(session) user 123456") }
            try process("A1 sign \(session) zeros:32", "CKR_USER_NOT_LOGGED_IN")
        }
    }

    /// Two threads log in at once: one does, and the other one's PIN is not tried.
    @Test func oneOfTwoLoginsIsMade() throws {
        let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        let log = try world.apduLog {
            _ = try process.line("A1& login \(session) user 123456")
            _ = try process.line("B1& login \(session) user 123456")
            let answers = try [process.line("A1 join"), process.line("B1 join")]
            #expect(answers.sorted() == ["CKR_OK", "CKR_USER_ALREADY_LOGGED_IN"])
        }
        #expect(log.count { $0.command.starts(with: [0x00, 0x20, 0x00, 0x80, 0x08]) } == 1)
    }

    /// ssh-agent begins a signature with the key that wants a PIN of its own, cannot give it, and goes away.
    @Test func anAlwaysAuthenticateKeyDoesNotPoisonItsSession() throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 ro")
        try process("A1 login \(session) user 123456")
        let keys = try process("A1 find \(session) class=private")
        for key in [keys[0], keys[2]] {
            try process("A1 sign-init \(session) CKM_ECDSA \(keys[1])")
            try process("A1 sign-init \(session) CKM_RSA_PKCS \(key)")
            // This one is active, and no other may take its place.
            try process("A1 sign-init \(session) CKM_RSA_PKCS \(key)", "CKR_OPERATION_ACTIVE")
            #expect(try process("A1 sign \(session) zeros:32").first == "256")
        }
        try process("A1 sign-init \(session) CKM_ECDSA \(keys[1])")
        try process("A1 sign \(session) zeros:32", "CKR_USER_NOT_LOGGED_IN")
        try process("A1 sign-init \(session) CKM_ECDSA \(keys[1])")
        try process("A1 login \(session) context 123456")
        try process("A1 sign-init \(session) CKM_RSA_PKCS \(keys[0])", "CKR_OPERATION_ACTIVE")
        #expect(try process("A1 sign \(session) zeros:32").first == "64")
    }

    /// With the setting for programs that know no login for one use, the session's login serves each use of such a key.
    @Test func theLoginServesEachUseWhereItIsSet() throws {
        let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        let process = try CryptokiProcess(in: world, environment: ["MARTLET_EACH_USE": "login"])
        try process("A1 initialize")
        let session = try process.first("A1 open 0 ro")
        try process("A1 login \(session) user 123456")
        let keys = try process("A1 find \(session) class=private")
        #expect(try process("A1 get \(session) \(keys[1]) always-authenticate") == ["00"])
        for key in [1, 1, 0, 1] {
            let log = try world.apduLog {
                try process("A1 sign-init \(session) \(key == 1 ? "CKM_ECDSA" : "CKM_RSA_PKCS") \(keys[key])")
                #expect(try process("A1 sign \(session) zeros:32").first == (key == 1 ? "64" : "256"))
            }
            // Never more than one VERIFY with the PIN for one use.
            #expect(log.count { $0.command.starts(with: [0x00, 0x20, 0x00, 0x80, 0x08]) } <= 1)
        }
        try process("A1 logout \(session)")
        try process("A1 sign-init \(session) CKM_ECDSA \(keys[1])", "CKR_KEY_HANDLE_INVALID")
    }

    @Test func theChildOfAForkStartsForItself() throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 ro")
        try process("A1 login \(session) user 123456")
        // The child sees CKR_CRYPTOKI_NOT_INITIALIZED, then starts for itself and ends well.
        #expect(try process("A2 fork \(session)") == ["400", "0", "0", "0", "0"])
        #expect(try process("A1 state \(session)") == ["1"])
        #expect(try process("A1 find \(session) class=private").count == 4)
    }
}
