import CPKCS11
import Cryptoki
import Platform
import Testing
import Token

@Suite struct LibraryTests {
    private let token: StandInToken
    private let readers: StandInReaders
    private let library: Library

    init() throws {
        token = try StandInToken()
        readers = StandInReaders(["A": [token], "B": []])
        library = Library(source: readers)
    }

    @Test func listingSlotsOpensNoCardUntilTokensAreAskedFor() {
        #expect(library.slotList(withToken: false) == [0, 1])
        #expect(readers.openings == 0)
        #expect(library.slotList(withToken: true) == [0, 1])
        #expect(readers.openings == 2)
        #expect(token.questions.isEmpty)
    }

    /// A card with two applications gives its reader a second slot, which stays.
    @Test func eachApplicationHasASlotOfItsOwn() throws {
        readers.cards["A"] = [token, try StandInToken(serialNumber: "2")]
        #expect(library.slotList(withToken: true) == [0, 1, 2])
        #expect(try library.tokenInfo(0).information.serialNumber == "1")
        #expect(try library.tokenInfo(2).information.serialNumber == "2")
        let first = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let second = try library.openSession(2, flags: CKF_SERIAL_SESSION)
        try login(first)
        #expect(try library.sessionInfo(first).state == CKS_RO_USER_FUNCTIONS)
        #expect(try library.sessionInfo(second).state == CKS_RO_PUBLIC_SESSION)
        // The same object of two tokens is two objects.
        let one = try find(first, Attribute(CKA_ID, [2])), other = try find(second, Attribute(CKA_ID, [2]))
        #expect(one.count == 1 && other.count == 1 && one != other)
        #expect(throws: ReturnCode.objectHandleInvalid) {
            try library.attributes(second, of: one[0], types: [CKA_LABEL])
        }
    }

    /// Which objects a search finds, before and after the login.
    @Test(
        arguments: [
            ([], ["certificate", "public", "open"], ["certificate", "public", "private", "open"]),
            ([Attribute(CKA_ID, [1])], ["certificate", "public"], ["certificate", "public", "private"]),
            ([Attribute(CKA_PRIVATE, [1])], [], ["private"]),
            ([Attribute(CKA_LABEL, Array("hidden".utf8))], ["hidden"], ["hidden"]),
            ([Attribute(CKA_LABEL, Array("absent".utf8))], [], []), ([Attribute(CKA_ID, [9])], [], []),
            ([Attribute(CKA_VALUE, [1, 2, 3])], ["certificate"], ["certificate"]),
            ([Attribute(CKA_MODULUS, [1])], [], []), ([Attribute(0x8000_1234, [])], [], []),
        ] as [([Attribute], [String], [String])])
    func searchesFind(_ template: [Attribute], _ open: [String], _ loggedIn: [String]) throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(try labels(session, find(session, template)) == open)
        try login(session)
        #expect(try labels(session, find(session, template)) == loggedIn)
    }

    @Test func oneObjectHasOneHandle() throws {
        let sessions = try (0..<3).map { _ in try library.openSession(0, flags: CKF_SERIAL_SESSION) }
        let found = try sessions.map { try find($0, []) }
        #expect(Set(found).count == 1)
        #expect(Set(found[0]).count == found[0].count)
        #expect(!found[0].contains(0))
    }

    /// A search for what no object can be asks the token nothing.
    @Test func anImpossibleSearchCostsNothing() throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(try find(session, [Attribute(CKA_ID, [9])]).isEmpty)
        #expect(token.questions.isEmpty)
    }

    @Test func whoeverLosesTheLoginAtTheCardIsLoggedOut() throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        try login(session)
        let key = try #require(try find(session, [Attribute(CKA_PRIVATE, [1])]).first)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        token.failure = .notLoggedIn
        #expect(throws: ReturnCode.userNotLoggedIn) { try sign(session) }
        #expect(try library.sessionInfo(session).state == CKS_RO_PUBLIC_SESSION)
        #expect(throws: ReturnCode.keyHandleInvalid) {
            try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        }
    }

    @Test func aUseThatWasNotAuthenticatedLeavesTheLogin() throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        try login(session)
        let key = try #require(try find(session, [Attribute(CKA_PRIVATE, [1])]).first)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        token.failure = .useNotAuthenticated
        #expect(throws: ReturnCode.userNotLoggedIn) { try sign(session) }
        #expect(try library.sessionInfo(session).state == CKS_RO_USER_FUNCTIONS)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        #expect(try sign(session).count == 64)
    }

    @Test(arguments: [true, false])
    func aRemovedCardEndsItsSessions(_ isNoticedByReader: Bool) throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let key = try #require(try find(session, [Attribute(CKA_ID, [2])]).first)
        if isNoticedByReader {
            readers.statuses[0].insertion = nil
        } else {
            try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
            token.failure = .removed
            #expect(throws: ReturnCode.deviceRemoved) { try sign(session) }
            readers.statuses[0].insertion = nil
        }
        #expect(throws: ReturnCode.sessionHandleInvalid) { try library.sessionInfo(session) }
        #expect(throws: ReturnCode.tokenNotPresent) { try library.openSession(0, flags: CKF_SERIAL_SESSION) }
        readers.statuses[0].insertion = 77
        let new = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(new != session)
        #expect(try find(new, [Attribute(CKA_ID, [2])]).first != key)
    }

    @Test func theTriesAreToldInFlags() throws {
        let info = try library.tokenInfo(0)
        #expect(info.flags & CKF_USER_PIN_COUNT_LOW != 0)
        #expect(info.flags & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED) == 0)
    }

    @Test func aCardThatNobodyKnowsKeepsItsSlot() {
        #expect(throws: ReturnCode.tokenNotRecognized) { try library.tokenInfo(1) }
        #expect(throws: ReturnCode.tokenNotRecognized) { try library.openSession(1, flags: CKF_SERIAL_SESSION) }
    }

    private func login(_ session: UInt) throws {
        let pin = Array("1234".utf8)
        try library.login(session, userType: CKU_USER, pin: pin.span.bytes)
    }

    private func sign(_ session: UInt) throws -> [UInt8] {
        let data = [UInt8](repeating: 1, count: 32)
        guard case .bytes(let signature) = try library.sign(session, data: data.span.bytes, capacity: 64) else {
            return []
        }
        return signature
    }

    private func find(_ session: UInt, _ template: Attribute...) throws -> [UInt] { try find(session, template) }

    private func find(_ session: UInt, _ template: [Attribute]) throws -> [UInt] {
        try library.findObjectsInit(session, template: template)
        defer { try? library.findObjectsFinal(session) }
        return try library.findObjects(session, atMost: 100)
    }

    private func labels(_ session: UInt, _ objects: [UInt]) throws -> [String] {
        try objects.map { object in
            guard case .value(let label)? = try library.attributes(session, of: object, types: [CKA_LABEL]).first else {
                return ""
            }
            return String(decoding: label, as: UTF8.self)
        }
    }
}
