import CPKCS11
import Cryptoki
import Foundation
import Platform
import TestSupport
import Testing
import Token

/// A token whose PIN is typed on the reader's keys (CKF_PROTECTED_AUTHENTICATION_PATH): what is asked of it, and when.
@Suite struct PINPadTests {
    private let token: StandInToken
    private let library: Library

    init() throws {
        token = try StandInToken()
        token.hasPINPad = true
        library = Library(source: StandInReaders(["A": [token]]))
    }

    /// The questions to the token that `body` costs and that have a PIN in them.
    private func asked(_ body: () throws -> Void) rethrows -> [String] {
        let before = token.questions.count
        try body()
        return token.questions.dropFirst(before).filter { !["information", "pinStatus", "present"].contains($0) }
    }

    private func withPIN(_ pin: String?, _ body: (RawSpan?) throws(ReturnCode) -> Void) throws(ReturnCode) {
        guard let pin else { return try body(nil) }
        let bytes = Array(pin.utf8)
        try body(bytes.span.bytes)
    }

    @Test func theFlagTellsOfIt() throws {
        let session = try library.openReadWrite()
        #expect(try library.tokenInfo(0).flags & CKF_PROTECTED_AUTHENTICATION_PATH != 0)
        token.hasPINPad = false
        #expect(try library.tokenInfo(0).flags & CKF_PROTECTED_AUTHENTICATION_PATH == 0)
        try library.closeSession(session)
    }

    /// A program that gives a PIN has it verified as ever; NULL and the empty PIN have it typed.
    @Test(
        arguments: [
            (CKU_USER, nil, "pad.login"), (CKU_USER, "", "pad.login"), (CKU_USER, "1234", "login"),
            (CKU_SO, nil, "pad.loginAdministrator"), (CKU_SO, "", "pad.loginAdministrator"),
            (CKU_SO, "1234", "loginAdministrator"),
        ] as [(UInt, String?, String)])
    func logins(_ user: UInt, _ pin: String?, _ question: String) throws {
        let session = try library.openReadWrite()
        let asked = try asked {
            try withPIN(pin) { (pin) throws(ReturnCode) in try library.login(session, userType: user, pin: pin) }
        }
        #expect(asked == [question])
        #expect(
            try library.sessionInfo(session).state == (user == CKU_SO ? CKS_RW_SO_FUNCTIONS : CKS_RW_USER_FUNCTIONS))
    }

    /// Without keys NULL is no PIN, and the empty one is a wrong one: the token is asked for its keys and nothing else.
    @Test(arguments: [(nil, ReturnCode.argumentsBad), ("", .pinIncorrect)] as [(String?, ReturnCode)])
    func withoutKeysNothingIsTyped(_ pin: String?, _ code: ReturnCode) throws {
        token.hasPINPad = false
        let session = try library.openReadWrite()
        for user in [CKU_USER, CKU_SO] {
            token.failure = pin == nil ? nil : .pinLengthOutOfRange
            #expect(throws: code) {
                try withPIN(pin) { (pin) throws(ReturnCode) in try library.login(session, userType: user, pin: pin) }
            }
        }
        #expect(try library.sessionInfo(session).state == CKS_RW_PUBLIC_SESSION)
    }

    @Test func eachUseIsTyped() throws {
        token.policy = .always
        let session = try library.openReadWrite()
        try library.login(session, userType: CKU_USER, pin: nil)
        let key = try #require(try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY)).first)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
        #expect(
            try asked { try library.login(session, userType: CKU_CONTEXT_SPECIFIC, pin: nil) } == ["pad.authenticate"])
        _ = try library.sign(session)
    }

    @Test(
        arguments: [
            (CKU_SO, nil, nil, "pad.changeAdministratorSecret"), (CKU_USER, nil, nil, "pad.changePIN"),
            (nil, nil, nil, "pad.changePIN"), (nil, "", "", "pad.changePIN"), (CKU_USER, "1234", "5678", "changePIN"),
        ] as [(UInt?, String?, String?, String)])
    func changes(_ user: UInt?, _ old: String?, _ new: String?, _ question: String) throws {
        let session = try library.openReadWrite()
        if let user { try library.login(session, user) }
        let asked = try asked {
            try withPIN(old) { (old) throws(ReturnCode) in
                try withPIN(new) { (new) throws(ReturnCode) in try library.setPIN(session, from: old, to: new) }
            }
        }
        #expect(asked == [question])
    }

    /// One of the two typed and the other one given is nothing that a reader can do.
    @Test(arguments: [("1234", nil), (nil, "1234")] as [(String?, String?)])
    func halfAChangeIsRefused(_ old: String?, _ new: String?) throws {
        let session = try library.openReadWrite()
        #expect(throws: ReturnCode.argumentsBad) {
            try withPIN(old) { (old) throws(ReturnCode) in
                try withPIN(new) { (new) throws(ReturnCode) in try library.setPIN(session, from: old, to: new) }
            }
        }
        #expect(!token.questions.contains { $0.hasSuffix("changePIN") })
    }

    @Test func theSOHasAPINTyped() throws {
        token.tries = PINStatus(retriesLeft: 0)
        let session = try library.openReadWrite()
        #expect(try asked { try library.setPIN(session, from: nil, to: nil) } == ["pad.unblockPIN"])
        try library.login(session, userType: CKU_SO, pin: nil)
        #expect(try asked { try library.initializePIN(session, to: nil) } == ["pad.initializePIN"])
    }

    /// A person types as long as they need; a token in another reader is used meanwhile, from another thread.
    @Test func nothingElseWaits() throws {
        let other = try StandInToken(serialNumber: "2")
        let library = Library(source: StandInReaders(["A": [token], "B": [other]]))
        let session = try library.openReadWrite()
        let isDone = Guarded(false)
        token.during["pad.login"] = {
            let thread = Thread {
                let result = Result {
                    _ = library.slotList(withToken: true, isAskedAnew: true)
                    let session = try library.openSession(1, flags: CKF_SERIAL_SESSION)
                    try library.login(session)
                    let key = try #require(try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY)).first)
                    try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: key)
                    _ = try library.sign(session)
                }
                if case .success = result { isDone.withLock { $0 = true } }
            }
            thread.start()
            for _ in 0..<1000 where !thread.isFinished { usleep(10_000) }
        }
        try library.login(session, userType: CKU_USER, pin: nil)
        #expect(isDone.withLock { $0 })
    }

    /// PKCS#11 3.2, section 5.1.1: CKR_FUNCTION_CANCELED is also for an entry that was cancelled on a protected path.
    @Test(
        arguments: [
            (TokenError.pinEntryEnded, ReturnCode.functionCanceled), (.newPINsDiffer, .pinInvalid),
            (.pinLengthOutOfRange, .pinLengthRange), (.pinIncorrect(retriesLeft: 2), .pinIncorrect),
            (.pinBlocked, .pinLocked), (.removed, .deviceRemoved),
        ])
    func codes(_ error: TokenError, _ code: ReturnCode) throws {
        let session = try library.openReadWrite()
        token.padFailure = error
        // A PIN that is there is wrong, whatever its length and form; those of a new one may be.
        #expect(throws: [.pinLengthRange, .pinInvalid].contains(code) ? .pinIncorrect : code) {
            try library.login(session, userType: CKU_USER, pin: nil)
        }
        guard error != .removed else { return }
        #expect(try library.sessionInfo(session).state == CKS_RW_PUBLIC_SESSION)
        #expect(throws: code) { try library.setPIN(session, from: nil, to: nil) }
    }
}
