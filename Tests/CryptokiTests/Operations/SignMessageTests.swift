import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing
import Token

/// Series of messages that are signed and verified one by one with one key.
@Suite struct SignMessageTests {
    private static let messages = [[UInt8]("one".utf8), [UInt8]("another".utf8)]
    private static let pss = Mechanism(
        CKM_SHA256_RSA_PKCS_PSS, .pss(PSSFields(hash: CKM_SHA256, mask: CKG_MGF1_SHA256, saltSize: 32)))

    /// Whole messages and messages in parts, in one series; C_Verify finds the same.
    @Test(
        arguments: [
            (.rsa(bits: 1024), pss), (.rsa(bits: 1024), Mechanism(CKM_RSA_PKCS)),
            (.ec(.p256), Mechanism(CKM_ECDSA_SHA3_256)), (.ed25519, Mechanism(CKM_EDDSA)),
        ] as [(KeyType, Mechanism)])
    func messagesAreSignedAndVerified(_ type: KeyType, _ mechanism: Mechanism) throws {
        let card = try CardWithKey(type)
        let (library, session) = (card.library, card.session)
        try library.messageSignInit(session, mechanism: mechanism, key: card.privateKey)
        let whole = try Self.messages.map {
            try library.signMessage(session, data: $0.span.bytes, capacity: 1000).content
        }
        let parts = try Self.messages.map { message in
            try library.signMessageBegin(session)
            let (first, rest) = (Array(message.prefix(2)), Array(message.dropFirst(2)))
            _ = try library.signMessageNext(session, part: first.span.bytes, capacity: nil, isLast: false)
            return try library.signMessageNext(session, part: rest.span.bytes, capacity: 1000, isLast: true).content
        }
        try library.messageSignFinal(session)
        for (message, signature) in zip(Self.messages + Self.messages, whole + parts) {
            try card.verify(mechanism, message, signature)
        }
        try library.messageVerifyInit(session, mechanism: mechanism, key: card.publicKey)
        for (message, signature) in zip(Self.messages, whole) {
            try library.verifyMessage(session, data: message.span.bytes, signature: signature.span.bytes)
            let nothing: [UInt8] = []
            // A message that fails ends itself, not the series.
            #expect(throws: ReturnCode.signatureInvalid) {
                try library.verifyMessage(
                    session, data: nothing.span.bytes, signature: signature.span.bytes)
            }
            try library.verifyMessageBegin(session)
            try library.verifyMessageNext(
                session, part: message.span.bytes, signature: nothing.span.bytes, isLast: false)
            try library.verifyMessageNext(
                session, part: nothing.span.bytes, signature: signature.span.bytes, isLast: true)
        }
        try library.messageVerifyFinal(session)
    }

    @Test func codesAreSignedToo() throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session) = (card.library, card.session)
        let key = try library.makeAESKey(session)
        try library.messageSignInit(session, mechanism: Mechanism(CKM_AES_CMAC), key: key)
        let message = Self.messages[0]
        let code = try library.signMessage(session, data: message.span.bytes, capacity: 16).content
        try library.messageSignFinal(session)
        try library.messageVerifyInit(session, mechanism: Mechanism(CKM_AES_CMAC), key: key)
        try library.verifyMessage(session, data: message.span.bytes, signature: code.span.bytes)
    }

    /// Which function may follow which.
    @Test func theOrderOfThings() throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session, data) = (card.library, card.session, [UInt8](repeating: 1, count: 32))
        let mechanism = Mechanism(CKM_ECDSA)
        #expect(code { try library.messageSignFinal(session) } == .operationNotInitialized)
        #expect(
            code { _ = try library.signMessage(session, data: data.span.bytes, capacity: 64) }
                == .operationNotInitialized)
        try library.messageSignInit(session, mechanism: mechanism, key: card.privateKey)
        #expect(
            code { try library.messageSignInit(session, mechanism: mechanism, key: card.privateKey) }
                == .operationActive)
        #expect(code { try library.signInit(session, mechanism: mechanism, key: card.privateKey) } == .operationActive)
        #expect(
            code { _ = try library.signMessageNext(session, part: data.span.bytes, capacity: 64, isLast: true) }
                == .operationNotInitialized)
        // A length query and a short buffer change nothing, and the card is not asked.
        #expect(try library.signMessage(session, data: data.span.bytes, capacity: nil) == .length(64))
        #expect(try library.signMessage(session, data: data.span.bytes, capacity: 63) == .tooSmall(64))
        #expect(card.uses == 0)
        try library.signMessageBegin(session)
        #expect(code { try library.signMessageBegin(session) } == .operationActive)
        #expect(code { _ = try library.signMessage(session, data: data.span.bytes, capacity: 64) } == .operationActive)
        #expect(code { try library.messageSignFinal(session) } == .operationActive)
        #expect(
            try library.signMessageNext(session, part: data.span.bytes, capacity: 63, isLast: true) == .tooSmall(64))
        #expect(
            try library.signMessageNext(session, part: data.span.bytes, capacity: 64, isLast: true).content.count == 64)
        #expect(card.uses == 1)
        try library.cancelSession(session, flags: CKF_MESSAGE_SIGN)
        #expect(code { try library.messageSignFinal(session) } == .operationNotInitialized)
    }

    /// A key that wants its PIN for each use wants it for each message.
    @Test func eachMessageWantsItsPIN() throws {
        let card = try CardWithKey(.ec(.p256))
        card.token.policy = .always
        let (library, session, data) = (card.library, card.session, [UInt8](repeating: 1, count: 32))
        try library.messageSignInit(session, mechanism: Mechanism(CKM_ECDSA), key: card.privateKey)
        for _ in 0..<2 {
            try library.login(session, CKU_CONTEXT_SPECIFIC)
            _ = try library.signMessage(session, data: data.span.bytes, capacity: 64)
            #expect(
                code { _ = try library.signMessage(session, data: data.span.bytes, capacity: 64) } == .userNotLoggedIn)
        }
        #expect(card.token.questions.filter { $0 == "authenticate" }.count == 2)
    }

    /// A series that waits for its first PIN makes room for another operation; one that goes on does not.
    @Test func aRunningSeriesStays() throws {
        let card = try CardWithKey(.ec(.p256))
        card.token.policy = .always
        let (library, session, data) = (card.library, card.session, [UInt8](repeating: 1, count: 32))
        let mechanism = Mechanism(CKM_ECDSA)
        try library.messageSignInit(session, mechanism: mechanism, key: card.privateKey)
        try library.signInit(session, mechanism: mechanism, key: card.privateKey)
        #expect(code { try library.messageSignFinal(session) } == .operationNotInitialized)
        try library.messageSignInit(session, mechanism: mechanism, key: card.privateKey)
        try library.login(session, CKU_CONTEXT_SPECIFIC)
        _ = try library.signMessage(session, data: data.span.bytes, capacity: 64)
        #expect(code { try library.signInit(session, mechanism: mechanism, key: card.privateKey) } == .operationActive)
        try library.messageSignFinal(session)
    }

    /// A series does not outlive the login that its key needed.
    @Test func aSeriesEndsWithTheLogin() throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session, data) = (card.library, card.session, [UInt8](repeating: 1, count: 32))
        try library.messageSignInit(session, mechanism: Mechanism(CKM_ECDSA), key: card.privateKey)
        try library.logout(session)
        #expect(code { _ = try library.signMessage(session, data: data.span.bytes, capacity: 64) } == .userNotLoggedIn)
        try library.login(session)
        #expect(code { _ = try library.signMessage(session, data: data.span.bytes, capacity: 64) } == .keyHandleInvalid)
        #expect(card.uses == 0)
    }
}
