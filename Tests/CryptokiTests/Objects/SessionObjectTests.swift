import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing
import Token

/// Objects that sessions make in memory: created, read, changed, copied, destroyed, and when they end.
@Suite struct SessionObjectTests {
    private let token: StandInToken
    private let library: Library
    private let session: UInt

    init() throws {
        token = try StandInToken()
        library = Library(source: StandInReaders(["A": [token]]))
        session = try library.openReadWrite()
    }

    private static let data: [Attribute] = [.number(CKA_CLASS, CKO_DATA)]
    private static let aes: [Attribute] = [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_AES)]
    private static let aesKey = aes + [Attribute(CKA_VALUE, [UInt8](repeating: 7, count: 16))]
    private static let generic: [Attribute] = [
        .number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET), Attribute(CKA_VALUE, [1, 2, 3]),
    ]
    private static let certificate: [Attribute] = [
        .number(CKA_CLASS, CKO_CERTIFICATE), .number(CKA_CERTIFICATE_TYPE, CKC_X_509),
        Attribute(CKA_SUBJECT, [0x30, 0]),
        Attribute(CKA_VALUE, [0x30, 0]),
    ]
    private static let rsa: [Attribute] = [.number(CKA_CLASS, CKO_PUBLIC_KEY), .number(CKA_KEY_TYPE, CKK_RSA)]
    private static let modulus = [UInt8](repeating: 0xFF, count: 128)

    /// CKA_TRUSTED becomes true by the SO's word alone, and false by anybody's (PKCS#11 3.2, section 4.2, footnote 10).
    @Test(
        arguments: [
            aesKey, certificate, rsa + [Attribute(CKA_MODULUS, modulus), Attribute(CKA_PUBLIC_EXPONENT, [1, 0, 1])],
        ])
    func onlyTheSOTrusts(_ template: [Attribute]) throws {
        let object = try library.create(session, template)
        func trust(_ value: Bool) throws {
            try library.setAttributes(session, of: object, [.flag(CKA_TRUSTED, value)])
        }
        #expect(throws: ReturnCode.attributeReadOnly) { try trust(true) }
        try library.login(session)
        #expect(throws: ReturnCode.attributeReadOnly) { try trust(true) }
        #expect(throws: ReturnCode.attributeReadOnly) {
            try library.copy(session, object: object, [.flag(CKA_TRUSTED, true)])
        }
        #expect(try library.value(session, object, CKA_TRUSTED) == [0])
        try library.logout(session)
        try library.login(session, CKU_SO)
        try trust(true)
        try library.logout(session)
        #expect(try library.value(session, object, CKA_TRUSTED) == [1])
        try trust(false)
        #expect(try library.value(session, object, CKA_TRUSTED) == [0])
    }

    /// Templates that cannot be, each with its code (PKCS#11 3.2, section 4.1.1).
    @Test(
        arguments: [
            ([], .templateIncomplete), ([.number(CKA_CLASS, 99)], .attributeValueInvalid),
            ([.number(CKA_CLASS, CKO_PRIVATE_KEY), .number(CKA_KEY_TYPE, CKK_RSA)], .templateIncomplete),
            ([Attribute(CKA_CLASS, [0])], .attributeValueInvalid),
            (data + [Attribute(CKA_MODULUS, [1])], .attributeTypeInvalid),
            (data + [Attribute(0x8000_4711, [])], .attributeTypeInvalid),
            (data + [Attribute(CKA_PRIVATE, [2])], .attributeValueInvalid),
            (data + [Attribute(CKA_LABEL, [0xFF])], .attributeValueInvalid),
            (data + [.text(CKA_LABEL, "a"), .text(CKA_LABEL, "b")], .templateInconsistent),
            (data + [.text(CKA_UNIQUE_ID, "a")], .attributeReadOnly),
            (data + [.flag(CKA_PRIVATE, true)], .userNotLoggedIn), (aes, .templateIncomplete),
            (aes + [Attribute(CKA_VALUE, [UInt8](repeating: 7, count: 15))], .attributeValueInvalid),
            // More than any key has.
            (aes + [Attribute(CKA_VALUE, [UInt8](repeating: 7, count: 70_000))], .attributeValueInvalid),
            (generic.dropLast() + [Attribute(CKA_VALUE, [UInt8](repeating: 7, count: 65_537))], .attributeValueInvalid),
            (aesKey + [.number(CKA_VALUE_LEN, 16)], .attributeReadOnly),
            // CK_DATE has eight digits.
            (aesKey + [.text(CKA_START_DATE, "202601011")], .attributeValueInvalid),
            (aesKey + [.text(CKA_END_DATE, "2026010")], .attributeValueInvalid),
            (aesKey + [.text(CKA_START_DATE, "2026-1-1")], .attributeValueInvalid),
            (aesKey + [.flag(CKA_LOCAL, true)], .attributeReadOnly),
            (aesKey + [Attribute(CKA_CHECK_VALUE, [1, 2, 3])], .attributeValueInvalid),
            (aesKey + [Attribute(CKA_START_DATE, Array("2026-1-1".utf8))], .attributeValueInvalid),
            (aesKey + [Attribute(CKA_ALLOWED_MECHANISMS, [1])], .attributeValueInvalid),
            ([.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_DES3)], .attributeValueInvalid),
            (Array(certificate.dropLast()), .templateIncomplete),
            (certificate.dropLast() + [Attribute(CKA_VALUE, [])], .attributeValueInvalid),
            (certificate + [.flag(CKA_TRUSTED, true)], .attributeReadOnly),
            (rsa + [Attribute(CKA_MODULUS, modulus)], .templateIncomplete),
            // An even exponent, and a point that is not on its curve.
            (rsa + [Attribute(CKA_MODULUS, modulus), Attribute(CKA_PUBLIC_EXPONENT, [4])], .attributeValueInvalid),
            (
                [
                    .number(CKA_CLASS, CKO_PUBLIC_KEY), .number(CKA_KEY_TYPE, CKK_EC),
                    Attribute(CKA_EC_PARAMS, Curve.p256.oid), Attribute(CKA_EC_POINT, [4] + modulus.prefix(64)),
                ], .attributeValueInvalid
            ),
        ] as [([Attribute], ReturnCode)])
    func templatesAreChecked(_ template: [Attribute], _ code: ReturnCode) throws {
        #expect(throws: code) { try library.create(session, template) }
        #expect(try library.find(session, .flag(CKA_TOKEN, false)).isEmpty)
        #expect(token.questions.isEmpty)
    }

    /// What an object answers that its template did not say.
    @Test(
        arguments: [
            (data, CKA_PRIVATE, [0]), (data, CKA_MODIFIABLE, [1]), (data, CKA_COPYABLE, [1]), (data, CKA_VALUE, []),
            (aesKey, CKA_SENSITIVE, [0]), (aesKey, CKA_EXTRACTABLE, [0]), (aesKey, CKA_NEVER_EXTRACTABLE, [0]),
            (aesKey, CKA_LOCAL, [0]), (aesKey, CKA_VALUE_LEN, [16, 0, 0, 0, 0, 0, 0, 0]),
            // The first three bytes of `head -c16 /dev/zero | openssl enc -aes-128-ecb -nopad -K 07…07`, and of
            // `printf '\1\2\3' | sha1sum`.
            (aesKey, CKA_CHECK_VALUE, [0x4C, 0x83, 0xB1]), (generic, CKA_CHECK_VALUE, [0x70, 0x37, 0x80]),
            (certificate, CKA_TRUSTED, [0]), (certificate, CKA_ID, []), (data, CKA_MODULUS, nil),
            (aesKey, CKA_VALUE, nil),
        ] as [([Attribute], AttributeType, [UInt8]?)])
    func attributesHaveTheirDefaults(_ template: [Attribute], _ type: AttributeType, _ value: [UInt8]?) throws {
        let object = try library.create(session, template)
        #expect(try library.value(session, object, type) == value)
    }

    @Test func aSecretIsReadOnlyWhereItMayBe() throws {
        let open = Self.aesKey + [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]
        let key = try library.create(session, open)
        #expect(try library.value(session, key, CKA_VALUE) == [UInt8](repeating: 7, count: 16))
        #expect(try library.find(session, open[2]) == [key])
        try library.setAttributes(session, of: key, [.flag(CKA_SENSITIVE, true)])
        #expect(try library.attributes(session, of: key, types: [CKA_VALUE]) == [.sensitive])
        #expect(try library.find(session, open[2]).isEmpty)
        #expect(throws: ReturnCode.attributeReadOnly) {
            try library.setAttributes(session, of: key, [.flag(CKA_SENSITIVE, false)])
        }
        try library.digestInit(session, mechanism: Mechanism(CKM_SHA256))
        #expect(throws: ReturnCode.keyIndigestible) { try library.digestKey(session, key: key) }
    }

    /// Seen by all sessions of the process with this token, changed by all, gone with the one that made it.
    @Test func allSessionsShareAnObject() throws {
        let other = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let object = try library.create(other, Self.data + [.text(CKA_LABEL, "note")])
        #expect(try library.find(session, .text(CKA_LABEL, "note")) == [object])
        try library.setAttributes(session, of: object, [.text(CKA_LABEL, "new"), Attribute(CKA_VALUE, [9])])
        #expect(try library.labels(other, [object]) == ["new"])
        #expect(try library.value(other, object, CKA_VALUE) == [9])
        try library.closeSession(other)
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, object, CKA_LABEL) }
        #expect(try library.find(session, .flag(CKA_TOKEN, false)).isEmpty)
    }

    @Test func aPrivateObjectEndsWithTheLogin() throws {
        try library.login(session)
        let secret = try library.create(session, Self.data + [.flag(CKA_PRIVATE, true)])
        let open = try library.create(session, Self.data)
        try library.logout(session)
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, secret, CKA_LABEL) }
        #expect(try library.find(session, .flag(CKA_TOKEN, false)) == [open])
        try library.login(session)
        #expect(try library.find(session, .flag(CKA_TOKEN, false)) == [open])
        try library.logout(session)
        try library.login(session, CKU_SO)
        #expect(throws: ReturnCode.userNotLoggedIn) {
            try library.create(session, Self.data + [.flag(CKA_PRIVATE, true)])
        }
    }

    /// Changes of one object and of its copy, with their codes; nil where it is done.
    @Test(
        arguments: [
            ([.text(CKA_LABEL, "b")], nil, nil), ([.flag(CKA_PRIVATE, false)], .attributeReadOnly, nil),
            ([.flag(CKA_MODIFIABLE, false)], .attributeReadOnly, nil), ([.flag(CKA_COPYABLE, false)], nil, nil),
            ([.number(CKA_CLASS, CKO_CERTIFICATE)], .attributeReadOnly, .attributeReadOnly),
            ([Attribute(CKA_MODULUS, [1])], .attributeTypeInvalid, .attributeTypeInvalid),
            ([Attribute(CKA_VALUE, [1])], nil, nil),
            ([.text(CKA_LABEL, "b"), .text(CKA_LABEL, "c")], .templateInconsistent, .templateInconsistent),
            // All or nothing.
            ([.text(CKA_LABEL, "b"), Attribute(CKA_PRIVATE, [7])], .attributeReadOnly, .attributeValueInvalid),
        ] as [([Attribute], ReturnCode?, ReturnCode?)])
    func objectsChange(_ changes: [Attribute], _ change: ReturnCode?, _ copy: ReturnCode?) throws {
        let object = try library.create(session, Self.data + [.text(CKA_LABEL, "a")])
        #expect(code { _ = try library.copy(session, object: object, changes) } == copy)
        #expect(code { try library.setAttributes(session, of: object, changes) } == change)
        for wanted in changes where change == nil {
            #expect(try library.value(session, object, wanted.type) == wanted.value)
        }
        if change != nil { #expect(try library.labels(session, [object]) == ["a"]) }
    }

    @Test func flagsKeepAnObjectAsItIs() throws {
        let object = try library.create(
            session,
            Self.data + [.flag(CKA_MODIFIABLE, false), .flag(CKA_COPYABLE, false), .flag(CKA_DESTROYABLE, false)])
        #expect(throws: ReturnCode.actionProhibited) {
            try library.setAttributes(session, of: object, [.text(CKA_LABEL, "b")])
        }
        #expect(throws: ReturnCode.actionProhibited) { try library.copy(session, object: object, []) }
        #expect(throws: ReturnCode.actionProhibited) { try library.destroy(session, object: object) }
        let other = try library.create(session, Self.data)
        try library.destroy(session, object: other)
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.destroy(session, object: other) }
        #expect(try library.create(session, Self.data) > other)
    }

    /// What can be read of the card's objects can be copied into memory; a private key cannot.
    @Test func aCardsObjectIsCopied() throws {
        try library.login(session)
        let key = try #require(try library.find(session, .number(CKA_CLASS, CKO_PUBLIC_KEY)).first)
        let copy = try library.copy(session, object: key, [.text(CKA_LABEL, "mine")])
        #expect(try library.value(session, copy, CKA_TOKEN) == [0])
        #expect(try library.value(session, copy, CKA_EC_POINT) == library.value(session, key, CKA_EC_POINT))
        let privateKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY)).first)
        #expect(throws: ReturnCode.actionProhibited) { try library.copy(session, object: privateKey, []) }
        // The copy verifies what the card signs.
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: privateKey)
        let signature = try library.sign(session)
        for (key, mayVerify) in [
            (copy, true), (try library.copy(session, object: copy, [.flag(CKA_VERIFY, false)]), false),
        ] {
            let begun = code { try library.verifyInit(session, mechanism: Mechanism(CKM_ECDSA), key: key) }
            #expect(begun == (mayVerify ? nil : .keyFunctionNotPermitted))
            guard mayVerify else { continue }
            let data = [UInt8](repeating: 1, count: 32)
            try library.verify(session, data: data.span.bytes, signature: signature.span.bytes)
            // The same with the signature given first; each kind's functions go on with their own kind only.
            for (given, expected) in [(signature, nil), (Array(signature.reversed()), ReturnCode.signatureInvalid)] {
                let mechanism = Mechanism(CKM_ECDSA)
                try library.verifyInit(session, mechanism: mechanism, key: key, signature: given)
                #expect(throws: ReturnCode.operationNotInitialized) {
                    try library.verify(session, data: data.span.bytes, signature: signature.span.bytes)
                }
                #expect(code { try library.verifySignature(session, data: data.span.bytes) } == expected)
                #expect(throws: ReturnCode.operationNotInitialized) { try library.verifySignatureFinal(session) }
            }
        }
    }
}
