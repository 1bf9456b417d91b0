import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// HMAC and CMAC through C_Sign… and C_Verify….
@Suite struct CodeTests {
    private let library: Library
    private let session: UInt
    private let secret: UInt
    private let aes: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
        secret = try library.makeKey(
            session, CKK_GENERIC_SECRET, Array("Jefe".utf8), .flag(CKA_SIGN, true), .flag(CKA_VERIFY, true))
        aes = try library.makeAESKey(session)
    }

    private static let message = Array("what do ya want for nothing?".utf8)

    private func key(_ type: UInt) -> UInt {
        type == CKM_AES_CMAC || type == CKM_AES_CMAC_GENERAL ? aes : secret
    }

    /// RFC 2202 and RFC 4231, test case 2 of each; SHA-3: NIST has no such example, so it is `openssl dgst -sha3-256 -mac
    /// HMAC`. CMAC: `openssl mac -cipher AES-128-CBC` over the same message with sixteen times 07.
    @Test(
        arguments: [
            (Mechanism(CKM_SHA_1_HMAC), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Mechanism(CKM_SHA256_HMAC), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (Mechanism(CKM_SHA256_HMAC_GENERAL, .number(5)), "5bdcc146bf"),
            (
                Mechanism(CKM_SHA256_HMAC_GENERAL, .number(32)),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                Mechanism(CKM_SHA3_256_HMAC), "c7d4072e788877ae3596bbb0da73b887c9171f93095b294ae857fbe2645e1ba5"
            ),
            (Mechanism(CKM_AES_CMAC), "2db4ba6719900ba997923763552c0414"),
            (Mechanism(CKM_AES_CMAC_GENERAL, .number(4)), "2db4ba67"),
        ])
    func codesAreRight(_ mechanism: Mechanism, _ expected: String) throws {
        for isInParts in [false, true] {
            try library.signInit(session, mechanism: mechanism, key: key(mechanism.type))
            var code: [UInt8]
            if isInParts {
                for byte in Self.message { try library.signUpdate(session, part: [byte].span.bytes) }
                #expect(try library.signFinal(session, capacity: nil) == .length(expected.count / 2))
                code = try library.signFinal(session, capacity: 64).content
            } else {
                let size = expected.count / 2
                #expect(try library.sign(session, data: Self.message.span.bytes, capacity: nil) == .length(size))
                #expect(try library.sign(session, data: Self.message.span.bytes, capacity: size - 1) == .tooSmall(size))
                code = try library.sign(session, data: Self.message.span.bytes, capacity: size).content
            }
            #expect(code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
            try verify(mechanism, code, isInParts, nil)
            try verify(mechanism, code + [0], isInParts, .signatureLengthRange)
            try verify(mechanism, Array(code.dropLast()), isInParts, .signatureLengthRange)
            code[code.count - 1] ^= 1
            try verify(mechanism, code, isInParts, .signatureInvalid)
        }
    }

    private func verify(
        _ mechanism: Mechanism, _ signature: [UInt8], _ isInParts: Bool, _ expected: ReturnCode?
    ) throws {
        try library.verifyInit(session, mechanism: mechanism, key: key(mechanism.type))
        let found = code {
            guard isInParts else {
                return try library.verify(session, data: Self.message.span.bytes, signature: signature.span.bytes)
            }
            try library.verifyUpdate(session, part: Self.message.span.bytes)
            try library.verifyFinal(session, signature: signature.span.bytes)
        }
        #expect(found == expected)
        #expect(throws: ReturnCode.operationNotInitialized) {
            try library.verify(session, data: Self.message.span.bytes, signature: signature.span.bytes)
        }
    }

    /// Keys and parameters that do not fit.
    @Test func keysAndParametersAreChecked() throws {
        let hmac = Mechanism(CKM_SHA256_HMAC)
        let own = try library.makeKey(session, CKK_SHA256_HMAC, [1], .flag(CKA_SIGN, true), .flag(CKA_VERIFY, true))
        let other = try library.makeKey(session, CKK_SHA512_HMAC, [1], .flag(CKA_SIGN, true), .flag(CKA_VERIFY, true))
        let mute = try library.makeKey(session, CKK_GENERIC_SECRET, [1])
        let publicKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PUBLIC_KEY)).first)
        for (mechanism, key, expected) in [
            (hmac, own, nil), (hmac, other, .keyTypeInconsistent), (hmac, aes, .keyTypeInconsistent),
            (hmac, mute, .keyFunctionNotPermitted), (hmac, publicKey, .keyTypeInconsistent),
            (hmac, 4711, .keyHandleInvalid), (Mechanism(CKM_AES_CMAC), secret, .keyTypeInconsistent),
            (Mechanism(CKM_SHA256_HMAC, .number(32)), secret, .mechanismParameterInvalid),
            (Mechanism(CKM_SHA256_HMAC_GENERAL), secret, .mechanismParameterInvalid),
            (Mechanism(CKM_SHA256_HMAC_GENERAL, .number(0)), secret, .mechanismParameterInvalid),
            (Mechanism(CKM_SHA256_HMAC_GENERAL, .number(33)), secret, .mechanismParameterInvalid),
            (Mechanism(CKM_SHA256_HMAC_GENERAL, .number(.max)), secret, .mechanismParameterInvalid),
            (Mechanism(CKM_AES_CMAC_GENERAL, .number(17)), aes, .mechanismParameterInvalid),
            (Mechanism(CKM_ECDSA), secret, .keyFunctionNotPermitted),
        ] as [(Mechanism, UInt, ReturnCode?)] {
            #expect(code { try library.signInit(session, mechanism: mechanism, key: key) } == expected)
            try library.cancelSession(session, flags: CKF_SIGN)
            #expect(code { try library.verifyInit(session, mechanism: mechanism, key: key) } == expected)
            try library.cancelSession(session, flags: CKF_VERIFY)
        }
    }
}
