import TestSupport
import Testing

/// Secret keys in memory, through the built module: what the C border copies, fills and refuses.
@Suite struct SecretKeyTests {
    private static let world = Result { try CardWorld(SimulatedCard(keys: ["9a=p256"])) }

    /// A process with a session, and an AES key of sixteen times 07 that may do everything.
    private static func started() throws -> (process: CryptokiProcess, session: String, key: String) {
        let process = try CryptokiProcess(in: world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        let may = ["encrypt", "decrypt", "sign", "verify", "wrap", "unwrap", "derive"].map { "\($0)=true" }
        let key = try process.first(
            "A1 create \(session) class=secret key-type=aes value=hex:\(String(repeating: "07", count: 16)) "
                + may.joined(separator: " "))
        return (process, session, key)
    }

    /// Encrypted here, decrypted by openssl, or the other way round; the parameters reach the cipher as they were given.
    @Test(arguments: [
        ("CKM_AES_ECB", "-aes-128-ecb", false),
        ("CKM_AES_CBC/hex:000102030405060708090a0b0c0d0e0f", "-aes-128-cbc", false),
        ("CKM_AES_CBC_PAD/hex:000102030405060708090a0b0c0d0e0f", "-aes-128-cbc", true),
        // CK_AES_CTR_PARAMS: 128 bits as a CK_ULONG, then the block.
        ("CKM_AES_CTR/hex:8000000000000000000102030405060708090a0b0c0d0e0f", "-aes-128-ctr", false),
    ])
    func ciphersAreOpenSSLs(_ mechanism: String, _ name: String, _ isPadded: Bool) throws {
        let (process, session, key) = try Self.started()
        let message = String(repeating: "61", count: 32)
        try process("A1 encrypt-init \(session) \(mechanism) \(key)")
        let answer = try process("A1 encrypt \(session) hex:\(message)")
        let vector = name.hasSuffix("ecb") ? [] : ["-iv", "000102030405060708090a0b0c0d0e0f"]
        let digits = String(repeating: "07", count: 16)
        let expected = try Tool.run(
            ["openssl", "enc", name, "-K", digits] + vector + (isPadded ? [] : ["-nopad"]),
            input: [UInt8](repeating: 0x61, count: 32)
        ).checked().output
        #expect(answer.last == expected.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        try process("A1 decrypt-init \(session) \(mechanism) \(key)")
        #expect(try process("A1 decrypt \(session) hex:\(answer[1])").last == message)
        // In parts, and at once into a buffer that is too small.
        try process("A1 encrypt-init \(session) \(mechanism) \(key)")
        let parts = try ["6161", String(repeating: "61", count: 30)].map {
            try process("A1 encrypt-update \(session) hex:\($0)").dropFirst().first ?? ""
        }
        let last = try process("A1 encrypt-final \(session)").first ?? ""
        #expect((parts + [last]).filter { $0 != "-" }.joined() == answer[1])
        try process("A1 encrypt-init \(session) \(mechanism) \(key)")
        #expect(try process("A1 encrypt \(session) hex:\(message) 31", "CKR_BUFFER_TOO_SMALL") == [answer[0]])
    }

    /// Parameters that are none, and lengths that nothing has: a code, and no crash.
    @Test(arguments: [
        "CKM_AES_CBC", "CKM_AES_CBC/null:16", "CKM_AES_CBC/hex:00", "CKM_AES_CBC/zeros:17",
        "CKM_AES_CBC/zeros:4611686018427387904", "CKM_AES_ECB/zeros:16", "CKM_AES_CTR/zeros:24", "CKM_AES_CTR/zeros:23",
        "CKM_AES_GCM", "CKM_AES_GCM/zeros:48", "CKM_AES_GCM/zeros:40", "CKM_AES_GCM/gcm,null:12,null,128",
        "CKM_AES_GCM/gcm,zeros:12,null:5,128", "CKM_AES_GCM/gcm,zeros:4611686018427387904,null,128",
        "CKM_AES_GCM/gcm,zeros:12,zeros:4611686018427387904,128", "CKM_AES_GCM/gcm,zeros:12,null,18446744073709551615",
        "CKM_AES_CCM/zeros:48", "CKM_AES_CCM/null:48", "CKM_AES_KEY_WRAP/zeros:7",
    ])
    func parametersAreChecked(_ mechanism: String) throws {
        let (process, session, key) = try Self.started()
        try process("A1 encrypt-init \(session) \(mechanism) \(key)", "CKR_MECHANISM_PARAM_INVALID")
        try process("A1 decrypt-init \(session) \(mechanism) \(key)", "CKR_MECHANISM_PARAM_INVALID")
        try process("A1 encrypt \(session) zeros:16", "CKR_OPERATION_NOT_INITIALIZED")
    }

    /// Data of a length that nothing has, with a buffer that is said to be as long.
    @Test(arguments: [("70368744177664", "CKR_HOST_MEMORY"), ("9223372036854775792", "CKR_ARGUMENTS_BAD")])
    func lengthsThatNothingHas(_ length: String, _ code: String) throws {
        let (process, session, key) = try Self.started()
        for mechanism in ["CKM_AES_ECB", "CKM_AES_CTR/hex:80\(String(repeating: "00", count: 23))"] {
            try process("A1 encrypt-init \(session) \(mechanism) \(key)")
            try process("A1 encrypt \(session) zeros:\(length) \(length)", code)
            try process("A1 encrypt \(session) zeros:16", "CKR_OPERATION_NOT_INITIALIZED")
        }
    }

    /// What else a caller can do wrong. `S` is the session, `K` the key.
    @Test(arguments: [
        ("generate S CKM_AES_KEY_GEN value-len=16 token=true", "CKR_TEMPLATE_INCONSISTENT"),
        ("generate S CKM_AES_KEY_GEN", "CKR_TEMPLATE_INCOMPLETE"), ("generate S CKM_AES_ECB", "CKR_MECHANISM_INVALID"),
        ("generate 4711 CKM_AES_KEY_GEN value-len=16", "CKR_SESSION_HANDLE_INVALID"),
        ("encrypt S zeros:16", "CKR_OPERATION_NOT_INITIALIZED"),
        ("encrypt-update S zeros:16", "CKR_OPERATION_NOT_INITIALIZED"),
        ("encrypt-final S", "CKR_OPERATION_NOT_INITIALIZED"),
        ("digest-encrypt S zeros:16", "CKR_OPERATION_NOT_INITIALIZED"),
        ("encrypt-init S CKM_AES_ECB 4711", "CKR_KEY_HANDLE_INVALID"),
        ("wrap S CKM_AES_KEY_WRAP K K", "CKR_KEY_UNEXTRACTABLE"),
        ("unwrap S CKM_AES_KEY_WRAP K zeros:24 class=secret key-type=aes", "CKR_WRAPPED_KEY_INVALID"),
        ("unwrap S CKM_AES_KEY_WRAP K null:24 class=secret key-type=aes", "CKR_ARGUMENTS_BAD"),
        ("derive S CKM_CONCATENATE_BASE_AND_DATA/data,null:5 K", "CKR_MECHANISM_PARAM_INVALID"),
        ("derive S CKM_HKDF_DERIVE/zeros:64 K", "CKR_KEY_TYPE_INCONSISTENT"),
        ("derive S CKM_HKDF_DERIVE/zeros:63 K", "CKR_MECHANISM_PARAM_INVALID"),
        ("message S K zeros:12 97 1 zeros:5", "CKR_MECHANISM_PARAM_INVALID"),
        ("message S K null:12 0 1 zeros:5", "CKR_MECHANISM_PARAM_INVALID"),
        ("seed S zeros:16", "CKR_RANDOM_SEED_NOT_SUPPORTED"), ("seed S null:16", "CKR_ARGUMENTS_BAD"),
    ])
    func callsAreAnswered(_ call: String, _ code: String) throws {
        let (process, session, key) = try Self.started()
        let words = call.split(separator: " ").map { ["S": session, "K": key][String($0)] ?? String($0) }
        try process("A1 " + words.joined(separator: " "), code)
    }

    /// The example of GCM's specification (McGrew and Viega, test case 2): a key, a vector and a block of zeros.
    @Test func gcmIsItself() throws {
        let (process, session, _) = try Self.started()
        let key = try process.first(
            "A1 create \(session) class=secret key-type=aes value=zeros:16 encrypt=true decrypt=true")
        let mechanism = "CKM_AES_GCM/gcm,zeros:12,null,128"
        try process("A1 encrypt-init \(session) \(mechanism) \(key)")
        let sealed = try process("A1 encrypt \(session) zeros:16")[1]
        #expect(sealed == "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf")
        try process("A1 decrypt-init \(session) \(mechanism) \(key)")
        // No plaintext before the tag was looked at.
        #expect(try process("A1 decrypt-update \(session) hex:\(sealed.prefix(40))").first == "0")
        #expect(try process("A1 decrypt-update \(session) hex:\(sealed.dropFirst(40))").first == "0")
        #expect(try process("A1 decrypt-final \(session)") == [String(repeating: "00", count: 16)])
        // As a message, with this vector, and with one that the module makes.
        let given = try process("A1 message \(session) \(key) zeros:12 0 0 zeros:16")
        #expect(given[2] + given[1] == sealed)
        #expect(given[3] == String(repeating: "00", count: 16))
        let made = try process("A1 message \(session) \(key) zeros:12 32 1 zeros:16")
        #expect(made[0].hasPrefix("00000000") && made[0] != given[0] && made[3] == given[3])
    }

    @Test func keysAreWrappedAndDerived() throws {
        let (process, session, key) = try Self.started()
        let secret = try process.first(
            "A1 generate \(session) CKM_AES_KEY_GEN value-len=32 extractable=true sensitive=false")
        let value = try process.first("A1 get \(session) \(secret) value")
        #expect(value.count == 64)
        #expect(try process("A1 get \(session) \(secret) local") == ["01"])
        for mechanism in ["CKM_AES_KEY_WRAP", "CKM_AES_KEY_WRAP_KWP", "CKM_AES_CBC_PAD/zeros:16"] {
            let wrapped = try process.first("A1 wrap \(session) \(mechanism) \(key) \(secret)")
            let again = try process.first(
                "A1 unwrap \(session) \(mechanism) \(key) hex:\(wrapped) class=secret key-type=aes sensitive=false")
            #expect(try process.first("A1 get \(session) \(again) value") == value)
        }
        let base = try process.first(
            "A1 create \(session) class=secret key-type=generic value=hex:0102 derive=true sensitive=false extractable=true"
        )
        let joined = try process.first(
            "A1 derive \(session) CKM_CONCATENATE_BASE_AND_DATA/data,hex:0304 \(base) sensitive=false extractable=true")
        #expect(try process.first("A1 get \(session) \(joined) value") == "01020304")
    }

    /// HMAC as openssl computes it, and a digest beside an encryption.
    @Test func codesAndPairs() throws {
        let (process, session, key) = try Self.started()
        let secret = try process.first(
            "A1 create \(session) class=secret key-type=generic value=hex:0b0b sign=true verify=true")
        try process("A1 sign-init \(session) CKM_SHA256_HMAC_GENERAL/hex:0a00000000000000 \(secret)")
        let code = try process("A1 sign \(session) hex:616263")[1]
        let expected = try Tool.run(
            ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:0b0b", "-binary"],
            input: Array("abc".utf8)
        ).checked().output
        #expect(code == expected.prefix(10).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        try process("A1 verify-init \(session) CKM_SHA256_HMAC_GENERAL/hex:0a00000000000000 \(secret)")
        try process("A1 verify \(session) hex:616264 hex:\(code)", "CKR_SIGNATURE_INVALID")
        try process("A1 digest-init \(session) CKM_SHA256")
        try process("A1 encrypt-init \(session) CKM_AES_ECB \(key)")
        try process("A1 digest-encrypt \(session) zeros:16")
        let digest = try Tool.run(["openssl", "dgst", "-sha256", "-r"], input: [UInt8](repeating: 0, count: 16))
            .checked()
        #expect(try digest.text.hasPrefix(process.first("A1 digest-final \(session)")))
    }
}
