import CPKCS11
import Cryptoki
import Testing

/// What clients expect of C_Login and its neighbours.
@Suite struct LoginConformanceTests {
    /// A login for one use that is given again, before the use, is taken again (`pkcs11-tool --test --login`).
    @Test func aLoginForOneUseMayBeGivenTwice() throws {
        let card = try CardWithKey(.ec(.p256))
        card.token.policy = .always
        let (library, session) = (card.library, card.session)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: card.privateKey)
        for _ in 0..<3 { try library.login(session, CKU_CONTEXT_SPECIFIC) }
        #expect(try library.sign(session).count == 64)
        #expect(card.token.questions.count { $0 == "authenticate" } == 3)
        #expect(throws: ReturnCode.operationNotInitialized) { try library.login(session, CKU_CONTEXT_SPECIFIC) }
        // A key that wants no PIN for each use waits for none.
        card.token.policy = .once
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: card.privateKey)
        #expect(throws: ReturnCode.operationNotInitialized) { try library.login(session, CKU_CONTEXT_SPECIFIC) }
    }

    /// A card to which that user can log in.
    private func cardThatWaits(for user: UInt) throws -> CardWithKey {
        let card = try CardWithKey(.ec(.p256))
        card.token.policy = .always
        if user == CKU_CONTEXT_SPECIFIC {
            try card.library.signInit(card.session, mechanism: Mechanism(CKM_ECDSA), key: card.privateKey)
        } else {
            try card.library.logout(card.session)
        }
        return card
    }

    /// A PIN that is too long is a wrong one: CKR_PIN_LEN_RANGE is for new PINs (PKCS#11 3.2, section 5.6.8).
    @Test(arguments: [CKU_USER, CKU_SO, CKU_CONTEXT_SPECIFIC])
    func aPINOfTheWrongLengthIsWrong(_ user: UInt) throws {
        let card = try cardThatWaits(for: user)
        let (library, session) = (card.library, card.session)
        let long = [UInt8](repeating: 0x31, count: 300)
        #expect(throws: ReturnCode.pinIncorrect) { try library.login(session, userType: user, pin: long.span.bytes) }
        let pin = Array("123456789".utf8)
        card.token.failure = .pinLengthOutOfRange
        #expect(throws: ReturnCode.pinIncorrect) { try library.login(session, userType: user, pin: pin.span.bytes) }
    }

    /// So is one that is no text, or that the card's secret cannot be: CKR_PIN_INVALID "only applies to functions which
    /// attempt to set a PIN" (section 5.1.6).
    @Test(arguments: [CKU_USER, CKU_SO, CKU_CONTEXT_SPECIFIC])
    func aPINOfTheWrongFormIsWrong(_ user: UInt) throws {
        let card = try cardThatWaits(for: user)
        let (library, session) = (card.library, card.session)
        let noText = [UInt8](repeating: 0xFF, count: 6), before = card.token.questions
        #expect(throws: ReturnCode.pinIncorrect) { try library.login(session, userType: user, pin: noText.span.bytes) }
        // No try is spent on it.
        #expect(card.token.questions == before)
        card.token.failure = .pinMalformed
        #expect(throws: ReturnCode.pinIncorrect) { try library.login(session, user) }
    }

    /// C_SetAttributeValue to what is there already changes nothing, and is no error (NSS does so after C_CreateObject).
    @Test(arguments: [CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY])
    func attributesMayBeSetToWhatTheyAre(_ objectClass: UInt) throws {
        let card = try CardWithKey(.ec(.p256))
        let (library, session) = (card.library, card.session)
        let object = try #require(try library.find(session, .number(CKA_CLASS, objectClass)).first)
        for type in [CKA_ID, CKA_LABEL, CKA_CLASS] {
            let value = try #require(try library.value(session, object, type))
            try library.setAttributes(session, of: object, [Attribute(type, value)])
        }
        #expect(throws: ReturnCode.actionProhibited) {
            try library.setAttributes(session, of: object, [Attribute(CKA_ID, [99])])
        }
    }

    /// OAEP without a mask function, as pkcs11-provider gives it, masks with the hash function.
    @Test func oaepMasksWithItsHash() throws {
        let card = try CardWithKey(.rsa(bits: 2048))
        func oaep(_ mask: UInt) -> Mechanism {
            Mechanism(CKM_RSA_PKCS_OAEP, .oaep(OAEPFields(hash: CKM_SHA256, mask: mask)))
        }
        let message: [UInt8] = [1, 2, 3]
        #expect(try card.decrypt(oaep(CKG_MGF1_SHA256), card.encrypt(oaep(0), message)) == message)
        #expect(try card.decrypt(oaep(0), card.encrypt(oaep(CKG_MGF1_SHA256), message)) == message)
        #expect(throws: ReturnCode.mechanismParameterInvalid) { try card.encrypt(oaep(99), message) }
    }
}
