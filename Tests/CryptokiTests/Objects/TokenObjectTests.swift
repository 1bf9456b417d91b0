import CPKCS11
import Cryptoki
import Testing
import Token

/// Objects on the card that are made, changed and deleted, and who may do it.
@Suite struct TokenObjectTests {
    private let token: StandInToken
    private let library: Library
    private let session: UInt

    init() throws {
        token = try StandInToken()
        library = Library(source: StandInReaders(["A": [token]]))
        session = try library.openReadWrite()
    }

    private static let box: [Attribute] = [
        .flag(CKA_TOKEN, true), .number(CKA_CLASS, CKO_DATA), .text(CKA_APPLICATION, "box"), Attribute(CKA_VALUE, [5]),
    ]

    @Test func anObjectIsMadeChangedAndDeleted() throws {
        try library.login(session, CKU_SO)
        let box = try library.create(session, Self.box)
        #expect(try library.value(session, box, CKA_VALUE) == [5])
        #expect(try library.find(session, .text(CKA_LABEL, "box")) == [box])
        // Another value makes no other object.
        try library.setAttributes(session, of: box, [Attribute(CKA_VALUE, [6]), .text(CKA_LABEL, "box")])
        #expect(try library.find(session, Attribute(CKA_VALUE, [6])) == [box])
        try library.destroy(session, object: box)
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, box, CKA_VALUE) }
        #expect(try library.find(session, .text(CKA_LABEL, "box")).isEmpty)
        // What comes into the same place later is another object.
        #expect(try library.create(session, Self.box) != box)
    }

    /// Another process deletes the object, and puts one there again.
    @Test func anObjectThatIsGoneEndsItsHandle() throws {
        try library.login(session, CKU_SO)
        let box = try library.create(session, Self.box)
        try token.delete(ObjectReference(.data, 5), ifStill: 0)
        try token.write([1], to: ObjectReference(.data, 5), ifStill: nil)
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, box, CKA_LABEL) }
        #expect(throws: ReturnCode.objectHandleInvalid) {
            try library.setAttributes(session, of: box, [Attribute(CKA_VALUE, [6])])
        }
        let found = try library.find(session, .text(CKA_LABEL, "box"))
        #expect(found.count == 1 && found != [box])
    }

    /// Templates of new objects on the card, by who is logged in.
    @Test(
        arguments: [
            (nil, box, .userNotLoggedIn), (CKU_USER, box, nil), (CKU_SO, box, nil),
            (CKU_SO, Array(box.dropLast(2)), .templateIncomplete),
            (CKU_SO, box + [.flag(CKA_PRIVATE, true)], .templateInconsistent),
            (CKU_SO, box + [Attribute(CKA_MODULUS, [1])], .attributeTypeInvalid),
            (CKU_SO, safe, .userNotLoggedIn), (CKU_USER, safe, nil), (CKU_USER, safe + [.flag(CKA_PRIVATE, true)], nil),
            (CKU_SO, named("nowhere"), .attributeValueInvalid), (CKU_SO, named("hidden"), .tokenWriteProtected),
            (
                CKU_SO, [.flag(CKA_TOKEN, true), .number(CKA_CLASS, CKO_SECRET_KEY), Attribute(CKA_ID, [1])],
                .attributeValueInvalid
            ),
        ] as [(UInt?, [Attribute], ReturnCode?)])
    func whoMayMakeWhat(_ user: UInt?, _ template: [Attribute], _ code: ReturnCode?) throws {
        if let user { try library.login(session, user) }
        if let code {
            #expect(throws: code) { try library.create(session, template) }
            #expect(!token.questions.contains("write"))
        } else {
            let object = try library.create(session, template)
            #expect(try library.value(session, object, CKA_TOKEN) == [1])
        }
    }

    private static let safe = named("safe")

    private static func named(_ name: String) -> [Attribute] {
        [.flag(CKA_TOKEN, true), .number(CKA_CLASS, CKO_DATA), .text(CKA_LABEL, name), Attribute(CKA_VALUE, [5])]
    }

    @Test func aReadOnlySessionWritesNothing() throws {
        try library.login(session)
        let box = try library.create(session, Self.box)
        let reader = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(throws: ReturnCode.sessionReadOnly) { try library.create(reader, Self.box) }
        #expect(throws: ReturnCode.sessionReadOnly) {
            try library.setAttributes(reader, of: box, [Attribute(CKA_VALUE, [6])])
        }
        #expect(throws: ReturnCode.sessionReadOnly) { try library.destroy(reader, object: box) }
        #expect(throws: ReturnCode.sessionReadOnly) { try library.copy(reader, object: box, [.flag(CKA_TOKEN, true)]) }
        let copy = try library.copy(reader, object: box, [])
        #expect(try library.value(reader, copy, CKA_VALUE) == [5])
        // The same handle, in a session that may write.
        try library.setAttributes(session, of: box, [Attribute(CKA_VALUE, [6])])
        #expect(try library.value(reader, box, CKA_VALUE) == [6])
    }

    /// What of the card cannot be changed.
    @Test(
        arguments: [
            (CKO_CERTIFICATE, [.text(CKA_LABEL, "a")], .actionProhibited),
            (CKO_PROFILE, [.text(CKA_LABEL, "a")], .actionProhibited),
            (CKO_DATA, [.text(CKA_LABEL, "a")], .attributeReadOnly),
            (CKO_DATA, [Attribute(CKA_MODULUS, [1])], .attributeTypeInvalid),
        ] as [(UInt, [Attribute], ReturnCode)])
    func whatCannotChange(_ objectClass: UInt, _ changes: [Attribute], _ code: ReturnCode) throws {
        try library.login(session)
        _ = try library.create(session, Self.box)
        let object = try #require(try library.find(session, .number(CKA_CLASS, objectClass)).first)
        #expect(throws: code) { try library.setAttributes(session, of: object, changes) }
        if objectClass != CKO_DATA {
            #expect(throws: ReturnCode.actionProhibited) { try library.destroy(session, object: object) }
        }
    }

    /// The SO and read-only sessions exclude each other, and so do the SO and the user.
    @Test func theSOLogsIn() throws {
        let reader = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(throws: ReturnCode.sessionReadOnlyExists) { try library.login(session, CKU_SO) }
        try library.login(session)
        #expect(throws: ReturnCode.userAnotherAlreadyLoggedIn) { try library.login(session, CKU_SO) }
        try library.logout(reader)
        try library.closeSession(reader)
        try library.login(session, CKU_SO)
        #expect(try library.sessionInfo(session).state == CKS_RW_SO_FUNCTIONS)
        #expect(throws: ReturnCode.userAlreadyLoggedIn) { try library.login(session, CKU_SO) }
        #expect(throws: ReturnCode.userAnotherAlreadyLoggedIn) { try library.login(session) }
        #expect(throws: ReturnCode.sessionReadWriteSOExists) { try library.openSession(0, flags: CKF_SERIAL_SESSION) }
        // The keys of the card are the SO's to make and to delete; what else is private is not shown.
        let shown = try library.find(session, .flag(CKA_PRIVATE, true))
        #expect(try library.labels(session, shown) == ["private"])
        try library.logout(session)
        #expect(try library.sessionInfo(session).state == CKS_RW_PUBLIC_SESSION)
    }
}
