import CPKCS11
import Cryptoki
import Testing

/// C_GenerateKey: what comes out, and which templates cannot be.
@Suite struct GenerateKeyTests {
    private let library: Library
    private let session: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
    }

    /// Each mechanism with the type of its keys and a length.
    @Test(
        arguments: [
            (CKM_AES_KEY_GEN, CKK_AES, 16), (CKM_AES_KEY_GEN, CKK_AES, 24), (CKM_AES_KEY_GEN, CKK_AES, 32),
            (CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, 1),
            (CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, 65536),
            (CKM_HKDF_KEY_GEN, CKK_HKDF, 20), (CKM_SHA_1_KEY_GEN, CKK_SHA_1_HMAC, 20),
            (CKM_SHA256_KEY_GEN, CKK_SHA256_HMAC, 10), (CKM_SHA512_KEY_GEN, CKK_SHA512_HMAC, 200),
            (CKM_SHA3_384_KEY_GEN, CKK_SHA3_384_HMAC, 48),
        ] as [(UInt, UInt, UInt)])
    func keysAreMade(_ mechanism: UInt, _ type: UInt, _ count: UInt) throws {
        let template: [Attribute] = [
            .number(CKA_VALUE_LEN, count), .flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true),
            .text(CKA_LABEL, "a"),
        ]
        let keys = try (0..<2).map { _ in
            try library.generateKey(session, mechanism: Mechanism(mechanism), template)
        }
        let values = try keys.map { try #require(try library.value(session, $0, CKA_VALUE)) }
        #expect(values.allSatisfy { $0.count == count })
        if count > 8 { #expect(values[0] != values[1]) }
        for (attribute, value) in [
            (CKA_CLASS, CKO_SECRET_KEY.bytes), (CKA_KEY_TYPE, type.bytes), (CKA_TOKEN, [0]), (CKA_LOCAL, [1]),
            (CKA_KEY_GEN_MECHANISM, mechanism.bytes), (CKA_VALUE_LEN, count.bytes), (CKA_ALWAYS_SENSITIVE, [0]),
            (CKA_NEVER_EXTRACTABLE, [0]), (CKA_LABEL, Array("a".utf8)),
        ] as [(UInt, [UInt8])] {
            #expect(try library.value(session, keys[0], attribute) == value)
        }
        #expect(try library.value(session, keys[0], CKA_CHECK_VALUE)?.count == 3)
    }

    /// What a key that was made says of its past, now and after it was closed more.
    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func thePastIsTold(_ isSensitive: Bool, _ isExtractable: Bool) throws {
        let key = try library.generateKey(
            session, mechanism: Mechanism(CKM_AES_KEY_GEN),
            [.number(CKA_VALUE_LEN, 16), .flag(CKA_SENSITIVE, isSensitive), .flag(CKA_EXTRACTABLE, isExtractable)])
        let answers = try library.attributes(session, of: key, types: [CKA_VALUE])
        if isSensitive || !isExtractable { #expect(answers == [.sensitive]) }
        try library.setAttributes(session, of: key, [.flag(CKA_SENSITIVE, true), .flag(CKA_EXTRACTABLE, false)])
        let copy = try library.copy(session, object: key, [])
        for key in [key, copy] {
            #expect(try library.value(session, key, CKA_ALWAYS_SENSITIVE) == [isSensitive ? 1 : 0])
            #expect(try library.value(session, key, CKA_NEVER_EXTRACTABLE) == [isExtractable ? 0 : 1])
            #expect(try library.value(session, key, CKA_LOCAL) == [1])
        }
    }

    private static let length: [Attribute] = [.number(CKA_VALUE_LEN, 16)]

    @Test(
        arguments: [
            (Mechanism(CKM_AES_ECB), length, .mechanismInvalid), (Mechanism(0x8000_0001), length, .mechanismInvalid),
            (Mechanism(CKM_AES_KEY_GEN, .unknown), length, .mechanismParameterInvalid),
            (Mechanism(CKM_AES_KEY_GEN), [], .templateIncomplete),
            (Mechanism(CKM_AES_KEY_GEN), [.number(CKA_VALUE_LEN, 15)], .attributeValueInvalid),
            (Mechanism(CKM_AES_KEY_GEN), [.number(CKA_VALUE_LEN, .max)], .attributeValueInvalid),
            (Mechanism(CKM_AES_KEY_GEN), [Attribute(CKA_VALUE_LEN, [16])], .attributeValueInvalid),
            (Mechanism(CKM_GENERIC_SECRET_KEY_GEN), [.number(CKA_VALUE_LEN, 0)], .attributeValueInvalid),
            (Mechanism(CKM_GENERIC_SECRET_KEY_GEN), [.number(CKA_VALUE_LEN, 65537)], .attributeValueInvalid),
            (Mechanism(CKM_AES_KEY_GEN), length + [.number(CKA_CLASS, CKO_DATA)], .templateInconsistent),
            (Mechanism(CKM_AES_KEY_GEN), length + [.number(CKA_KEY_TYPE, CKK_DES3)], .templateInconsistent),
            (Mechanism(CKM_AES_KEY_GEN), length + [.flag(CKA_TOKEN, true)], .templateInconsistent),
            (
                Mechanism(CKM_AES_KEY_GEN), length + [Attribute(CKA_VALUE, [UInt8](repeating: 0, count: 16))],
                .attributeReadOnly
            ),
            (Mechanism(CKM_AES_KEY_GEN), length + [.flag(CKA_LOCAL, true)], .attributeReadOnly),
            (Mechanism(CKM_AES_KEY_GEN), length + [.flag(CKA_ALWAYS_SENSITIVE, true)], .attributeReadOnly),
            (Mechanism(CKM_AES_KEY_GEN), length + [Attribute(CKA_MODULUS, [1])], .attributeTypeInvalid),
            (Mechanism(CKM_AES_KEY_GEN), length + [Attribute(CKA_ENCRYPT, [2])], .attributeValueInvalid),
            (Mechanism(CKM_AES_KEY_GEN), length + [.flag(CKA_TRUSTED, true)], .attributeReadOnly),
            (Mechanism(CKM_AES_KEY_GEN), length + [.flag(CKA_PRIVATE, true)], .userNotLoggedIn),
            (Mechanism(CKM_AES_KEY_GEN), length + [.number(CKA_VALUE_LEN, 32)], .templateInconsistent),
        ] as [(Mechanism, [Attribute], ReturnCode)])
    func templatesAreChecked(_ mechanism: Mechanism, _ template: [Attribute], _ expected: ReturnCode) throws {
        #expect(throws: expected) { try library.generateKey(session, mechanism: mechanism, template) }
        #expect(try library.find(session, .number(CKA_CLASS, CKO_SECRET_KEY)).isEmpty)
    }

    /// A session that reads only makes objects in memory, and none on the card.
    @Test func aReadOnlySessionMakesKeysToo() throws {
        let reader = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let mechanism = Mechanism(CKM_AES_KEY_GEN)
        let key = try library.generateKey(reader, mechanism: mechanism, Self.length)
        #expect(throws: ReturnCode.sessionReadOnly) {
            try library.generateKey(reader, mechanism: mechanism, Self.length + [.flag(CKA_TOKEN, true)])
        }
        try library.closeSession(reader)
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, key, CKA_LABEL) }
    }
}
