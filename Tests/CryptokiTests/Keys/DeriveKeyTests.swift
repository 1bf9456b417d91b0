import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// C_DeriveKey from secret keys in memory.
@Suite struct DeriveKeyTests {
    private let library: Library
    private let session: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
    }

    private static let open: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]

    private func key(_ value: [UInt8], _ more: [Attribute] = open, type: UInt = CKK_GENERIC_SECRET) throws -> UInt {
        try library.create(
            session,
            [
                .number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, type), Attribute(CKA_VALUE, value),
                .flag(CKA_DERIVE, true),
            ] + more)
    }

    /// The examples of section 6.43, and others with a length or a type of one's own.
    @Test(
        arguments: [
            (
                Mechanism(CKM_CONCATENATE_BASE_AND_DATA, .bytes([0x89, 0xAB])), [],
                [0x32, 0x9F, 0x84, 0xA9, 0x89, 0xAB]
            ),
            (
                Mechanism(CKM_CONCATENATE_DATA_AND_BASE, .bytes([0x89, 0xAB])), [],
                [0x89, 0xAB, 0x32, 0x9F, 0x84, 0xA9]
            ),
            (Mechanism(CKM_CONCATENATE_BASE_AND_DATA, .bytes([1])), [.number(CKA_VALUE_LEN, 3)], [0x32, 0x9F, 0x84]),
            (Mechanism(CKM_XOR_BASE_AND_DATA, .bytes([0xFF, 0xFF, 0])), [], [0xCD, 0x60, 0x84]),
            (Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(21)), [.number(CKA_VALUE_LEN, 2)], [0x95, 0x26]),
            (Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(24)), [.number(CKA_VALUE_LEN, 2)], [0xA9, 0x32]),
            // `printf '\x32\x9f\x84\xa9' | sha1sum`
            (
                Mechanism(CKM_SHA1_KEY_DERIVATION), [.number(CKA_VALUE_LEN, 16), .number(CKA_KEY_TYPE, CKK_AES)],
                [0x6d, 0x65, 0xe5, 0x9c, 0xdd, 0x93, 0x80, 0x19, 0x9d, 0xf6, 0xaf, 0xcc, 0xba, 0xa8, 0x66, 0xee]
            ),
        ] as [(Mechanism, [Attribute], [UInt8])])
    func valuesAreRight(_ mechanism: Mechanism, _ template: [Attribute], _ expected: [UInt8]) throws {
        let base = try key([0x32, 0x9F, 0x84, 0xA9])
        let derived = try library.deriveKey(session, mechanism: mechanism, baseKey: base, template + Self.open)
        #expect(try library.value(session, derived, CKA_VALUE) == expected)
        #expect(try library.value(session, derived, CKA_LOCAL) == [0])
        #expect(try library.value(session, derived, CKA_CLASS) == CKO_SECRET_KEY.bytes)
        let type = template.contains { $0.type == CKA_KEY_TYPE } ? CKK_AES : CKK_GENERIC_SECRET
        #expect(try library.value(session, derived, CKA_KEY_TYPE) == type.bytes)
    }

    @Test func twoKeysAreJoined() throws {
        let (base, other) = (try key([1, 2]), try key([3]))
        let mechanism = Mechanism(CKM_CONCATENATE_BASE_AND_KEY, .number(other))
        let derived = try library.deriveKey(session, mechanism: mechanism, baseKey: base, Self.open)
        #expect(try library.value(session, derived, CKA_VALUE) == [1, 2, 3])
        for wrong in [4711, try library.makeKey(session, CKK_GENERIC_SECRET, [1])] {
            let mechanism = Mechanism(CKM_CONCATENATE_BASE_AND_KEY, .number(wrong))
            let expected: ReturnCode = wrong == 4711 ? .keyHandleInvalid : .keyFunctionNotPermitted
            #expect(throws: expected) { try library.deriveKey(session, mechanism: mechanism, baseKey: base, []) }
        }
    }

    /// RFC 5869, test case 1, as a key, as its two halves, with the salt as a key, and as data.
    @Test func hkdf() throws {
        let base = try key([UInt8](repeating: 11, count: 22), type: CKK_HKDF)
        let salt = [UInt8](0...12), info = [UInt8](0xF0...0xF9)
        let prefix: [UInt8] = [0x3C, 0xB2, 0x5F, 0x25, 0xFA, 0xAC, 0xD5, 0x7A]
        let length: [Attribute] = [.number(CKA_VALUE_LEN, 8)]
        func derive(
            _ extracts: Bool, _ expands: Bool, _ base: UInt, _ salt: HKDFParameters.Salt, _ template: [Attribute],
            as type: UInt = CKM_HKDF_DERIVE
        ) throws -> UInt {
            let parameters = HKDFParameters(
                extracts: extracts, expands: expands, hash: CKM_SHA256, salt: salt, info: info)
            return try library.deriveKey(
                session, mechanism: Mechanism(type, .hkdf(parameters)), baseKey: base, template)
        }
        let whole = try derive(true, true, base, .data(salt), length + Self.open)
        #expect(try library.value(session, whole, CKA_VALUE) == prefix)
        let half = try derive(true, false, base, .key(try key(salt)), Self.open + [.flag(CKA_DERIVE, true)])
        #expect(try library.value(session, half, CKA_VALUE)?.prefix(3) == [0x07, 0x77, 0x09])
        let other = try derive(false, true, half, .none, length + Self.open)
        #expect(try library.value(session, other, CKA_VALUE) == prefix)
        let data = try derive(true, true, base, .data(salt), length, as: CKM_HKDF_DATA)
        #expect(try library.value(session, data, CKA_CLASS) == CKO_DATA.bytes)
        #expect(try library.value(session, data, CKA_VALUE) == prefix)
        let unsaid = try derive(true, true, base, .data(salt), Self.open)
        #expect(try library.value(session, unsaid, CKA_VALUE)?.count == 32)
        #expect(throws: ReturnCode.templateInconsistent) { try derive(true, false, base, .none, length) }
        #expect(throws: ReturnCode.attributeValueInvalid) {
            try derive(true, true, base, .none, [.number(CKA_VALUE_LEN, 8161)])
        }
        #expect(throws: ReturnCode.mechanismParameterInvalid) { try derive(false, false, base, .none, length) }
        #expect(throws: ReturnCode.keyHandleInvalid) { try derive(true, true, base, .key(4711), length) }
    }

    /// Of a key that is made from others by putting bytes together: what those do not give away it does not, either.
    @Test(arguments: [CKM_CONCATENATE_BASE_AND_DATA, CKM_SHA256_KEY_DERIVATION])
    func sensitivityIsInherited(_ type: UInt) throws {
        let isBound = type == CKM_CONCATENATE_BASE_AND_DATA
        let mechanism = isBound ? Mechanism(type, .bytes([1])) : Mechanism(type)
        let base = try library.generateKey(
            session, mechanism: Mechanism(CKM_GENERIC_SECRET_KEY_GEN),
            [
                .number(CKA_VALUE_LEN, 20), .flag(CKA_DERIVE, true), .flag(CKA_SENSITIVE, true),
                .flag(CKA_EXTRACTABLE, false),
            ])
        let derived = try library.deriveKey(session, mechanism: mechanism, baseKey: base, [])
        for (attribute, isTrue) in [
            (CKA_SENSITIVE, isBound), (CKA_ALWAYS_SENSITIVE, isBound), (CKA_NEVER_EXTRACTABLE, true),
            (CKA_EXTRACTABLE, false),
        ] {
            #expect(try library.value(session, derived, attribute) == [isTrue ? 1 : 0])
        }
        let opened = code { _ = try library.deriveKey(session, mechanism: mechanism, baseKey: base, Self.open) }
        #expect(opened == (isBound ? .templateInconsistent : nil))
        let hidden = try key([1, 2], [.flag(CKA_SENSITIVE, true), .flag(CKA_EXTRACTABLE, true)])
        let shown = code { _ = try library.deriveKey(session, mechanism: mechanism, baseKey: hidden, Self.open) }
        #expect(shown == (isBound ? .templateInconsistent : nil))
        let staying = try key([1, 2], [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, false)])
        let leaving = code { _ = try library.deriveKey(session, mechanism: mechanism, baseKey: staying, Self.open) }
        #expect(leaving == (isBound ? .templateInconsistent : nil))
        let other = try library.deriveKey(session, mechanism: mechanism, baseKey: try key([1]), [])
        for attribute in [CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE] {
            #expect(try library.value(session, other, attribute) == [0])
        }
    }

    /// A type of key whose length is the caller's to choose takes the length that the mechanism gives, as if no type were told.
    @Test(arguments: [CKK_GENERIC_SECRET, CKK_SHA256_HMAC, CKK_HKDF])
    func aTypeWithoutALengthIsAsLongAsItComes(_ type: UInt) throws {
        let base = try key([1, 2, 3, 4])
        for (mechanism, size) in [
            (Mechanism(CKM_SHA256_KEY_DERIVATION), 32), (Mechanism(CKM_CONCATENATE_BASE_AND_DATA, .bytes([1])), 5),
        ] {
            let derived = try library.deriveKey(
                session, mechanism: mechanism, baseKey: base, [.number(CKA_KEY_TYPE, type)] + Self.open)
            #expect(try library.value(session, derived, CKA_VALUE)?.count == size)
            #expect(try library.value(session, derived, CKA_KEY_TYPE) == type.bytes)
        }
    }

    /// More than any key has comes out of no derivation, and there is memory enough.
    @Test func aKeyThatWouldBeTooLong() throws {
        let base = try key([1, 2, 3, 4])
        let data = [UInt8](repeating: 5, count: 1 << 20)
        for type in [CKM_CONCATENATE_BASE_AND_DATA, CKM_CONCATENATE_DATA_AND_BASE] {
            let mechanism = Mechanism(type, .bytes(data))
            #expect(throws: ReturnCode.templateInconsistent) {
                try library.deriveKey(session, mechanism: mechanism, baseKey: base, [])
            }
            let cut = try library.deriveKey(
                session, mechanism: mechanism, baseKey: base, [.number(CKA_VALUE_LEN, 65_536)])
            #expect(try library.value(session, cut, CKA_VALUE_LEN) == UInt(65_536).bytes)
        }
    }

    /// HKDF takes data, as long as the hash, for the key to extract from; what CKM_HKDF_DATA made is such (section 6.62).
    @Test func hkdfTakesData() throws {
        let secret = [UInt8](repeating: 6, count: 32)
        let parameters = HKDFParameters(extracts: true, expands: true, hash: CKM_SHA256, info: [1])
        let mechanism = Mechanism(CKM_HKDF_DERIVE, .hkdf(parameters))
        func data(_ value: [UInt8]) throws -> UInt {
            try library.create(session, [.number(CKA_CLASS, CKO_DATA), Attribute(CKA_VALUE, value)])
        }
        func derive(_ base: UInt, _ other: Mechanism? = nil, _ more: [Attribute] = Self.open) throws -> UInt {
            try library.deriveKey(
                session, mechanism: other ?? mechanism, baseKey: base, [.number(CKA_VALUE_LEN, 16)] + more)
        }
        let expected = try library.value(session, derive(key(secret, type: CKK_HKDF)), CKA_VALUE)
        let derived = try derive(data(secret))
        #expect(try library.value(session, derived, CKA_VALUE) == expected)
        let hidden = try derive(data(secret), mechanism, [.flag(CKA_SENSITIVE, true)])
        for attribute in [CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE] {
            #expect(try library.value(session, hidden, attribute) == [0])
        }
        let made = try library.deriveKey(
            session, mechanism: Mechanism(CKM_HKDF_DATA, .hkdf(parameters)), baseKey: key(secret, type: CKK_HKDF),
            [.number(CKA_VALUE_LEN, 32)])
        _ = try derive(made)
        // Of another length, without the extraction, for another mechanism: it is no key.
        let expands = HKDFParameters(extracts: false, expands: true, hash: CKM_SHA256)
        for (mechanism, base) in [
            (mechanism, try data(Array(secret.dropLast()))), (mechanism, try data(secret + [6])),
            (Mechanism(CKM_HKDF_DERIVE, .hkdf(expands)), try data(secret)),
            (Mechanism(CKM_SHA256_KEY_DERIVATION), try data(secret)),
        ] {
            #expect(throws: ReturnCode.keyHandleInvalid) { try derive(base, mechanism) }
        }
    }

    @Test func derivationIsChecked() throws {
        let base = try key([1, 2, 3, 4])
        let idle = try library.makeKey(session, CKK_GENERIC_SECRET, [1])
        let aes = try library.makeAESKey(session)
        let publicKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PUBLIC_KEY)).first)
        let hash = Mechanism(CKM_SHA256_KEY_DERIVATION)
        let hkdf = Mechanism(CKM_HKDF_DERIVE, .hkdf(HKDFParameters(extracts: true, expands: false, hash: CKM_SHA256)))
        let odd = Mechanism(
            CKM_HKDF_DERIVE, .hkdf(HKDFParameters(extracts: true, expands: false, hash: CKM_SHA256_HMAC)))
        for (mechanism, base, template, expected) in [
            (Mechanism(CKM_AES_ECB), base, [], .mechanismInvalid), (hash, 4711, [], .keyHandleInvalid),
            (hash, publicKey, [], .keyTypeInconsistent), (hash, idle, [], .keyFunctionNotPermitted),
            (hkdf, aes, [], .keyTypeInconsistent), (odd, base, [], .mechanismParameterInvalid),
            (Mechanism(CKM_HKDF_DERIVE), base, [], .mechanismParameterInvalid),
            (Mechanism(CKM_XOR_BASE_AND_DATA, .unknown), base, [], .mechanismParameterInvalid),
            (Mechanism(CKM_XOR_BASE_AND_DATA, .bytes([])), base, [], .mechanismParameterInvalid),
            (Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(0)), base, [], .templateIncomplete),
            (
                Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(32)), base, [.number(CKA_VALUE_LEN, 1)],
                .mechanismParameterInvalid
            ),
            (
                Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(.max)), base, [.number(CKA_VALUE_LEN, 1)],
                .mechanismParameterInvalid
            ),
            (Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(0)), base, [.number(CKA_VALUE_LEN, 5)], .templateInconsistent),
            (hash, base, [.number(CKA_VALUE_LEN, 33)], .templateInconsistent),
            (hash, base, [.number(CKA_VALUE_LEN, 0)], .attributeValueInvalid),
            (hash, base, [.number(CKA_KEY_TYPE, CKK_AES)], .templateIncomplete),
            (hash, base, [.number(CKA_KEY_TYPE, CKK_AES), .number(CKA_VALUE_LEN, 17)], .attributeValueInvalid),
            (hash, base, [.number(CKA_KEY_TYPE, CKK_DES3)], .attributeValueInvalid),
            (hash, base, [.number(CKA_CLASS, CKO_DATA)], .templateInconsistent),
            (hash, base, [.flag(CKA_TOKEN, true)], .templateInconsistent),
            (hash, base, [Attribute(CKA_VALUE, [1])], .attributeReadOnly),
            (hash, base, [.flag(CKA_LOCAL, true)], .attributeReadOnly),
            (hash, base, [Attribute(CKA_MODULUS, [1])], .attributeTypeInvalid),
        ] as [(Mechanism, UInt, [Attribute], ReturnCode)] {
            #expect(throws: expected, "\(mechanism) \(template)") {
                try library.deriveKey(session, mechanism: mechanism, baseKey: base, template)
            }
        }
    }
}
