import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// What nothing tells of a card that has Yubico's commands and is no YubiKey: it is tried, and a refusal takes nothing away.
extension RealCardTests {
    private static let other = ObjectReference(.privateKey, 0x9D)
    private static let certificate = ObjectReference(.certificate, 0x9A)

    /// CanoKey: it says 5.7.0, and no answer to reset names it.
    private static func canoKey(
        keys: [CardBuilder.KeyPlan] = p256, _ answering: @escaping ([UInt8]) -> [UInt8]? = { _ in nil }
    ) throws -> Bent {
        try Bent(.yubiKey57, keys: keys, answerToReset: [0x3B, 0x80, 0x01, 0x81]) { (command) throws(ChannelError) in
            if command[1] == 0xFD { return [5, 7, 0, 0x90, 0x00] }
            return answering(command)
        }
    }

    @Test func aKeyIsMovedByACardThatCan() throws {
        let bent = try Self.canoKey()
        let info = try bent.token.subjectPublicKeyInfo(of: Self.tokenKey)
        try bent.loginAdministrator()
        try bent.token.moveKey(from: Self.tokenKey, to: Self.other)
        #expect(try bent.token.subjectPublicKeyInfo(of: Self.other) == info)
        #expect(try bent.token.present(among: [Self.certificate], areNamed: true).isEmpty)
        try bent.token.delete(Self.other, ifStill: bent.token.revision(of: Self.other))
        #expect(try bent.token.content(of: Self.other) == .certificate)
    }

    @Test(arguments: [[0x6D, 0x00], [0x6A, 0x81], [0x69, 0x85], [0x6A, 0x80]] as [[UInt8]])
    func aMoveThatIsRefusedChangesNothing(_ status: [UInt8]) throws {
        let bent = try Self.canoKey { $0[1] == 0xF6 ? status : nil }
        let before = try bent.token.value(of: Self.certificate)
        try bent.loginAdministrator()
        let meansNever = [0x6D, 0x6A].contains(status[0]) && status[1] != 0x80
        for _ in 0..<2 {
            #expect {
                try bent.token.moveKey(from: Self.tokenKey, to: Self.other)
            } throws: { error in (error as? TokenError == .unsupported) == meansNever }
        }
        // A card that has no such command is asked once.
        #expect(bent.card.sent.count { $0[1] == 0xF6 } == (meansNever ? 1 : 2))
        #expect(try bent.token.content(of: Self.other) == .nothing)
        #expect(try bent.token.value(of: Self.certificate) == before)
        let isDestroyable = bent.token.catalogue.first { $0.reference == Self.tokenKey }?.isWritable
        #expect(isDestroyable == !meansNever)
    }

    /// GET DATA of one of the two certificates fails for once: nothing is written over it, and none is left behind.
    @Test(
        arguments: [[0x5F, 0xC1, 0x05], [0x5F, 0xC1, 0x0B]] as [[UInt8]], [[0x6F, 0x00], [0x69, 0x85]] as [[UInt8]])
    func aCertificateThatIsNotGivenIsNotLost(_ tag: [UInt8], _ status: [UInt8]) throws {
        var isRefusing = false
        let bent = try Bent(keys: Self.p256) { (command) throws(ChannelError) in
            isRefusing && Self.isGetData(of: tag, command) ? status : nil
        }
        let before = try bent.token.value(of: Self.certificate)
        try bent.loginAdministrator()
        isRefusing = true
        #expect(throws: TokenError.self) { try bent.token.moveKey(from: Self.tokenKey, to: Self.other) }
        #expect(!bent.card.sent.contains { $0[1] == 0xF6 })
        isRefusing = false
        let another = try #require(try PIVToken.open(Card(channel: bent.simulated.channel)))
        #expect(try another.value(of: Self.certificate) == before)
        #expect(try another.content(of: Self.tokenKey) == .key)
    }

    @Test func anAlgorithmThatNothingTellsOfIsTried() throws {
        let bent = try Self.canoKey(keys: [])
        try bent.loginAdministrator()
        #expect(try bent.token.mayHave(.ed25519, at: Self.tokenKey))
        let info = try bent.token.generateKeyPair(.ed25519, at: Self.tokenKey, KeyRequest())
        #expect(try PublicKey(subjectPublicKeyInfo: info).type == .ed25519)
    }

    @Test(arguments: [[0x6A, 0x80], [0x6A, 0x86]] as [[UInt8]])
    func anAlgorithmThatIsRefusedIsTriedOnce(_ status: [UInt8]) throws {
        let bent = try Self.canoKey { command in
            CommandAPDU(parsing: command).map { $0.header.ins == 0x47 && $0.data.contains(0xE0) } == true ? status : nil
        }
        let before = try bent.token.subjectPublicKeyInfo(of: Self.tokenKey)
        try bent.loginAdministrator()
        for _ in 0..<2 {
            #expect(throws: TokenError.algorithmNotSupported) {
                try bent.token.generateKeyPair(.ed25519, at: Self.tokenKey, KeyRequest())
            }
        }
        #expect(bent.card.sent.count { $0[1] == 0x47 } == 1)
        #expect(try !bent.token.mayHave(.ed25519, at: Self.tokenKey))
        let another = try #require(try PIVToken.open(Card(channel: bent.simulated.channel)))
        #expect(try another.subjectPublicKeyInfo(of: Self.tokenKey) == before)
        #expect(try another.present(among: [Self.certificate], areNamed: true) == [Self.certificate])
    }

    /// A plain card and one whose version counts are not asked for what they have not.
    @Test(arguments: [CardProfile.plain, .yubiKey52, .yubiKey4]) func whatIsKnownIsNotTried(_ profile: CardProfile)
        throws
    {
        let bent = try Bent(profile, keys: [])
        #expect(try !bent.token.mayHave(.ed25519, at: Self.tokenKey))
        #expect(throws: TokenError.algorithmNotSupported) {
            try bent.token.generateKeyPair(.ed25519, at: Self.tokenKey, KeyRequest())
        }
    }

    /// The attestation of a key of a YubiKey 4 behind a reader that damages its answer to reset.
    @Test func aCardWithoutANameAttests() throws {
        let nameless = try Bent(
            .yubiKey4, keys: [.init(reference: 0x9C, algorithm: "p256")], answerToReset: [0x3B, 0x80, 0x01, 0x81])
        _ = try nameless.token.firmware()
        let attestation = ObjectReference(.attestation, 0x9C)
        #expect(nameless.token.catalogue.contains { $0.reference == attestation })
        let found = try nameless.token.present(among: [attestation], areNamed: true)
        #expect(found == [attestation], "\(nameless.card.sent)")
    }

    /// A card that tells a version and has no RESET: PIN and PUK are not blocked for nothing.
    @Test(arguments: [[0x6D, 0x00], [0x6E, 0x00], [0x6A, 0x81]] as [[UInt8]])
    func whatCannotBeResetIsNotBlocked(_ status: [UInt8]) throws {
        let bent = try Self.canoKey { $0[1] == 0xFB ? status : nil }
        #expect(throws: TokenError.unsupported) { try bent.token.reset(administratorSecret: nil) }
        #expect(!bent.card.sent.contains { $0[1] == 0x2C || $0[1] == 0x20 && $0.count > 5 })
        try bent.login()
        #expect(try bent.token.pinStatus().retriesLeft == nil || bent.token.pinStatus().retriesLeft == 3)
    }

    /// Where PIN and PUK are blocked already the card is reset at once.
    @Test func aBlockedCardIsResetAtOnce() throws {
        let bent = try Self.canoKey()
        let wrong = Array("99999999".utf8)
        for _ in 0..<4 { try? bent.token.login(pin: wrong.span.bytes) }
        for _ in 0..<4 { try? bent.token.unblockPIN(with: wrong.span.bytes, to: wrong.span.bytes) }
        let sent = bent.card.sent.count
        try bent.token.reset(administratorSecret: nil)
        #expect(!bent.card.sent.dropFirst(sent).contains { $0[1] == 0x2C || $0[1] == 0x20 && $0.count > 5 })
        #expect(try bent.token.content(of: Self.tokenKey) == .nothing)
    }

    static let garbage: [[UInt8]] = [
        [0x90, 0x00], [0x53, 0x90, 0x00], [0x53, 0x82, 0xFF, 0x90, 0x00], [0x53, 0x04, 0x01, 0x02, 0x90, 0x00],
        [0xFF, 0xFF, 0xFF, 0xFF, 0x90, 0x00], [0x54, 0x01, 0x00, 0x90, 0x00], [0x00, 0x00, 0x90, 0x00],
        [0x53, 0x02, 0xC1, 0xFF, 0x90, 0x00], [0x7E, 0x03, 0x5F, 0x2F, 0x7F, 0x90, 0x00],
        [0x53, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x90, 0x00], [UInt8](repeating: 0x30, count: 200) + [0x90, 0x00],
    ]

    /// What an optional object holds is nonsense: the token is there and its keys work.
    @Test(arguments: optional, [CardProfile.plain, .yubiKey57])
    func aGarbledOptionalObjectHidesNothing(_ tag: [UInt8], _ profile: CardProfile) throws {
        for bytes in Self.garbage {
            let bent = try Bent(profile, keys: Self.p256) { (command) throws(ChannelError) in
                Self.isGetData(of: tag, command) ? bytes : nil
            }
            #expect(throws: Never.self, "\(bytes.prefix(8)) of \(tag)") {
                try Self.expectAllWorks(bent)
            }
        }
    }

    /// GET METADATA, GET VERSION and GET SERIAL the same.
    @Test(arguments: [0xF7, 0xFD, 0xF8] as [UInt8], [CardProfile.plain, .yubiKey57])
    func aNonsensicalAbilityHidesNothing(_ instruction: UInt8, _ profile: CardProfile) throws {
        let more: [[UInt8]] = [
            [0x01, 0x90, 0x00], [0x01, 0x01, 0x11, 0x02, 0x90, 0x00], [0x06, 0x02, 0x00, 0x00, 0x90, 0x00],
            [0x04, 0x02, 0x86, 0x00, 0x90, 0x00], [0x01, 0x01, 0x11, 0x04, 0x03, 0x86, 0x01, 0x04, 0x90, 0x00],
            [0x05, 0x07, 0x01, 0x02, 0x90, 0x00],
        ]
        for bytes in Self.garbage + more {
            let bent = try Bent(profile, keys: Self.p256) { (command) throws(ChannelError) in
                command[1] == instruction ? bytes : nil
            }
            #expect(throws: Never.self, "\(bytes.prefix(8))") {
                #expect(try bent.token.information().holdsKeys)
                let all = bent.token.catalogue.map(\.reference)
                #expect(try bent.token.present(among: all, areNamed: false).contains(Self.tokenKey))
                _ = try bent.token.pinStatus()
                _ = try bent.token.cardAlgorithms()
                _ = try bent.token.printedNumber()
                try bent.login()
                #expect(try bent.signsRight(0x9A))
            }
        }
    }
}
