import CPKCS11
import Cryptoki
import Testing

/// C_WrapKey and C_UnwrapKey with secret keys in memory.
@Suite struct WrapKeyTests {
    private let library: Library
    private let session: UInt
    private let wrapping: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
        wrapping = try library.makeAESKey(session)
    }

    private static let iv = [UInt8](repeating: 3, count: 16)
    private static let open: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]

    private static func secret(_ type: UInt, _ more: Attribute...) -> [Attribute] {
        [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, type)] + more
    }

    private func wrap(_ mechanism: Mechanism, _ key: UInt, capacity: Int? = 1000) throws -> Output {
        try library.wrapKey(session, mechanism: mechanism, wrappingKey: wrapping, key: key, capacity: capacity)
    }

    private func unwrap(_ mechanism: Mechanism, _ wrapped: [UInt8], _ template: [Attribute]) throws -> UInt {
        try library.unwrapKey(
            session, mechanism: mechanism, unwrappingKey: wrapping, wrapped: wrapped.span.bytes, template)
    }

    /// What cannot be wrapped has no length either.
    @Test(
        arguments: [
            (Mechanism(CKM_AES_KEY_WRAP), 8), (Mechanism(CKM_AES_KEY_WRAP), 1),
        ] as [(Mechanism, Int)])
    func whatCannotBeWrappedHasNoLength(_ mechanism: Mechanism, _ count: Int) throws {
        let value = [UInt8](repeating: 1, count: count)
        let key = try library.create(
            session, Self.secret(CKK_GENERIC_SECRET, Attribute(CKA_VALUE, value)) + Self.open)
        for capacity in [nil, 0, 1000] {
            #expect(throws: ReturnCode.keySizeRange) { try wrap(mechanism, key, capacity: capacity) }
        }
    }

    /// Each mechanism with a type of key, its length, and the length of its wrapped form; whether the template must tell
    /// the length.
    @Test(
        arguments: [
            (Mechanism(CKM_AES_KEY_WRAP), CKK_AES, 16, 24, false),
            (Mechanism(CKM_AES_KEY_WRAP), CKK_AES, 24, 32, false),
            (Mechanism(CKM_AES_KEY_WRAP), CKK_GENERIC_SECRET, 21, 32, true),
            (Mechanism(CKM_AES_KEY_WRAP_KWP), CKK_GENERIC_SECRET, 21, 32, false),
            (Mechanism(CKM_AES_KEY_WRAP_PAD), CKK_SHA256_HMAC, 1, 16, false),
            (Mechanism(CKM_AES_KEY_WRAP_PKCS7), CKK_GENERIC_SECRET, 24, 40, false),
            (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), CKK_GENERIC_SECRET, 21, 32, false),
            (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), CKK_AES, 32, 48, false),
            (Mechanism(CKM_AES_CBC, .bytes(iv)), CKK_AES, 16, 16, false),
            (Mechanism(CKM_AES_CBC, .bytes(iv)), CKK_AES, 24, 32, true),
            (Mechanism(CKM_AES_ECB), CKK_GENERIC_SECRET, 5, 16, true),
        ] as [(Mechanism, UInt, Int, Int, Bool)])
    func keysComeBack(_ mechanism: Mechanism, _ type: UInt, _ count: Int, _ size: Int, _ isAmbiguous: Bool) throws {
        let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 + 1) }
        let key = try library.create(session, Self.secret(type, Attribute(CKA_VALUE, value)) + Self.open)
        #expect(try wrap(mechanism, key, capacity: nil) == .length(size))
        #expect(try wrap(mechanism, key, capacity: size - 1) == .tooSmall(size))
        let wrapped = try wrap(mechanism, key).content
        #expect(wrapped.count == size)
        let template = Self.secret(type) + Self.open
        let isRefused = code { _ = try unwrap(mechanism, wrapped, template) }
        #expect(isRefused == (isAmbiguous ? .templateIncomplete : nil))
        let again = try unwrap(mechanism, wrapped, template + [.number(CKA_VALUE_LEN, UInt(count))])
        #expect(try library.value(session, again, CKA_VALUE) == value)
        for (attribute, expected) in [
            (CKA_LOCAL, [0]), (CKA_ALWAYS_SENSITIVE, [0]), (CKA_NEVER_EXTRACTABLE, [0]),
            (CKA_VALUE_LEN, UInt(count).bytes),
            (CKA_KEY_GEN_MECHANISM, CK_UNAVAILABLE_INFORMATION.bytes),
            (CKA_CHECK_VALUE, try library.value(session, key, CKA_CHECK_VALUE) ?? []),
        ] as [(UInt, [UInt8])] {
            #expect(try library.value(session, again, attribute) == expected)
        }
        #expect(throws: ReturnCode.wrappedKeyLengthRange) {
            try unwrap(mechanism, wrapped, template + [.number(CKA_VALUE_LEN, 200)])
        }
        #expect(throws: ReturnCode.wrappedKeyLengthRange) {
            try unwrap(mechanism, Array(wrapped.dropLast()), template)
        }
    }

    /// Where the template says nothing an unwrapped key may leave again (section 5.18.4), and is not sensitive (section
    /// 4.10); where it says that it is, it cannot be read.
    @Test func unwrappedKeysMayLeave() throws {
        let key = try library.create(session, Self.secret(CKK_AES, Attribute(CKA_VALUE, Self.iv)) + Self.open)
        let wrapped = try wrap(Mechanism(CKM_AES_KEY_WRAP), key).content
        let again = try unwrap(Mechanism(CKM_AES_KEY_WRAP), wrapped, Self.secret(CKK_AES))
        #expect(try library.value(session, again, CKA_EXTRACTABLE) == [1])
        #expect(try library.value(session, again, CKA_VALUE) == Self.iv)
        #expect(try wrap(Mechanism(CKM_AES_KEY_WRAP), again).content == wrapped)
        let hidden = try unwrap(
            Mechanism(CKM_AES_KEY_WRAP), wrapped, Self.secret(CKK_AES, .flag(CKA_SENSITIVE, true)))
        #expect(try library.attributes(session, of: hidden, types: [CKA_VALUE]) == [.sensitive])
    }

    /// Templates and wrapped keys that cannot be.
    @Test func unwrappingIsChecked() throws {
        let key = try library.create(session, Self.secret(CKK_AES, Attribute(CKA_VALUE, Self.iv)) + Self.open)
        let plain = Mechanism(CKM_AES_KEY_WRAP)
        let wrapped = try wrap(plain, key).content
        var changed = wrapped
        changed[3] ^= 1
        for (mechanism, wrapped, template, expected) in [
            (plain, changed, Self.secret(CKK_AES), .wrappedKeyInvalid),
            (plain, [], Self.secret(CKK_AES), .wrappedKeyLengthRange),
            (
                Mechanism(CKM_AES_CBC_PAD, .bytes(Self.iv)), [UInt8](repeating: 1, count: 32), Self.secret(CKK_AES),
                .wrappedKeyInvalid
            ),
            (plain, wrapped, [.number(CKA_CLASS, CKO_SECRET_KEY)], .templateIncomplete),
            (plain, wrapped, [.number(CKA_KEY_TYPE, CKK_AES)], .templateIncomplete),
            (plain, wrapped, Self.secret(CKK_DES3), .attributeValueInvalid),
            (
                plain, wrapped, [.number(CKA_CLASS, CKO_PRIVATE_KEY), .number(CKA_KEY_TYPE, CKK_RSA)],
                .wrappedKeyInvalid
            ),
            (plain, wrapped, Self.secret(CKK_AES, Attribute(CKA_VALUE, Self.iv)), .attributeReadOnly),
            (plain, wrapped, Self.secret(CKK_AES, .flag(CKA_LOCAL, true)), .attributeReadOnly),
            (plain, wrapped, Self.secret(CKK_AES, .flag(CKA_TOKEN, true)), .templateInconsistent),
            (plain, wrapped, Self.secret(CKK_AES, .number(CKA_VALUE_LEN, 24)), .wrappedKeyLengthRange),
            (plain, wrapped, Self.secret(CKK_GENERIC_SECRET, .number(CKA_VALUE_LEN, 8)), .wrappedKeyLengthRange),
            (plain, wrapped, Self.secret(CKK_GENERIC_SECRET, .number(CKA_VALUE_LEN, 0)), .wrappedKeyLengthRange),
            (Mechanism(CKM_AES_GCM), wrapped, Self.secret(CKK_AES), .mechanismInvalid),
            (Mechanism(CKM_AES_CBC), wrapped, Self.secret(CKK_AES), .mechanismParameterInvalid),
        ] as [(Mechanism, [UInt8], [Attribute], ReturnCode)] {
            #expect(throws: expected) { try unwrap(mechanism, wrapped, template) }
        }
    }

    /// Who may wrap what.
    @Test func keysAreChecked() throws {
        let plain = Mechanism(CKM_AES_KEY_WRAP)
        let value = Attribute(CKA_VALUE, Self.iv)
        let key = try library.create(session, Self.secret(CKK_AES, value) + Self.open)
        let kept = try library.create(session, Self.secret(CKK_AES, value))
        let guarded = try library.create(
            session, Self.secret(CKK_AES, value, .flag(CKA_WRAP_WITH_TRUSTED, true)) + Self.open)
        let short = try library.create(session, Self.secret(CKK_GENERIC_SECRET, Attribute(CKA_VALUE, [1])) + Self.open)
        let generic = try library.makeKey(
            session, CKK_GENERIC_SECRET, Self.iv, .flag(CKA_WRAP, true), .flag(CKA_UNWRAP, true))
        let idle = try library.create(session, Self.secret(CKK_AES, value))
        let publicKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PUBLIC_KEY)).first)
        let privateKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY)).first)
        let certificate = try #require(try library.find(session, .number(CKA_CLASS, CKO_CERTIFICATE)).first)
        for (wrapping, key, expected) in [
            (wrapping, kept, ReturnCode.keyUnextractable), (wrapping, guarded, .keyNotWrappable),
            (wrapping, short, .keySizeRange), (wrapping, 4711, .keyHandleInvalid),
            (wrapping, publicKey, .keyNotWrappable), (wrapping, privateKey, .keyUnextractable),
            (wrapping, certificate, .keyHandleInvalid), (4711, key, .wrappingKeyHandleInvalid),
            (generic, key, .wrappingKeyTypeInconsistent), (publicKey, key, .wrappingKeyTypeInconsistent),
            (certificate, key, .wrappingKeyHandleInvalid), (idle, key, .keyFunctionNotPermitted),
        ] {
            #expect(throws: expected) {
                try library.wrapKey(session, mechanism: plain, wrappingKey: wrapping, key: key, capacity: 100)
            }
        }
        for (unwrapping, expected) in [
            (4711, ReturnCode.unwrappingKeyHandleInvalid), (generic, .unwrappingKeyTypeInconsistent),
            (privateKey, .unwrappingKeyTypeInconsistent), (idle, .keyFunctionNotPermitted),
        ] {
            #expect(throws: expected) {
                try library.unwrapKey(
                    session, mechanism: plain, unwrappingKey: unwrapping, wrapped: Self.iv.span.bytes,
                    Self.secret(CKK_AES))
            }
        }
        // The SO's word makes a wrapping key a trusted one.
        try library.login(session, CKU_SO)
        try library.setAttributes(session, of: wrapping, [.flag(CKA_TRUSTED, true)])
        #expect(try wrap(plain, guarded).content.count == 24)
    }
}
