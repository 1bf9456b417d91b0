import CPKCS11
import Cryptoki
import Testing
import Token

/// How sessions begin beside others, and how they end.
@Suite struct SessionEndTests {
    private let tokens: [StandInToken]
    private let library: Library

    init() throws {
        tokens = [try StandInToken(), try StandInToken(serialNumber: "2")]
        library = Library(source: StandInReaders(["A": [tokens[0]], "B": [tokens[1]]]))
    }

    /// The SO works in read-write sessions alone (PKCS#11 3.2, section 5.6.1).
    @Test func noReadOnlySessionBeginsBesideTheSO() throws {
        let session = try library.openReadWrite()
        try library.login(session, CKU_SO)
        #expect(throws: ReturnCode.sessionReadWriteSOExists) {
            try library.openSession(0, flags: CKF_SERIAL_SESSION)
        }
        // A read-write session begins, and the other token knows no SO.
        _ = try library.openReadWrite()
        _ = try library.openSession(1, flags: CKF_SERIAL_SESSION)
        try library.logout(session)
        _ = try library.openSession(0, flags: CKF_SERIAL_SESSION)
    }

    /// C_CloseAllSessions ends all sessions of a slot, what they made and the login, and none of another slot.
    @Test(arguments: [1, 2, 3, 40]) func closingAllLeavesNone(_ count: Int) throws {
        let sessions = try (0..<count).map { _ in try library.openReadWrite() }
        let other = try library.openSession(1, flags: CKF_SERIAL_SESSION | CKF_RW_SESSION)
        try library.login(sessions[0])
        try library.login(other)
        let kept = try library.makeAESKey(other)
        let made = try sessions.map { try library.makeAESKey($0) }
        try library.closeAllSessions(0)
        for session in sessions {
            #expect(throws: ReturnCode.sessionHandleInvalid) { try library.sessionInfo(session) }
        }
        #expect(library.slotList(withToken: true).count == 2)
        #expect(try library.tokenInfo(0).sessionCount == 0)
        #expect(!tokens[0].isLoggedIn && tokens[1].isLoggedIn)
        #expect(try library.sessionInfo(other).state == CKS_RW_USER_FUNCTIONS)
        #expect(try library.value(other, kept, CKA_KEY_TYPE) != nil)
        let fresh = try library.openReadWrite()
        for key in made {
            #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(fresh, key, CKA_KEY_TYPE) }
        }
        #expect(try library.find(fresh, .number(CKA_CLASS, CKO_SECRET_KEY)).isEmpty)
    }

    /// With its last session a token's login ends, and not before (PKCS#11 3.2, section 5.6.2).
    @Test func theLastSessionTakesTheLoginWithIt() throws {
        let sessions = [try library.openReadWrite(), try library.openReadWrite()]
        let other = try library.openSession(1, flags: CKF_SERIAL_SESSION)
        try library.login(sessions[0])
        try library.closeSession(sessions[0])
        #expect(tokens[0].isLoggedIn)
        #expect(try library.sessionInfo(sessions[1]).state == CKS_RW_USER_FUNCTIONS)
        try library.closeSession(sessions[1])
        #expect(!tokens[0].isLoggedIn)
        #expect(try library.sessionInfo(library.openReadWrite()).state == CKS_RW_PUBLIC_SESSION)
        #expect(try library.sessionInfo(other).state == CKS_RO_PUBLIC_SESSION)
    }

    /// A length query and a short buffer of C_SignFinal are answered without the card, and the operation goes on.
    @Test func theEndOfASignatureAsksForItsLengthFirst() throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session) = (card.library, card.session)
        let mechanism = Mechanism(CKM_ECDSA_SHA256), parts: [[UInt8]] = [[1, 2], [], [3]]
        try library.signInit(session, mechanism: mechanism, key: card.privateKey)
        for part in parts { try library.signUpdate(session, part: part.span.bytes) }
        #expect(try library.signFinal(session, capacity: nil) == .length(64))
        for capacity in [0, 1, 63] {
            #expect(try library.signFinal(session, capacity: capacity) == .tooSmall(64))
        }
        #expect(card.uses == 0)
        let signature = try library.signFinal(session, capacity: 64).content
        #expect(card.uses == 1)
        try card.verify(mechanism, [1, 2, 3], signature)
        #expect(throws: ReturnCode.operationNotInitialized) { try library.signFinal(session, capacity: nil) }
    }
}
