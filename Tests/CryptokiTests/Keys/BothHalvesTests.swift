import CPKCS11
import Cryptoki
import HostCrypto
import Testing
import Token

/// Programs that bring both halves of a key and name them by an id that they made up, as NSS does (`pk12util -i`,
/// `certutil -S`).
@Suite struct BothHalvesTests {
    private let token: StandInToken
    private let library: Library
    private let session: UInt

    init() throws {
        token = try StandInToken()
        library = Library(source: StandInReaders(["A": [token]]))
        session = try library.openReadWrite()
        try library.login(session, CKU_SO)
    }

    private static let madeUp = [UInt8](100..<120)
    private static let p256: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]

    private func publicHalf(_ octets: [UInt8]) -> [Attribute] {
        [
            .number(CKA_CLASS, CKO_PUBLIC_KEY), .number(CKA_KEY_TYPE, CKK_EC), .flag(CKA_TOKEN, true),
            Attribute(CKA_ID, Self.madeUp), Attribute(CKA_EC_PARAMS, Self.p256), Attribute(CKA_EC_POINT, octets),
        ]
    }

    @Test func thePublicHalfThatIsThereIsTaken() throws {
        let known = try #require(try library.find(session, .text(CKA_LABEL, "public")).first)
        #expect(try library.create(session, publicHalf(token.key.publicKey.octets)) == known)
        let other = try PrivateKey.generate(.ec(.p256)).publicKey.octets
        #expect(throws: ReturnCode.attributeValueInvalid) { try library.create(session, publicHalf(other)) }
        try library.logout(session)
        #expect(throws: ReturnCode.userNotLoggedIn) {
            try library.create(session, publicHalf(token.key.publicKey.octets))
        }
    }

    /// The key is found, and may be given, by the id that was made up for it, as long as the card is in.
    @Test func aMadeUpIDFindsItsKey() throws {
        token.emptyPlace = .success(ObjectReference(.privateKey, 1))
        #expect(try library.find(session, Attribute(CKA_ID, Self.madeUp)).isEmpty)
        let made = try library.generateKeyPair(
            session, mechanism: Mechanism(CKM_EC_KEY_PAIR_GEN),
            publicKey: [Attribute(CKA_EC_PARAMS, Self.p256), Attribute(CKA_ID, Self.madeUp)],
            privateKey: [.flag(CKA_TOKEN, true), Attribute(CKA_ID, Self.madeUp)])
        let found = try library.find(session, Attribute(CKA_ID, Self.madeUp))
        #expect(Set(found).isSuperset(of: [made.publicKey, made.privateKey]))
        #expect(try library.value(session, made.privateKey, CKA_ID) == [1])
        try library.setAttributes(session, of: made.privateKey, [Attribute(CKA_ID, Self.madeUp)])
        #expect(throws: ReturnCode.actionProhibited) {
            try library.setAttributes(session, of: made.privateKey, [Attribute(CKA_ID, [UInt8](0..<20))])
        }
        // An object in memory has the id that it was given.
        let own = try library.create(
            session,
            [
                .number(CKA_CLASS, CKO_CERTIFICATE), .number(CKA_CERTIFICATE_TYPE, CKC_X_509),
                Attribute(CKA_SUBJECT, []), Attribute(CKA_VALUE, [0x30, 0]), Attribute(CKA_ID, Self.madeUp),
            ])
        #expect(try library.find(session, Attribute(CKA_ID, Self.madeUp)).contains(own))
    }

    /// NSS makes a key without a name, and then gives it one (`certutil -S`): the id that it made up finds the key, and its
    /// certificate and public half are taken by it. Another id later, or a name for a key that was there, is refused.
    @Test func aNewKeyIsNamedAfterwards() throws {
        token.emptyPlace = .success(ObjectReference(.privateKey, 1))
        let subject = Attribute(CKA_SUBJECT, [0x30, 0x00])
        let old = try #require(try library.find(session, .text(CKA_LABEL, "private")).first)
        for name in [Attribute(CKA_ID, Self.madeUp), .text(CKA_LABEL, "mine"), subject] {
            #expect(throws: ReturnCode.actionProhibited) { try library.setAttributes(session, of: old, [name]) }
        }
        let made = try library.generateKeyPair(
            session, mechanism: Mechanism(CKM_EC_KEY_PAIR_GEN), publicKey: [Attribute(CKA_EC_PARAMS, Self.p256)],
            privateKey: [.flag(CKA_TOKEN, true)])
        #expect(throws: ReturnCode.actionProhibited) {
            try library.setAttributes(session, of: made.privateKey, [Attribute(CKA_ID, [9])])
        }
        try library.setAttributes(
            session, of: made.privateKey, [.text(CKA_LABEL, "mine"), Attribute(CKA_ID, Self.madeUp), subject])
        let found = try library.find(session, Attribute(CKA_ID, Self.madeUp))
        #expect(Set(found).isSuperset(of: [made.publicKey, made.privateKey]))
        // The halves may both be named, and with the same id again.
        for half in [made.publicKey, made.privateKey] {
            try library.setAttributes(session, of: half, [.text(CKA_LABEL, "mine"), Attribute(CKA_ID, Self.madeUp)])
            #expect(throws: ReturnCode.actionProhibited) {
                try library.setAttributes(session, of: half, [Attribute(CKA_ID, [UInt8](0..<20))])
            }
            // They show the card's own names, as others see them.
            #expect(try library.value(session, half, CKA_ID) == [1])
            #expect(try library.value(session, half, CKA_LABEL) != Array("mine".utf8))
        }
        #expect(throws: ReturnCode.actionProhibited) {
            try library.setAttributes(session, of: made.privateKey, [.flag(CKA_SIGN, false)])
        }
    }
}
