import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// Keys are believed until they are contradicted: by their certificates, or by the card when they are used.
extension FreshnessTests {
    /// The certificate is another one, of the same key or of no key on the card; the key stays.
    @Test(arguments: [0, 2])
    func anotherCertificateOfTheSameKey(_ index: Int) throws {
        let simulated = try knownCard()
        try elsewhere(simulated) { try $0.token.writeContainer(WritingTests.certificates[index], of: .authentication) }
        simulated.clock.advance(milliseconds: Self.lifetime)
        let commands = try simulated.commands { _ = try simulated.token.value(of: certificate) }
        #expect(commands.filter { $0 != "GET VERSION" } == ["GET DATA 5FC105", "GET METADATA 9A"])
        #expect(revisions(simulated) == [0, 0, 1, 0])
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// Another process makes a new key and writes its certificate.
    @Test func anotherKey() throws {
        let simulated = try knownCard()
        let old = try simulated.publicKey(0x9A)
        try elsewhere(simulated) { other in
            makeKey(other)
            try other.token.writeContainer(WritingTests.certificates[0], of: .authentication)
        }
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.token.present(among: [certificate], areNamed: true) == [certificate])
        #expect(revisions(simulated) == [1, 1, 1, 0])
        #expect(try simulated.publicKey(0x9A) != old)
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// The certificate goes: a YubiKey says that the key is still there, a plain card has none to show.
    @Test(arguments: [(CardProfile.yubiKey57, 0 as UInt64), (.plain, 1)])
    func theCertificateGoes(_ profile: CardProfile, _ revision: UInt64) throws {
        let simulated = try knownCard(profile)
        try elsewhere(simulated) { try $0.token.delete(certificate) }
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.token.present(among: [certificate], areNamed: true).isEmpty)
        #expect(throws: TokenError.objectNotFound) { _ = try simulated.token.value(of: certificate) }
        #expect(revisions(simulated) == [revision, revision, 1, 1])
        #expect(try simulated.token.present(among: keys, areNamed: true) == (revision == 0 ? keys : []))
    }

    @Test func keyAndCertificateGo() throws {
        let simulated = try knownCard()
        try elsewhere(simulated) { other in
            deleteKey(other)
            try other.token.delete(certificate)
        }
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.token.present(among: keys + [certificate], areNamed: true) == [])
        #expect(revisions(simulated) == [1, 1, 1, 1])
    }

    /// What was absent is there.
    @Test func aKeyComes() throws {
        let simulated = try SimulatedToken(keys: [])
        #expect(try simulated.token.present(among: keys + [certificate], areNamed: false).isEmpty)
        try elsewhere(simulated) { makeKey($0) }
        #expect(try simulated.token.present(among: keys, areNamed: false).isEmpty)
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.token.present(among: keys, areNamed: false) == keys)
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// A key that the card does not know any more when it is used; a certificate may still stand.
    @Test(arguments: [true, false])
    func aKeyThatIsGoneWhenUsed(_ certified: Bool) throws {
        let simulated = try knownCard(certified: certified)
        try simulated.login()
        _ = try simulated.sign(0x9A)
        try elsewhere(simulated) { deleteKey($0) }
        for _ in 0..<2 {
            #expect(throws: TokenError.objectNotFound) { _ = try simulated.sign(0x9A) }
            #expect(revisions(simulated) == [1, 1, 0, 0])
            #expect(try simulated.token.present(among: [keys[1]], areNamed: true).isEmpty)
        }
        simulated.clock.advance(milliseconds: Self.lifetime)
        // That its certificate is there is no sign that the key is again.
        #expect(try simulated.token.present(among: [certificate], areNamed: true).isEmpty != certified)
        #expect(try simulated.token.present(among: [keys[1]], areNamed: true).isEmpty)
        try elsewhere(simulated) { makeKey($0) }
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.token.present(among: [keys[1]], areNamed: true) == [keys[1]])
    }

    /// Another algorithm in the key's place: what was known of it is dropped.
    @Test func anotherKindOfKeyWhenUsed() throws {
        let simulated = try knownCard(certified: false)
        try simulated.login()
        _ = try simulated.sign(0x9A)
        try elsewhere(simulated) { other in
            let answer = other.channel.card.process([0x00, 0x47, 0x00, 0x9A, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x14, 0x00])
            #expect(answer.suffix(2) == [0x90, 0x00])
        }
        #expect(throws: TokenError.objectNotFound) { _ = try simulated.sign(0x9A) }
        #expect(revisions(simulated) == [1, 1, 0, 0])
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// Data that the key cannot use are no sign against the key.
    @Test(arguments: [CardProfile.yubiKey57, .plain])
    func wrongDataContradictNothing(_ profile: CardProfile) throws {
        let simulated = try knownCard(profile)
        try simulated.login()
        for _ in 0..<2 {
            #expect(throws: TokenError.dataInvalid) {
                _ = try simulated.token.sign(with: keys[1], input: [], authorization: nil)
            }
        }
        #expect(revisions(simulated) == [0, 0, 0, 0])
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// On a card that tells nothing of its keys the certificate is read again where a use is refused.
    @Test(arguments: [[0x6A, 0x88], [0x6A, 0x86]] as [[UInt8]])
    func aRefusedKeyWithoutMetadata(_ status: [UInt8]) throws {
        let simulated = try SimulatedToken(.plain, keys: [.init(reference: 0x9E, algorithm: "p256")])
        let card = InterceptedCard(simulated.channel)
        let clock = simulated.clock
        let token = try #require(try PIVToken.open(Card(channel: card)) { clock.milliseconds })
        let key = ObjectReference(.privateKey, 0x9E)
        #expect(try token.present(among: [key], areNamed: true) == [key])
        card.intercept = { (command) throws(ChannelError) in command[1] == 0x87 ? status : nil }
        let isGone = status == [0x6A, 0x88]
        let input = [UInt8](repeating: 7, count: 32)
        #expect(throws: isGone ? TokenError.objectNotFound : .unsupported) {
            _ = try token.sign(with: key, input: input, authorization: nil)
        }
        #expect(token.revision(of: key) == (isGone ? 1 : 0))
        #expect(try token.present(among: [key], areNamed: true) == (isGone ? [] : [key]))
        clock.advance(milliseconds: Self.lifetime)
        #expect(try token.present(among: [key], areNamed: true) == [key])
    }

    /// On a card that does not tell its keys, a key that this process has made is believed until a certificate tells of
    /// another one.
    @Test(arguments: [CardProfile.plain, .yubiKey4]) func aMadeKeyIsReplaced(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: [])
        try simulated.loginAdministrator()
        let made = try simulated.token.generateKeyPair(.ec(.p256), at: keys[1], KeyRequest())
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.token.present(among: [certificate], areNamed: true) == [])
        #expect(try simulated.token.subjectPublicKeyInfo(of: keys[1]) == made)
        let revision = simulated.token.revision(of: keys[1])
        let other = try simulated.another()
        try other.loginAdministrator()
        _ = try other.token.generateKeyPair(.ec(.p256), at: keys[1], KeyRequest())
        let foreign = WritingTests.certificates[0]
        try other.token.writeContainer(foreign, of: .authentication)
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.token.present(among: [certificate], areNamed: true) == [certificate])
        #expect(
            try simulated.token.subjectPublicKeyInfo(of: keys[1]) == Certificate(der: foreign).subjectPublicKeyInfo)
        #expect(simulated.token.revision(of: keys[1]) > revision)
    }
}
