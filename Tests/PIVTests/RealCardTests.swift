import HostCrypto
import ISO7816
import Platform
import Testing
import Token
import VirtualCard

@testable import PIV

/// What real cards are known to answer (`quirks.md` of the house names each card) takes neither the token, nor a key, nor
/// a try of the PIN away.
@Suite struct RealCardTests {
    /// A card that somebody bends, its token, and its clock.
    struct Bent {
        let simulated: SimulatedToken
        let card: InterceptedCard
        let token: PIVToken
        let clock: TestClock

        init(
            _ profile: CardProfile = .yubiKey57, keys: [CardBuilder.KeyPlan] = SimulatedToken.certified,
            answerToReset: [UInt8]? = nil, isIdentified: Bool = true,
            answering intercept: @escaping ([UInt8]) throws(ChannelError) -> [UInt8]? = { _ in nil }
        ) throws {
            simulated = try SimulatedToken(profile, keys: keys, isIdentified: isIdentified)
            card = InterceptedCard(simulated.channel)
            card.intercept = intercept
            card.damagedAnswerToReset = answerToReset
            let clock = TestClock()
            self.clock = clock
            token = try #require(try PIVToken.open(Card(channel: card)) { clock.milliseconds })
        }

        func loginAdministrator(_ text: String = SimulatedToken.managementKey) throws(TokenError) {
            let secret = Array(text.utf8)
            try token.loginAdministrator(secret: secret.span.bytes)
        }

        func login(_ text: String = SimulatedToken.pin) throws(TokenError) {
            let pin = Array(text.utf8)
            try token.login(pin: pin.span.bytes)
        }

        func sign(_ key: UInt32, _ hash: [UInt8] = [UInt8](repeating: 7, count: 32)) throws -> [UInt8] {
            try token.sign(with: ObjectReference(.privateKey, key), input: hash, authorization: nil)
        }

        /// Whether a signature with a P-256 key is right.
        func signsRight(_ key: UInt32) throws -> Bool {
            let hash = [UInt8](repeating: 7, count: 32)
            let publicKey = try PublicKey(
                subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: ObjectReference(.privateKey, key)))
            return try publicKey.verifyECDSA(ECDSASignature(der: try sign(key, hash), fieldSize: 32), hash: hash)
        }
    }

    static let p256 = [CardBuilder.KeyPlan(reference: 0x9A, algorithm: "p256")]
    static let tokenKey = ObjectReference(.privateKey, 0x9A)

    static func isGetData(of tag: [UInt8], _ command: [UInt8]) -> Bool {
        // In the short form or the extended one.
        CommandAPDU(parsing: command).map { $0.header.ins == 0xCB && $0.data.dropFirst(2).starts(with: tag) } ?? false
    }

    // MARK: Optional objects

    static let optional: [[UInt8]] = [
        [0x7E], [0x5F, 0xC1, 0x02], [0x5F, 0xC1, 0x07], [0x5F, 0xC1, 0x0C], [0x5F, 0xC1, 0x06], [0x5F, 0xC1, 0x0A],
        [0x7F, 0x61], [0x5F, 0xFF, 0x00],
    ]
    static let refusals: [UInt16] = [
        0x6A80, 0x6985, 0x6982, 0x6D00, 0x6F00, 0x6400, 0x6700, 0x6B00, 0x6A86, 0x6A81, 0x6A87, 0x6A88, 0x6E00, 0x6984,
    ]

    /// The token, its key and its PIN are there, and the key signs.
    static func expectAllWorks(_ bent: Bent) throws {
        #expect(try bent.token.information().holdsKeys)
        let all = bent.token.catalogue.map(\.reference)
        #expect(try bent.token.present(among: all, areNamed: false).contains(Self.tokenKey))
        _ = try bent.token.pinStatus()
        try bent.login()
        #expect(try bent.signsRight(0x9A))
    }

    /// Discovery Object, CHUID, Capability Container, Key History and the rest: whichever a card refuses, and with whatever
    /// status (DoD CACs: 6A80 to the Discovery Object), the token is there and its keys work.
    @Test(arguments: optional, [CardProfile.plain, .yubiKey57])
    func aRefusedOptionalObjectHidesNothing(_ tag: [UInt8], _ profile: CardProfile) throws {
        for status in Self.refusals {
            let bent = try Bent(profile, keys: Self.p256) { (command) throws(ChannelError) in
                Self.isGetData(of: tag, command) ? [UInt8(status >> 8), UInt8(status & 0xFF)] : nil
            }
            let shown = "\(String(status, radix: 16)) to \(tag)"
            #expect(throws: Never.self, "\(shown)") {
                try Self.expectAllWorks(bent)
            }
        }
    }

    /// G+D's "DoD Alternate Token" names nothing but the RID in tag 79; others answer SELECT with other odd templates.
    @Test(arguments: [
        "610F4F0600100001000079 05A000000308", "61074F0500100001 00", "6F0A8408A0000003080010FF", "",
        "610B4F09A00000030800001000",
    ])
    func anOddAnswerToSelectIsPIV(_ template: String) throws {
        let digits = template.filter { $0 != " " }.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        let bent = try Bent(.plain, keys: Self.p256) { (command) throws(ChannelError) in
            command[1] == 0xA4 ? bytes + [0x90, 0x00] : nil
        }
        // The simulator must be selected all the same.
        _ = bent.simulated.channel.card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
        #expect(try bent.token.information().holdsKeys)
    }

    // MARK: Metadata

    /// A card may answer "no such key" to a command that it does not have: the certificates speak for the keys, and no place
    /// is called empty.
    @Test(arguments: [0x6A88, 0x6A82] as [UInt16]) func noSuchKeyToEverythingIsNoMetadata(_ status: UInt16) throws {
        let bent = try Bent(.plain, keys: Self.p256) { (command) throws(ChannelError) in
            command[1] == 0xF7 ? [UInt8(status >> 8), UInt8(status & 0xFF)] : nil
        }
        #expect(try bent.token.present(among: [Self.tokenKey], areNamed: false) == [Self.tokenKey])
        #expect(try bent.token.content(of: ObjectReference(.privateKey, 0x9C)) == .untold)
        try bent.login()
        #expect(try bent.signsRight(0x9A))
    }

    /// PivApplet answers 6F00 to GET METADATA of a key that was imported.
    @Test(arguments: [0x6F00, 0x6A80, 0x6985, 0x6400] as [UInt16])
    func refusedMetadataLeaveTheKey(_ status: UInt16) throws {
        let bent = try Bent(keys: Self.p256) { (command) throws(ChannelError) in
            command[1] == 0xF7 && command[3] == 0x9A ? [UInt8(status >> 8), UInt8(status & 0xFF)] : nil
        }
        #expect(try bent.token.present(among: [Self.tokenKey], areNamed: false) == [Self.tokenKey])
        try bent.login()
        #expect(try bent.signsRight(0x9A))
    }

    /// Policy and origin without an algorithm or a key is what some cards (PivApplet, Swissbit) say of an empty place.
    /// Without an origin, or with an algorithm, nobody knows (Nitrokey 3; Swissbit tells the same of every place).
    @Test(arguments: [
        ("0202 0001 0301 01", PlaceContent.nothing), ("0101 14 0202 0001 0301 14", .untold), ("0202 0100", .untold),
        ("", .untold),
    ])
    func metadataWithoutAKeyAreNoKey(_ text: String, _ content: PlaceContent) throws {
        let digits = text.filter { $0 != " " }.compactMap(\.hexDigitValue)
        let metadata = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        let bent = try Bent(keys: []) { (command) throws(ChannelError) in
            command[1] == 0xF7 && command[3] == 0x9A ? metadata + [0x90, 0x00] : nil
        }
        #expect(try bent.token.content(of: Self.tokenKey) == content)
        #expect(try bent.token.present(among: [Self.tokenKey], areNamed: true) == [])
    }

    /// On a card without GET METADATA the question is asked once.
    @Test func aCardWithoutMetadataIsAskedOnce() throws {
        let bent = try Bent(.plain)
        let all = bent.token.catalogue.map(\.reference)
        _ = try bent.token.present(among: all, areNamed: false)
        try bent.login()
        for key in [0x9A, 0x9C, 0x9D, 0x9E] { _ = try bent.token.policy(of: ObjectReference(.privateKey, UInt32(key))) }
        #expect(bent.card.sent.count { $0[1] == 0xF7 } == 1)
    }

    /// What the first signature of a process costs beside GENERAL AUTHENTICATE and the GET RESPONSE after it.
    @Test(arguments: [false, true]) func theFirstSignatureOnAPlainCardIsCheap(_ isNamed: Bool) throws {
        let bent = try Bent(.plain, keys: Self.p256)
        #expect(try bent.token.present(among: [Self.tokenKey], areNamed: isNamed) == [Self.tokenKey])
        try bent.login()
        #expect(try bent.signsRight(0x9A))
        let commands = bent.card.sent.filter { $0[1] != 0xC0 && $0[1] != 0x87 }
        #expect(commands.count <= 6, "\(commands.map { $0[1] })")
    }

    /// What the first signature of a process costs in all beside its own chain, in the order of `pkcs11-tool --login --sign`:
    /// who the token is, the PIN's tries, the login, the key, the signature.
    @Test func theFirstSignatureIsCounted() throws {
        let bent = try Bent(.plain, keys: Self.p256)
        _ = try bent.token.information()
        _ = try bent.token.pinStatus()
        try bent.login()
        let key = [ObjectReference(.privateKey, 0x9A)]
        #expect(try bent.token.present(among: key, areNamed: true) == key)
        _ = try bent.token.policy(of: key[0])
        #expect(try bent.signsRight(0x9A))
        let sent = bent.card.sent.filter { $0[1] != 0xC0 }.map { $0[1] }
        // SELECT; CHUID, certificate; GET METADATA, Discovery Object, VERIFY without data; SELECT, VERIFY; the signature.
        #expect(sent == [0xA4, 0xCB, 0xCB, 0xF7, 0xCB, 0x20, 0xA4, 0x20, 0x87])
    }

    // MARK: Once

    /// Another program's SELECT in the middle of the first listing, before each of its commands, with a cold process each.
    @Test(arguments: [CardProfile.plain, .yubiKey57, .yubiKey4])
    func aForeignSelectionHidesNothingForLong(_ profile: CardProfile) throws {
        let other: [UInt8] =
            profile == .plain
            ? [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00] : [0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17]
        let whole = try Bent(profile)
        let all = whole.token.catalogue.map(\.reference).filter { $0.kind != .attestation }
        let expected = try whole.token.present(among: all, areNamed: false)
        for moment in 0..<20 {
            let bent = try Bent(profile)
            var count = 0
            bent.card.intercept = { (_) throws(ChannelError) in
                if count == moment {
                    _ = bent.simulated.channel.card.process([0x00, 0xA4, 0x04, 0x00, UInt8(other.count)] + other)
                }
                count += 1
                return nil
            }
            _ = try? bent.token.present(among: all, areNamed: false)
            bent.card.intercept = { _ in nil }
            bent.clock.advance(milliseconds: 5_000)
            #expect(try bent.token.present(among: all, areNamed: false) == expected, "before command \(moment)")
        }
    }

    /// One odd answer in the middle of the first listing hides what it was about for a short while.
    @Test(
        arguments: [[0x69, 0x82], [0x6D, 0x00], [0x6F, 0x00], [0x6A, 0x82]] as [[UInt8]],
        [CardProfile.plain, .yubiKey57])
    func oneOddAnswerHidesNothingForLong(_ status: [UInt8], _ profile: CardProfile) throws {
        let whole = try Bent(profile)
        let all = whole.token.catalogue.map(\.reference).filter { $0.kind != .data }
        let expected = try whole.token.present(among: all, areNamed: false)
        for odd in 0..<12 {
            let bent = try Bent(profile)
            var count = 0
            bent.card.intercept = { (_) throws(ChannelError) in
                defer { count += 1 }
                return count == odd ? status : nil
            }
            _ = try? bent.token.present(among: all, areNamed: false)
            bent.card.intercept = { _ in nil }
            bent.clock.advance(milliseconds: 5_000)
            #expect(try bent.token.present(among: all, areNamed: false) == expected, "command \(odd)")
        }
    }
}
