import CPKCS11
import Cryptoki
import Foundation
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
        try library.login(first)
        #expect(try library.sessionInfo(first).state == CKS_RO_USER_FUNCTIONS)
        #expect(try library.sessionInfo(second).state == CKS_RO_PUBLIC_SESSION)
        // The same object of two tokens is two objects.
        let one = try library.find(first, Attribute(CKA_ID, [2])),
            other = try library.find(second, Attribute(CKA_ID, [2]))
        #expect(one.count == 1 && other.count == 1 && one != other)
        #expect(throws: ReturnCode.objectHandleInvalid) {
            try library.attributes(second, of: one[0], types: [CKA_LABEL])
        }
    }

    /// Which objects a search finds, before and after the login.
    @Test(
        arguments: [
            // Profiles have no label.
            (
                [], ["certificate", "public", "open", "", "", ""],
                ["certificate", "public", "private", "open", "", "", ""]
            ),
            ([.number(CKA_CLASS, CKO_PROFILE), .number(CKA_PROFILE_ID, CKP_BASELINE_PROVIDER)], [""], [""]),
            ([.number(CKA_CLASS, CKO_MECHANISM), .number(CKA_MECHANISM_TYPE, CKM_ECDSA)], [""], [""]),
            // The host verifies EdDSA; the card makes no such keys.
            ([.number(CKA_CLASS, CKO_MECHANISM), .number(CKA_MECHANISM_TYPE, CKM_EDDSA)], [""], [""]),
            ([.number(CKA_CLASS, CKO_MECHANISM), .number(CKA_MECHANISM_TYPE, CKM_EC_EDWARDS_KEY_PAIR_GEN)], [], []),
            ([.number(CKA_MECHANISM_TYPE, CKM_ECDSA)], [], []),
            ([Attribute(CKA_ID, [1])], ["certificate", "public"], ["certificate", "public", "private"]),
            ([Attribute(CKA_PRIVATE, [1])], [], ["private"]),
            ([Attribute(CKA_LABEL, Array("hidden".utf8))], ["hidden"], ["hidden"]),
            ([Attribute(CKA_LABEL, Array("absent".utf8))], [], []), ([Attribute(CKA_ID, [9])], [], []),
            ([Attribute(CKA_VALUE, [1, 2, 3])], ["certificate"], ["certificate"]),
            ([Attribute(CKA_MODULUS, [1])], [], []), ([Attribute(0x8000_1234, [])], [], []),
        ] as [([Attribute], [String], [String])])
    func searchesFind(_ template: [Attribute], _ open: [String], _ loggedIn: [String]) throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(try library.labels(session, library.find(session, template)) == open)
        try library.login(session)
        #expect(try library.labels(session, library.find(session, template)) == loggedIn)
    }

    /// C_OpenSession wants CKF_SERIAL_SESSION, whatever else it is given.
    @Test(
        arguments: [
            (0, .sessionParallelNotSupported), (CKF_RW_SESSION, .sessionParallelNotSupported),
            (CKF_ASYNC_SESSION, .sessionParallelNotSupported),
            (CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, .sessionAsyncNotSupported),
        ] as [(UInt, ReturnCode)])
    func sessionsAreSerial(_ flags: UInt, _ expected: ReturnCode) {
        #expect(throws: expected) { try library.openSession(0, flags: flags) }
    }

    /// What is wrong with one object hides no other; what is wrong with the card, or the login, is told.
    @Test(
        arguments: [
            (.objectNotFound, nil), (.failed("unreadable"), nil), (.removed, .deviceRemoved),
            (.serviceUnavailable, .deviceRemoved), (.notLoggedIn, .userNotLoggedIn), (.heldByAnother, .deviceError),
        ] as [(TokenError, ReturnCode?)])
    func anUnreadableObjectDoesNotMatch(_ error: TokenError, _ code: ReturnCode?) throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        // The first value that is read, the certificate's, fails; the one of the data object by that name is found.
        let template = [Attribute(CKA_VALUE, [1, 2, 3]), Attribute(CKA_LABEL, Array("hidden".utf8))]
        token.during["value"] = { [token] in token.failure = error }
        if let code {
            #expect(throws: code) { try library.find(session, [template[0]]) }
        } else {
            #expect(try library.find(session, [template[0]]).isEmpty)
            #expect(try library.labels(session, library.find(session, template)) == ["hidden"])
        }
    }

    @Test func oneObjectHasOneHandle() throws {
        let sessions = try (0..<3).map { _ in try library.openSession(0, flags: CKF_SERIAL_SESSION) }
        let found = try sessions.map { try library.find($0, []) }
        #expect(Set(found).count == 1)
        #expect(Set(found[0]).count == found[0].count)
        #expect(!found[0].contains(0))
    }

    /// A search for what no object can be asks the token nothing.
    @Test func anImpossibleSearchCostsNothing() throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(try library.find(session, [Attribute(CKA_ID, [9])]).isEmpty)
        #expect(token.questions.isEmpty)
    }

    @Test func whoeverLosesTheLoginAtTheCardIsLoggedOut() throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        try library.login(session)
        let key = try #require(try library.find(session, [Attribute(CKA_PRIVATE, [1])]).first)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        token.failure = .notLoggedIn
        #expect(throws: ReturnCode.userNotLoggedIn) { try library.sign(session) }
        #expect(try library.sessionInfo(session).state == CKS_RO_PUBLIC_SESSION)
        #expect(throws: ReturnCode.keyHandleInvalid) {
            try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        }
    }

    /// Another thread logs out and in again while this one finds that the card does not honour the login: library and
    /// token agree on who is logged in, and the new login stands where the old one was meant.
    @Test(arguments: [true, false]) func aLoginOfAnotherThreadIsNotTakenForTheOldOne(_ isBefore: Bool) throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let other = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        try library.login(session)
        let key = try #require(try library.find(session, [Attribute(CKA_PRIVATE, [1])]).first)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        let (library, done) = (library, DispatchSemaphore(value: 0))
        let loginAnew = { @Sendable () throws -> Void in
            try? library.logout(other)
            try library.login(other)
        }
        if isBefore {
            token.during["sign"] = { [token] in
                try loginAnew()
                token.failure = .notLoggedIn
            }
        } else {
            token.failure = .notLoggedIn
            token.duringLogout = {
                Thread.detachNewThread {
                    try? loginAnew()
                    done.signal()
                }
                // Long enough to get in between, were that possible.
                if done.wait(timeout: .now() + 0.3) == .success { done.signal() }
            }
        }
        #expect(throws: ReturnCode.userNotLoggedIn) { try library.sign(session) }
        if !isBefore { done.wait() }
        #expect(try library.sessionInfo(session).state == CKS_RO_USER_FUNCTIONS)
        #expect(token.isLoggedIn)
    }

    @Test func aUseThatWasNotAuthenticatedLeavesTheLogin() throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        try library.login(session)
        let key = try #require(try library.find(session, [Attribute(CKA_PRIVATE, [1])]).first)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        token.failure = .useNotAuthenticated
        #expect(throws: ReturnCode.userNotLoggedIn) { try library.sign(session) }
        #expect(try library.sessionInfo(session).state == CKS_RO_USER_FUNCTIONS)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        #expect(try library.sign(session).count == 64)
    }

    @Test(arguments: [true, false])
    func aRemovedCardEndsItsSessions(_ isNoticedByReader: Bool) throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let key = try #require(try library.find(session, [Attribute(CKA_ID, [2])]).first)
        if isNoticedByReader {
            readers.statuses[0].insertion = nil
        } else {
            try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
            token.failure = .removed
            #expect(throws: ReturnCode.deviceRemoved) { try library.sign(session) }
            readers.statuses[0].insertion = nil
        }
        #expect(throws: ReturnCode.sessionHandleInvalid) { try library.sessionInfo(session) }
        #expect(throws: ReturnCode.tokenNotPresent) { try library.openSession(0, flags: CKF_SERIAL_SESSION) }
        readers.statuses[0].insertion = 77
        let new = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(new != session)
        #expect(try library.find(new, [Attribute(CKA_ID, [2])]).first != key)
    }

    /// A token with a reader of its own that came back before anybody looked has the same number as before.
    /// So has one that was lost while pcscd was mute, and is there again.
    @Test(arguments: [TokenError.removed, .serviceUnavailable])
    func aCardThatCameBackUnseenIsAnother(_ failure: TokenError) throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let key = try #require(try library.find(session, [Attribute(CKA_ID, [2])]).first)
        token.failure = failure
        #expect(throws: ReturnCode.deviceRemoved) { try library.tokenInfo(0) }
        #expect(throws: ReturnCode.sessionHandleInvalid) { try library.sessionInfo(session) }
        let new = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        #expect(try library.find(new, [Attribute(CKA_ID, [2])]).first != key)
        #expect(readers.openings == 2)
    }

    /// A session has one cryptographic operation at a time, and a search beside it.
    @Test func operationsTakeTurns() throws {
        let session = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let publicKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PUBLIC_KEY)).first)
        let privateKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY)).first)
        let mechanism = Mechanism(CKM_ECDSA)
        let beginnings: [(UInt, () throws -> Void)] = [
            (CKF_DIGEST, { try library.digestInit(session, mechanism: Mechanism(CKM_SHA256)) }),
            (CKF_SIGN, { try library.signInit(session, mechanism: mechanism, key: privateKey) }),
            (CKF_VERIFY, { try library.verifyInit(session, mechanism: mechanism, key: publicKey) }),
        ]
        for (flag, begin) in beginnings {
            try begin()
            for (_, other) in beginnings { #expect(throws: ReturnCode.operationActive) { try other() } }
            #expect(try library.find(session, Attribute(CKA_ID, [2])) == [privateKey])
            try library.cancelSession(session, flags: flag)
        }
    }

    /// ssh-add sends one PIN to every slot: an application without keys is left out, and none is blocked by it.
    @Test func aPINForOneApplicationNeverBlocksTheOther() throws {
        let other = try StandInToken(serialNumber: "2")
        readers.cards["A"] = [token, other]
        _ = library.slotList(withToken: true)
        for holdsKeys in [true, false] {
            other.holdsKeys = holdsKeys
            #expect(try (library.tokenInfo(2).flags & CKF_TOKEN_INITIALIZED != 0) == holdsKeys)
        }
        let one = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let two = try library.openSession(2, flags: CKF_SERIAL_SESSION)
        other.tries = PINStatus(retriesLeft: 1)
        try library.login(one)
        #expect(throws: ReturnCode.pinIncorrect) { try library.login(two) }
        #expect(!other.isLoggedIn)
        // Alone, or with more than the last try, the PIN is the user's to try.
        try library.logout(one)
        try library.login(two)
        try library.logout(two)
        other.tries = PINStatus(retriesLeft: 2)
        try library.login(one)
        try library.login(two)
        #expect(other.isLoggedIn)
    }

    @Test(
        arguments: [
            (5, 5, 0), (4, 5, CKF_USER_PIN_COUNT_LOW), (3, 3, 0), (2, 2, 0), (2, 3, CKF_USER_PIN_COUNT_LOW),
            (1, 1, CKF_USER_PIN_FINAL_TRY), (1, 3, CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW),
            (0, 3, CKF_USER_PIN_LOCKED), (0, nil, CKF_USER_PIN_LOCKED), (nil, nil, 0), (nil, 3, 0),
            // Three in all is a guess.
            (3, nil, 0), (2, nil, CKF_USER_PIN_COUNT_LOW), (4, nil, 0),
            (1, nil, CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW),
        ] as [(Int?, Int?, UInt)])
    func theTriesAreToldInFlags(_ left: Int?, _ inAll: Int?, _ flags: UInt) throws {
        token.tries = PINStatus(retriesLeft: left, retriesInAll: inAll)
        let all = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED
        #expect(try library.tokenInfo(0).flags & all == flags)
    }

    @Test func aCardThatNobodyKnowsKeepsItsSlot() {
        #expect(throws: ReturnCode.tokenNotRecognized) { try library.tokenInfo(1) }
        #expect(throws: ReturnCode.tokenNotRecognized) { try library.openSession(1, flags: CKF_SERIAL_SESSION) }
    }
}
