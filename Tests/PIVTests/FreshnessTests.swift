import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// For how long what was read is believed, and what happens when another process has written to the card.
@Suite struct FreshnessTests {
    private static let lifetime = 5_000

    private let keys: [ObjectReference] = [.init(.publicKey, 0x9A), .init(.privateKey, 0x9A)]
    private let certificate = ObjectReference(.certificate, 0x9A)
    private let container = ObjectReference(.data, 0x5FC105)
    private let chuid = ObjectReference(.data, 0x5FC102)

    private func revisions(_ simulated: SimulatedToken) -> [UInt64] {
        (keys + [certificate, container]).map { simulated.token.revision(of: $0) }
    }

    /// A card with one key, and the token of the process that is judged; it knows all of it.
    private func knownCard(_ profile: CardProfile = .yubiKey57, certified: Bool = true) throws -> SimulatedToken {
        let simulated = try SimulatedToken(
            profile, keys: [.init(reference: 0x9A, algorithm: "p256", certificate: certified ? .plain : .none)])
        _ = try simulated.token.present(among: keys + [certificate, container], areNamed: true)
        return simulated
    }

    /// What another process does as administrator.
    private func elsewhere(_ simulated: SimulatedToken, _ body: (SimulatedToken) throws -> Void) throws {
        let other = try simulated.another()
        try other.loginAdministrator()
        try body(other)
        other.token.logout()
    }

    /// GENERATE ASYMMETRIC KEY PAIR of a P-256 key in 9A, by whoever is administrator.
    private func makeKey(_ simulated: SimulatedToken) {
        let answer = simulated.channel.card.process(
            [0x00, 0x47, 0x00, 0x9A, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11, 0x00])
        #expect(answer.suffix(2) == [0x90, 0x00])
    }

    private func deleteKey(_ simulated: SimulatedToken) {
        #expect(simulated.channel.card.process([0x00, 0xF6, 0xFF, 0x9A]) == [0x90, 0x00])
    }

    /// OpenSSH looks for its key before each signature.
    @Test(arguments: [CardProfile.yubiKey57, .plain])
    func aKeyIsBelievedForGood(_ profile: CardProfile) throws {
        let simulated = try knownCard(profile)
        try simulated.login()
        _ = try simulated.sign(0x9A)
        let hour = 3_600_000
        simulated.clock.advance(milliseconds: hour)
        let commands = try simulated.commands {
            #expect(try simulated.token.present(among: keys, areNamed: true) == keys)
            _ = try simulated.token.subjectPublicKeyInfo(of: keys[1])
            _ = try simulated.token.policy(of: keys[1])
            _ = try simulated.token.usage(of: keys[1])
            _ = try simulated.sign(0x9A)
        }
        #expect(commands.filter { $0 != "GET RESPONSE" } == ["GENERAL AUTHENTICATE"])
    }

    /// Containers, and what is absent: not twice within the time, and once after it.
    @Test(arguments: [
        (ObjectReference(.certificate, 0x9A), ["GET DATA 5FC105"], true),
        (ObjectReference(.certificate, 0x9C), ["GET DATA 5FC10A"], false),
        (ObjectReference(.data, 0x5FC102), ["GET DATA 5FC102"], true),
        (ObjectReference(.data, 0x7E), ["GET DATA 7E"], true),
        (ObjectReference(.data, 0x5FC107), ["GET DATA 5FC107"], true),
        (ObjectReference(.data, 0x5FC106), ["GET DATA 5FC106"], false),
        (ObjectReference(.privateKey, 0x9C), ["GET METADATA 9C"], false),
        (ObjectReference(.publicKey, 0x9C), ["GET DATA 5FC10A", "GET METADATA 9C"], false),
    ])
    func theRestIsBelievedForSomeSeconds(_ object: ObjectReference, _ reading: [String], _ isThere: Bool) throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256")])
        let search = {
            #expect(try simulated.token.present(among: [object], areNamed: true) == (isThere ? [object] : []))
            let hasValue = object.kind == .certificate || object.kind == .data
            if isThere && hasValue { _ = try simulated.token.value(of: object) }
        }
        // Where the answer is none, the PIV application is selected before it is believed.
        let own = { (commands: [String]) in Set(commands).subtracting(["SELECT", "GET VERSION"]) }
        #expect(try own(simulated.commands(search)) == Set(reading))
        for _ in 0..<2 {
            #expect(try simulated.commands(search).isEmpty)
            simulated.clock.advance(milliseconds: Self.lifetime - 1)
            #expect(try simulated.commands(search).isEmpty)
            simulated.clock.advance(milliseconds: 1)
            #expect(try own(simulated.commands(search)) == Set(reading))
        }
        #expect(simulated.token.revision(of: object) == 0)
    }

    @Test func theTriesAreBelievedForAsLong() throws {
        let simulated = try SimulatedToken()
        _ = try simulated.token.pinStatus()
        simulated.clock.advance(milliseconds: Self.lifetime - 1)
        #expect(try simulated.commands { _ = try simulated.token.pinStatus() }.isEmpty)
        simulated.clock.advance(milliseconds: 1)
        #expect(try simulated.commands { _ = try simulated.token.pinStatus() } == ["VERIFY status"])
    }

    /// A program that lists everything twice reads nothing twice; whoever the token is is read once.
    @Test func nothingIsReadTwiceInARow() throws {
        let simulated = try SimulatedToken(keyHistory: true)
        try simulated.login()
        let information = try simulated.token.information()
        let all = simulated.token.catalogue.map(\.reference)
        let present = try simulated.token.present(among: all, areNamed: false)
        let commands = try simulated.commands {
            #expect(try simulated.token.present(among: all, areNamed: false) == present)
            for object in present where object.kind == .certificate || object.kind == .data {
                _ = try simulated.token.value(of: object)
            }
        }
        #expect(commands.isEmpty)
        try elsewhere(simulated) { try $0.token.write([0x30, 0x00], to: chuid) }
        simulated.clock.advance(milliseconds: Self.lifetime)
        #expect(try simulated.commands { _ = try simulated.token.information() }.isEmpty)
        #expect(try simulated.token.information() == information)
        simulated.token.logout()
        for object in all where object != chuid { #expect(simulated.token.revision(of: object) == 0) }
    }

    @Test func aDataObjectIsReplacedGoneAndThereAgain() throws {
        let simulated = try SimulatedToken(keys: [])
        let first = try simulated.token.value(of: chuid)
        let steps: [([UInt8], UInt64)] = [([0x30, 0x01, 0x01], 0), ([0x30, 0x01, 0x01], 0), ([], 1), (first, 2)]
        for (value, revision) in steps {
            try elsewhere(simulated) { other in
                if value.isEmpty { try other.token.delete(chuid) } else { try other.token.write(value, to: chuid) }
            }
            // Not yet: nobody has asked again.
            let before = simulated.token.revision(of: chuid)
            _ = try simulated.token.present(among: [chuid], areNamed: true)
            #expect(simulated.token.revision(of: chuid) == before)
            simulated.clock.advance(milliseconds: Self.lifetime)
            #expect(try simulated.token.present(among: [chuid], areNamed: true) == (value.isEmpty ? [] : [chuid]))
            #expect(simulated.token.revision(of: chuid) == revision)
            if !value.isEmpty { #expect(try simulated.token.value(of: chuid) == value) }
        }
    }

    /// The certificate is another one, of the same key or of no key on the card; the key stays.
    @Test(arguments: [0, 2])
    func anotherCertificateOfTheSameKey(_ index: Int) throws {
        let simulated = try knownCard()
        try elsewhere(simulated) { try $0.token.write(WritingTests.certificates[index], to: certificate) }
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
            try other.token.write(WritingTests.certificates[0], to: certificate)
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

    /// Private objects are read anew after the next login; that changes nothing.
    @Test func logoutIsNoChange() throws {
        let facial = ObjectReference(.data, 0x5FC108)
        let simulated = try SimulatedToken { $0.addObject(tag: 0x5FC108, [0xBC, 0x00]) }
        for _ in 0..<3 {
            try simulated.login()
            #expect(try simulated.commands { _ = try simulated.token.value(of: facial) }.contains("GET DATA 5FC108"))
            simulated.token.logout()
            #expect(throws: TokenError.notLoggedIn) { _ = try simulated.token.value(of: facial) }
            #expect(simulated.token.revision(of: facial) == 0)
        }
    }
}
