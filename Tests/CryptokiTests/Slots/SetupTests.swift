import CPKCS11
import HostCrypto
import Keys
import Testing
import Token

@testable import Cryptoki

/// Setting a card up through PKCS#11: what is asked of the token, by whom, and what is refused before it is asked.
@Suite struct SetupTests {
    private let token: StandInToken
    private let library: Library
    private let session: UInt

    init() throws {
        token = try StandInToken()
        library = Library(source: StandInReaders(["A": [token]]))
        session = try library.openReadWrite()
    }

    private static let p256: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    private static let p384: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
    private static let onCurve = Attribute(CKA_EC_PARAMS, p256)
    private static let onToken = Attribute.flag(CKA_TOKEN, true)
    private static let id = Attribute(CKA_ID, [1])

    private func generate(
        _ mechanism: UInt, _ publicKey: [Attribute], _ privateKey: [Attribute]
    ) throws -> (publicKey: UInt, privateKey: UInt) {
        try library.generateKeyPair(
            session, mechanism: Mechanism(mechanism), publicKey: publicKey, privateKey: privateKey)
    }

    @Test(arguments: [CKU_USER, CKU_SO])
    func aKeyPairIsMade(_ user: UInt) throws {
        try library.login(session, user)
        let old = try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY), Self.id)
        let made = try generate(
            CKM_EC_KEY_PAIR_GEN, [Self.onCurve, Self.id, .flag(CKA_VERIFY, true)],
            [
                Self.onToken, Self.id, .flag(CKA_SENSITIVE, true), .flag(CKA_SIGN, true), .text(CKA_LABEL, "mine"),
                .number(0x8000_0000 | 0x5955_4202, 3), .number(0x8000_0000 | 0x5955_4201, 2),
            ])
        #expect(token.requests == [KeyRequest(pin: .always, touch: .always)])
        #expect(try library.value(session, made.publicKey, CKA_CLASS) == CKO_PUBLIC_KEY.bytes)
        #expect(try library.value(session, made.privateKey, CKA_CLASS) == CKO_PRIVATE_KEY.bytes)
        #expect(try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY), Self.id) == [made.privateKey])
        // The handle of what lay there before has ended.
        #expect(old != [made.privateKey])
        for handle in old {
            #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, handle, CKA_ID) }
        }
    }

    private static let refusals: [(UInt, [Attribute], [Attribute], ReturnCode)] = [
        (CKM_ECDSA, [onCurve, id], [onToken], .mechanismInvalid),
        (CKM_EC_KEY_PAIR_GEN, [id], [onToken], .templateIncomplete),
        (CKM_RSA_PKCS_KEY_PAIR_GEN, [id], [onToken], .templateIncomplete),
        (CKM_RSA_PKCS_KEY_PAIR_GEN, [id, .number(CKA_MODULUS_BITS, 2048)], [onToken], .keySizeRange),
        (
            CKM_RSA_PKCS_KEY_PAIR_GEN, [.number(CKA_MODULUS_BITS, 2048), Attribute(CKA_PUBLIC_EXPONENT, [3])],
            [onToken], .attributeValueInvalid
        ),
        (CKM_EC_KEY_PAIR_GEN, [Attribute(CKA_EC_PARAMS, p384), id], [onToken], .curveNotSupported),
        (
            CKM_EC_KEY_PAIR_GEN, [Attribute(CKA_EC_PARAMS, [0x06, 0x03, 0x2B, 0x65, 0x70])], [onToken],
            .curveNotSupported
        ),
        (CKM_EC_EDWARDS_KEY_PAIR_GEN, [onCurve], [onToken], .curveNotSupported),
        (CKM_EC_KEY_PAIR_GEN, [Attribute(CKA_EC_PARAMS, [0x30, 0x00])], [onToken], .attributeValueInvalid),
        (CKM_EC_KEY_PAIR_GEN, [Attribute(CKA_EC_PARAMS, [])], [onToken], .attributeValueInvalid),
        (CKM_EC_KEY_PAIR_GEN, [onCurve, id, onToken], [], .templateInconsistent),
        (CKM_EC_KEY_PAIR_GEN, [onCurve, id, .flag(CKA_TOKEN, false)], [onToken], .templateInconsistent),
        (CKM_EC_KEY_PAIR_GEN, [onCurve, id], [onToken, Attribute(CKA_ID, [2])], .templateInconsistent),
        (CKM_EC_KEY_PAIR_GEN, [onCurve, Attribute(CKA_ID, [9])], [onToken], .attributeValueInvalid),
        (CKM_EC_KEY_PAIR_GEN, [onCurve], [onToken, .flag(CKA_EXTRACTABLE, true)], .templateInconsistent),
        (CKM_EC_KEY_PAIR_GEN, [onCurve], [onToken, .flag(CKA_SENSITIVE, false)], .templateInconsistent),
        (CKM_EC_KEY_PAIR_GEN, [onCurve], [onToken, .number(CKA_KEY_TYPE, CKK_RSA)], .templateInconsistent),
        (CKM_EC_KEY_PAIR_GEN, [onCurve, .number(CKA_CLASS, CKO_DATA)], [onToken], .templateInconsistent),
        (CKM_EC_KEY_PAIR_GEN, [onCurve], [onToken, Attribute(CKA_SIGN, [2])], .attributeValueInvalid),
        (CKM_EC_KEY_PAIR_GEN, [onCurve], [onToken, Attribute(CKA_VALUE, [1])], .attributeTypeInvalid),
        (CKM_EC_KEY_PAIR_GEN, [onCurve], [onToken, .number(0x8000_0000 | 0x5955_4202, 4)], .attributeValueInvalid),
        (
            CKM_EC_KEY_PAIR_GEN, [onCurve],
            [onToken, .flag(CKA_ALWAYS_AUTHENTICATE, true), .number(0x8000_0000 | 0x5955_4202, 1)],
            .templateInconsistent
        ),
        // No place is empty.
        (CKM_EC_KEY_PAIR_GEN, [onCurve], [onToken], .deviceMemory),
    ]

    @Test(arguments: refusals.indices)
    func whatIsRefused(_ index: Int) throws {
        let (mechanism, publicKey, privateKey, expected) = Self.refusals[index]
        try library.login(session, CKU_SO)
        #expect(throws: expected) { try generate(mechanism, publicKey, privateKey) }
        #expect(token.requests.isEmpty)
    }

    @Test func withoutAWritingLoginNoKeyIsGenerated() throws {
        #expect(throws: ReturnCode.userNotLoggedIn) {
            try generate(CKM_EC_KEY_PAIR_GEN, [Self.onCurve, Self.id], [Self.onToken])
        }
        try library.login(session)
        let reader = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(throws: ReturnCode.sessionReadOnly) {
            try library.generateKeyPair(
                reader, mechanism: Mechanism(CKM_EC_KEY_PAIR_GEN), publicKey: [Self.onCurve, Self.id],
                privateKey: [Self.onToken])
        }
        #expect(token.requests.isEmpty)
    }

    /// The card that does not tell which places are empty must be told the place.
    @Test(arguments: [
        (TokenError.unsupported, ReturnCode.templateIncomplete), (.algorithmNotSupported, .curveNotSupported),
    ])
    func anEmptyPlaceMustBeKnown(_ failure: TokenError, _ expected: ReturnCode) throws {
        try library.login(session, CKU_SO)
        token.emptyPlace = .failure(failure)
        #expect(throws: expected) { try generate(CKM_EC_KEY_PAIR_GEN, [Self.onCurve], [Self.onToken]) }
        token.emptyPlace = .success(ObjectReference(.privateKey, 1))
        let made = try generate(CKM_EC_KEY_PAIR_GEN, [Self.onCurve], [Self.onToken])
        #expect(try library.value(session, made.privateKey, CKA_ID) == [1])
    }

    private static let scalar = [UInt8](repeating: 0x11, count: 32)
    private static let imported: [Attribute] = [
        .number(CKA_CLASS, CKO_PRIVATE_KEY), .number(CKA_KEY_TYPE, CKK_EC), onToken, id, onCurve,
        Attribute(CKA_VALUE, scalar),
    ]

    @Test func aPrivateKeyIsImported() throws {
        try library.login(session, CKU_SO)
        let key = try library.create(session, Self.imported + [.flag(CKA_SIGN, true), .text(CKA_LABEL, "mine")])
        #expect(try library.value(session, key, CKA_ID) == [1])
        #expect(try library.value(session, key, CKA_VALUE) == nil)
        // PKCS#8: the scalar is in it.
        let der = try #require(token.imported.first)
        #expect((0..<der.count - 32).contains { der[$0..<$0 + 32].elementsEqual(Self.scalar) })
    }

    private static let otherScalar = [UInt8](repeating: 0x12, count: 32)

    private static func information(of scalar: [UInt8]) -> [UInt8] {
        (try? PrivateKey.onCurve(.ec(.p256), scalar).publicKey.subjectPublicKeyInfo) ?? []
    }

    /// Public numbers beside the private ones are the same key's, or none.
    @Test(arguments: [information(of: scalar), []]) func aPrivateKeyIsImportedWithItsPublicOne(
        _ information: [UInt8]
    ) throws {
        try library.login(session, CKU_SO)
        _ = try library.create(session, Self.imported + [Attribute(CKA_PUBLIC_KEY_INFO, information)])
        #expect(token.imported.count == 1)
    }

    private static func imported(without type: AttributeType, _ more: Attribute...) -> [Attribute] {
        imported.filter { $0.type != type } + more
    }

    private static let badKeys: [([Attribute], ReturnCode)] = [
        (imported(without: CKA_KEY_TYPE), .templateIncomplete), (imported(without: CKA_VALUE), .templateIncomplete),
        (imported(without: CKA_EC_PARAMS), .templateIncomplete),
        (imported(without: CKA_VALUE, Attribute(CKA_VALUE, [])), .attributeValueInvalid),
        (
            imported(without: CKA_VALUE, Attribute(CKA_VALUE, [UInt8](repeating: 0xFF, count: 32))),
            .attributeValueInvalid
        ),
        (imported(without: CKA_VALUE, Attribute(CKA_VALUE, [UInt8](repeating: 1, count: 33))), .attributeValueInvalid),
        (imported(without: CKA_EC_PARAMS, Attribute(CKA_EC_PARAMS, [0x06, 0x01, 0x2A])), .curveNotSupported),
        (imported(without: CKA_EC_PARAMS, Attribute(CKA_EC_PARAMS, p384)), .curveNotSupported),
        (imported(without: CKA_KEY_TYPE, .number(CKA_KEY_TYPE, CKK_EC_EDWARDS)), .templateInconsistent),
        (imported(without: CKA_KEY_TYPE, .number(CKA_KEY_TYPE, CKK_AES)), .attributeValueInvalid),
        (imported(without: CKA_KEY_TYPE, .number(CKA_KEY_TYPE, CKK_RSA)), .templateIncomplete),
        (imported(without: CKA_ID, Attribute(CKA_ID, [9])), .attributeValueInvalid),
        (imported + [.flag(CKA_EXTRACTABLE, true)], .templateInconsistent),
        // PKCS#11 3.2, section 4.9: the code for public numbers that are another key's.
        (imported + [Attribute(CKA_PUBLIC_KEY_INFO, information(of: otherScalar))], .attributeValueInvalid),
        (imported + [Attribute(CKA_PUBLIC_KEY_INFO, [0x30, 0x00])], .attributeValueInvalid),
    ]

    @Test(arguments: badKeys.indices)
    func aMalformedKeyIsNotImported(_ index: Int) throws {
        let (template, expected) = Self.badKeys[index]
        try library.login(session, CKU_SO)
        #expect(throws: expected) { try library.create(session, template) }
        #expect(token.imported.isEmpty)
    }

    /// To use a key is the user's, though the SO makes and deletes it.
    @Test func theSOUsesNoKeys() throws {
        try library.login(session, CKU_SO)
        let key = try #require(try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY), Self.id).first)
        #expect(throws: ReturnCode.userNotLoggedIn) {
            try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        }
        #expect(try library.sessionInfo(session).state == CKS_RW_SO_FUNCTIONS)
    }

    /// What each call asks of the token: of the secret that it was given, by who is logged in.
    @Test(
        arguments: [
            (nil, "changeOrUnblockPIN"), (CKU_USER, "changePIN"), (CKU_SO, "changeAdministratorSecret"),
        ] as [(UInt?, String)])
    func whosePINIsSet(_ user: UInt?, _ question: String) throws {
        if let user { try library.login(session, user) }
        try library.setPIN(session, "1234", "5678")
        #expect(token.questions.last == question)
    }

    @Test func theSOInitialisesThePIN() throws {
        #expect(throws: ReturnCode.userNotLoggedIn) { try library.initializePIN(session, "5678") }
        try library.login(session)
        #expect(throws: ReturnCode.userNotLoggedIn) { try library.initializePIN(session, "5678") }
        try library.logout(session)
        try library.login(session, CKU_SO)
        try library.initializePIN(session, "5678")
        #expect(token.questions.last == "initializePIN")
    }

    @Test(arguments: [
        (TokenError.pinIncorrect(retriesLeft: 1), ReturnCode.pinIncorrect), (.pinBlocked, .pinLocked),
        (.pinLengthOutOfRange, .pinLengthRange), (.pinMalformed, .pinInvalid), (.pinTooSimple, .pinInvalid),
        (.administratorNeeded, .functionFailed), (.unsupported, .functionFailed), (.removed, .deviceRemoved),
    ])
    func whatTheCardSaysOfAPIN(_ failure: TokenError, _ expected: ReturnCode) throws {
        try library.login(session)
        token.failure = failure
        #expect(throws: expected) { try library.setPIN(session, "1234", "5678") }
    }

    /// Each function gives a code that PKCS#11 3.2 lists for it, whatever a token answers.
    @Test(arguments: TokenError.each) func theCodesAreTheFunctionsOwn(_ error: TokenError) throws {
        let all: Set<ReturnCode> = [.deviceError, .deviceMemory, .deviceRemoved, .functionFailed, .tokenWriteProtected]
        let lists: [SetupFunction: Set<ReturnCode>] = [
            .initializeToken: [.functionCanceled, .pinIncorrect, .pinLocked, .tokenNotRecognized],
            .initializePIN: [.functionCanceled, .pinInvalid, .pinLengthRange, .userNotLoggedIn],
            .setPIN: [.functionCanceled, .pinIncorrect, .pinInvalid, .pinLengthRange, .pinLocked],
            .createObject: [.attributeValueInvalid, .userNotLoggedIn],
        ]
        for function in SetupFunction.allCases {
            let code = function.returnCode(error)
            #expect(all.union(lists[function] ?? []).contains(code), "\(function): \(code)")
        }
    }

    @Test(arguments: [
        (TokenError.unsupported, ReturnCode.attributeValueInvalid), (.readOnly, .tokenWriteProtected),
        (.dataInvalid, .attributeValueInvalid), (.administratorNeeded, .userNotLoggedIn), (.memoryFull, .deviceMemory),
        (.objectNotFound, .functionFailed), (.certificateOfAnotherKey, .attributeValueInvalid),
    ])
    func cardErrorsOfANewKeyHaveTheirReturnCodes(_ failure: TokenError, _ expected: ReturnCode) throws {
        try library.login(session, CKU_SO)
        token.failure = failure
        #expect(throws: expected) {
            try generate(CKM_EC_KEY_PAIR_GEN, [Self.onCurve, Self.id], [Self.onToken, Self.id])
        }
        token.failure = failure
        #expect(throws: expected) { try library.create(session, Self.imported) }
    }

    /// The SO's secret may be longer than a PIN, and no program is to cut it off.
    @Test func theLengthsAreThoseOfAnyPIN() throws {
        #expect(try library.tokenInfo(0).pinLengths == 4...64)
    }

    @Test func aReadOnlySessionSetsNoPIN() throws {
        let reader = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(throws: ReturnCode.sessionReadOnly) { try library.setPIN(reader, "1234", "5678") }
        #expect(throws: ReturnCode.sessionReadOnly) { try library.initializePIN(reader, "5678") }
        #expect(throws: ReturnCode.pinInvalid) { try library.setPIN(session, "1234", "\u{FFFD}") }
    }

    /// The label must be the serial number, which is "1" here.
    @Test(
        arguments: [
            ("1", nil), ("1" + String(repeating: " ", count: 31), nil), ("", .tokenWriteProtected),
            ("stand-in", .tokenWriteProtected), (" 1", .tokenWriteProtected), ("11", .tokenWriteProtected),
        ] as [(String, ReturnCode?)])
    func theTokenIsInitialisedOnPurpose(_ label: String, _ expected: ReturnCode?) throws {
        #expect(throws: ReturnCode.sessionExists) { try library.initializeToken(label) }
        let object = try #require(try library.find(session, .number(CKA_CLASS, CKO_CERTIFICATE)).first)
        try library.closeSession(session)
        if let expected {
            #expect(throws: expected) { try library.initializeToken(label) }
            #expect(!token.questions.contains("reset"))
        } else {
            try library.initializeToken(label)
            #expect(token.questions.suffix(2) == ["loginAdministrator", "reset"])
            let new = try library.openReadWrite()
            #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(new, object, CKA_ID) }
        }
    }

    /// A wrong secret of the SO leaves the card as it is.
    @Test func theSOsSecretIsCheckedFirst() throws {
        try library.closeSession(session)
        token.during["loginAdministrator"] = { [token] in token.failure = .pinIncorrect(retriesLeft: nil) }
        #expect(throws: ReturnCode.pinIncorrect) { try library.initializeToken("1") }
        #expect(!token.questions.contains("reset"))
    }
}

extension Library {
    fileprivate func setPIN(_ session: UInt, _ old: String, _ new: String) throws {
        // U+FFFD stands for what is no UTF-8.
        let (old, new) = (Array(old.utf8), new == "\u{FFFD}" ? [0xFF] : Array(new.utf8))
        try setPIN(session, from: old.span.bytes, to: new.span.bytes)
    }

    fileprivate func initializePIN(_ session: UInt, _ new: String) throws {
        let new = Array(new.utf8)
        try initializePIN(session, to: new.span.bytes)
    }

    fileprivate func initializeToken(_ label: String) throws {
        let secret = Array("1234".utf8)
        try initializeToken(0, officerPIN: secret.span.bytes, label: Array(label.utf8))
    }
}

extension TokenError {
    /// One of each kind.
    fileprivate static let each: [TokenError] = [
        .pinIncorrect(retriesLeft: 1), .pinBlocked, .pinLengthOutOfRange, .pinMalformed, .pinTooSimple, .notLoggedIn,
        .keptPINRefused(retriesLeft: nil), .useNotAuthenticated, .administratorNeeded, .readOnly, .removed,
        .notRecognised, .unresponsive, .heldByAnother, .serviceUnavailable, .userActionMissing, .objectNotFound,
        .unsupported, .dataInvalid, .certificateOfAnotherKey, .algorithmNotSupported, .memoryFull, .failed("test"),
    ]
}
