import CPKCS11
import Cryptoki
import Testing
import Token

/// What an operation answers whose key has ended meanwhile: that the key is gone, or that the login is over that it needed.
@Suite struct EndedKeyTests {
    private static let data = [UInt8](repeating: 1, count: 32)

    /// What ends the key, or the login.
    enum End: CaseIterable { case key, login, loginAndAgain }

    @Test(arguments: End.allCases) func aPrivateKeyInMemory(_ end: End) throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session) = (card.library, card.session)
        let key = try library.makeAESKey(session, .flag(CKA_PRIVATE, true))
        try library.encryptInit(session, mechanism: Mechanism(CKM_AES_ECB), key: key)
        let expected = try finish(end, library, session) { try library.destroy(session, object: key) }
        #expect(throws: expected) { try library.encryptUpdate(session, Self.data) }
        #expect(throws: ReturnCode.operationNotInitialized) { try library.encryptUpdate(session, Self.data) }
    }

    @Test(arguments: End.allCases) func aPrivateKeyOfTheCard(_ end: End) throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session) = (card.library, card.session)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: card.privateKey)
        let expected = try finish(end, library, session) { try replaceKey(1, card) }
        #expect(throws: expected) { try library.sign(session) }
        #expect(card.uses == 0)
    }

    /// A key that needs no login has lost none.
    @Test(arguments: [true, false]) func aKeyThatEverybodySees(_ isLoggedIn: Bool) throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session) = (card.library, card.session)
        if !isLoggedIn { try library.logout(session) }
        let open = try #require(try library.find(session, .text(CKA_LABEL, "open")).first)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: open)
        try replaceKey(2, card)
        #expect(throws: ReturnCode.keyHandleInvalid) { try library.sign(session) }
    }

    /// The key that replaces another one has a handle of its own, also where nobody has used the old handle since.
    @Test func aSearchFindsTheNewKey() throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session) = (card.library, card.session)
        func found() throws -> UInt { try #require(try library.find(session, .text(CKA_LABEL, "open")).first) }
        let old = try found()
        #expect(try found() == old)
        try replaceKey(2, card)
        let new = try found()
        #expect(new != old)
        #expect(try library.value(session, new, CKA_ID) == [2])
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, old, CKA_ID) }
    }

    /// A signature that does not verify is withheld: it is the card's fault, or of a key that was made in this one's place.
    @Test(arguments: [(false, ReturnCode.deviceError), (true, .keyHandleInvalid)])
    func aWrongSignatureTellsWhoseItIs(_ isReplaced: Bool, _ expected: ReturnCode) throws {
        let card = try CardWithKey(.ec(.p256), verifiesAll: true)
        card.token.distortion = { $0.dropLast() + [$0[$0.count - 1] ^ 1] }
        if isReplaced { card.token.during["sign"] = { try replaceKey(1, card) } }
        #expect(throws: expected) { try card.sign(Mechanism(CKM_ECDSA), [UInt8](repeating: 1, count: 32)) }
    }

    private func replaceKey(_ number: UInt32, _ card: CardWithKey) throws {
        let key = ObjectReference(.privateKey, number)
        try card.token.delete(key, ifStill: card.token.revision(of: key))
    }

    private func finish(
        _ end: End, _ library: Library, _ session: UInt, _ endKey: () throws -> Void
    ) throws -> ReturnCode {
        switch end {
        case .key:
            try endKey()
            return .keyHandleInvalid
        case .login:
            try library.logout(session)
            return .userNotLoggedIn
        case .loginAndAgain:
            try library.logout(session)
            try library.login(session)
            return .userNotLoggedIn
        }
    }
}
