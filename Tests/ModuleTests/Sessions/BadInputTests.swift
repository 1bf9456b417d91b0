import TestSupport
import Testing

/// What a caller can do wrong, and what is wrong with a card: the code that the standard names, and no PIN try spent.
@Suite struct BadInputTests {
    private static let world = Result { try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)) }

    /// Calls with one R/W session `S`, the user logged in, key `K` of 9A and `E` of 9E.
    @Test(arguments: [
        ("open 0 parallel", "CKR_SESSION_PARALLEL_NOT_SUPPORTED"), ("open 99 ro", "CKR_SLOT_ID_INVALID"),
        ("open 0 ro null", "CKR_ARGUMENTS_BAD"), ("token 99", "CKR_SLOT_ID_INVALID"),
        ("initialize", "CKR_CRYPTOKI_ALREADY_INITIALIZED"), ("finalize reserved", "CKR_ARGUMENTS_BAD"),
        ("close 4711", "CKR_SESSION_HANDLE_INVALID"), ("state 0", "CKR_SESSION_HANDLE_INVALID"),
        ("login S user 123456", "CKR_USER_ALREADY_LOGGED_IN"), ("login S 99 123456", "CKR_USER_TYPE_INVALID"),
        ("login S context 123456", "CKR_OPERATION_NOT_INITIALIZED"), ("login S user null:8", "CKR_ARGUMENTS_BAD"),
        ("get S 4711 label", "CKR_OBJECT_HANDLE_INVALID"), ("get S K private-exponent", "CKR_ATTRIBUTE_SENSITIVE"),
        ("get S K value-len", "CKR_ATTRIBUTE_TYPE_INVALID"), ("find-final S", "CKR_OPERATION_NOT_INITIALIZED"),
        ("sign S zeros:32", "CKR_OPERATION_NOT_INITIALIZED"), ("sign-init S CKM_ECDSA K", "CKR_KEY_TYPE_INCONSISTENT"),
        ("sign-init S CKM_AES_CBC K", "CKR_MECHANISM_INVALID"),
        ("sign-init S CKM_RSA_PKCS 0", "CKR_KEY_HANDLE_INVALID"),
        ("decrypt-init S CKM_RSA_PKCS E", "CKR_KEY_TYPE_INCONSISTENT"),
        ("digest-init S CKM_RSA_PKCS", "CKR_MECHANISM_INVALID"), ("digest-update S null:5", "CKR_ARGUMENTS_BAD"),
        ("digest-update S zeros:5", "CKR_OPERATION_NOT_INITIALIZED"),
        // The session goes before the other arguments.
        ("login 4711 user null:8", "CKR_SESSION_HANDLE_INVALID"), ("sign 4711 null:5", "CKR_SESSION_HANDLE_INVALID"),
        ("get 4711 K label", "CKR_SESSION_HANDLE_INVALID"), ("digest-update 4711 null:5", "CKR_SESSION_HANDLE_INVALID"),
        ("find-init S label=null:5", "CKR_ATTRIBUTE_VALUE_INVALID"),
        ("find-init S label=zeros:4611686018427387904", "CKR_ATTRIBUTE_VALUE_INVALID"),
    ])
    func callsAreAnswered(_ call: String, _ code: String) throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user 123456")
        let names = [
            "S": session, "K": try process.first("A1 find \(session) class=private id=hex:01"),
            "E": try process.first("A1 find \(session) class=private id=hex:04"),
        ]
        let words = call.split(separator: " ").map { names[String($0)] ?? String($0) }
        try process("A1 " + words.joined(separator: " "), code)
    }

    /// A template that points many times at the same bytes costs no more memory than it may have bytes in all: 2 MiB.
    @Test(arguments: [
        (1, 1 << 20, "CKR_OK"), (2, 1 << 20, "CKR_OK"), (3, 1 << 20, "CKR_ATTRIBUTE_VALUE_INVALID"),
        (1000, 1 << 20, "CKR_ATTRIBUTE_VALUE_INVALID"), (4096, 1 << 20, "CKR_ATTRIBUTE_VALUE_INVALID"),
        (1, (1 << 20) + 1, "CKR_ATTRIBUTE_VALUE_INVALID"), (4096, 512, "CKR_OK"),
        (4096, 513, "CKR_ATTRIBUTE_VALUE_INVALID"), (4097, 0, "CKR_ARGUMENTS_BAD"),
    ])
    func aTemplateHasALimit(_ count: Int, _ size: Int, _ code: String) throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 ro")
        let growth = try #require(Int(process("A1 heavy \(session) \(count) \(size)", code).first ?? ""))
        #expect(growth < 32, "\(growth) MB")
    }

    /// Data that the key cannot take is refused before any APDU.
    @Test(arguments: [
        ("sign-init", "CKM_RSA_PKCS", "sign", "zeros:246", "CKR_DATA_LEN_RANGE"),
        ("decrypt-init", "CKM_RSA_PKCS", "decrypt", "zeros:255", "CKR_ENCRYPTED_DATA_LEN_RANGE"),
        ("decrypt-init", "CKM_RSA_PKCS", "decrypt", "zeros:257", "CKR_ENCRYPTED_DATA_LEN_RANGE"),
    ])
    func dataIsChecked(_ begin: String, _ mechanism: String, _ verb: String, _ data: String, _ code: String) throws {
        let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:01")
        try process("A1 \(begin) \(session) \(mechanism) \(key)")
        let log = try world.apduLog { try process("A1 \(verb) \(session) \(data)", code) }
        #expect(log.isEmpty)
        // The failed call has ended the operation.
        try process("A1 \(verb) \(session) zeros:32", "CKR_OPERATION_NOT_INITIALIZED")
    }

    /// Every failure but a buffer that is too small ends the operation, and so does its beginning without a mechanism.
    @Test func badArgumentsEndTheOperation() throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:01")
        let publicKey = try process.first("A1 find \(session) class=public id=hex:01")
        for ending in [("sign \(session) null:5", "CKR_ARGUMENTS_BAD"), ("sign-init \(session) null", "CKR_OK")] {
            try process("A1 sign-init \(session) CKM_RSA_PKCS \(key)")
            try process("A1 \(ending.0)", ending.1)
            try process("A1 sign \(session) zeros:32", "CKR_OPERATION_NOT_INITIALIZED")
        }
        // A length that nothing can have is compared before anything is read.
        try process("A1 verify-init \(session) CKM_RSA_PKCS \(publicKey)")
        try process("A1 verify \(session) zeros:32 zeros:4611686018427387904", "CKR_SIGNATURE_LEN_RANGE")
    }

    @Test func aShortBufferLearnsItsLengthWithoutAnAPDU() throws {
        let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        let process = try CryptokiProcess(in: world)
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:01")
        try process("A1 sign-init \(session) CKM_SHA256_RSA_PKCS \(key)")
        var answers: [[String]] = []
        let early = try world.apduLog {
            answers.append(try process("A1 sign \(session) zeros:99 ask"))
            answers.append(try process("A1 sign \(session) zeros:99 255", "CKR_BUFFER_TOO_SMALL"))
        }
        #expect(early.isEmpty)
        let signing = try world.apduLog { answers.append(try process("A1 sign \(session) zeros:99 256")) }
        #expect(answers.map(\.first) == ["256", "256", "256"])
        #expect(signing.count == 1)
    }

    /// PINs, each with the code and the tries that are left of three, as the token's flags tell it.
    @Test(
        arguments: [
            ("12345", "CKR_PIN_INCORRECT", 0), ("123456789", "CKR_PIN_INCORRECT", 0), ("hex:", "CKR_PIN_INCORRECT", 0),
            ("zeros:4000", "CKR_PIN_INCORRECT", 0), ("hex:ff80ff80ff80", "CKR_PIN_INCORRECT", 0),
            ("null:6", "CKR_ARGUMENTS_BAD", 0), ("999999", "CKR_PIN_INCORRECT", 0x10000),
        ] as [(String, String, Int)])
    func pinsSpendNoTryByThemselves(_ pin: String, _ code: String, _ flags: Int) throws {
        let process = try CryptokiProcess(in: CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)))
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user \(pin)", code)
        #expect(try tryFlags(process) == flags)
    }

    @Test func aBlockedPINIsToldAndNotTried() throws {
        let process = try CryptokiProcess(in: CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)))
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        // CKF_USER_PIN_COUNT_LOW, with CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED.
        for (code, flags) in [
            ("CKR_PIN_INCORRECT", 0x10000), ("CKR_PIN_INCORRECT", 0x30000), ("CKR_PIN_LOCKED", 0x40000),
        ] {
            try process("A1 login \(session) user 999999", code)
            #expect(try tryFlags(process) == flags)
        }
        try process("A1 login \(session) user 123456", "CKR_PIN_LOCKED")
    }

    @Test func withoutServiceReaderOrCard() throws {
        let world = try CardWorld(readers: [CardReader("Empty")])
        let process = try CryptokiProcess(in: world)
        try process("A1 slots", "CKR_CRYPTOKI_NOT_INITIALIZED")
        try process("A1 initialize args")
        #expect(try process("A1 slots present") == [])
        try process("A1 token 0", "CKR_TOKEN_NOT_PRESENT")
        try process("A1 open 0 ro", "CKR_TOKEN_NOT_PRESENT")
        try process("A1 finalize")
        try process("A1 finalize", "CKR_CRYPTOKI_NOT_INITIALIZED")
        try world.stopService()
        try process("A1 initialize")
        #expect(try process("A1 slots") == [])
        try process("A1 open 0 ro", "CKR_SLOT_ID_INVALID")
    }

    private func tryFlags(_ process: CryptokiProcess) throws -> Int {
        let flags = try #require(Int(process.first("A1 token 0")))
        return flags & 0x70000
    }
}
