import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// For how long what was read is believed, and what happens when another process has written to the card.
@Suite struct FreshnessTests {
    static let lifetime = 5_000

    let keys: [ObjectReference] = [.init(.publicKey, 0x9A), .init(.privateKey, 0x9A)]
    let certificate = ObjectReference(.certificate, 0x9A)
    let container = ObjectReference(.data, 0x5FC105)
    private let chuid = ObjectReference(.data, 0x5FC102)

    func revisions(_ simulated: SimulatedToken) -> [UInt64] {
        (keys + [certificate, container]).map { simulated.token.revision(of: $0) }
    }

    /// A card with one key, and the token of the process that is judged; it knows all of it.
    func knownCard(_ profile: CardProfile = .yubiKey57, certified: Bool = true) throws -> SimulatedToken {
        let simulated = try SimulatedToken(
            profile, keys: [.init(reference: 0x9A, algorithm: "p256", certificate: certified ? .plain : .none)])
        _ = try simulated.token.present(among: keys + [certificate, container], areNamed: true)
        return simulated
    }

    /// What another process does as administrator.
    func elsewhere(_ simulated: SimulatedToken, _ body: (SimulatedToken) throws -> Void) throws {
        let other = try simulated.another()
        try other.loginAdministrator()
        try body(other)
        other.token.logout()
    }

    /// GENERATE ASYMMETRIC KEY PAIR of a P-256 key in 9A, by whoever is administrator.
    func makeKey(_ simulated: SimulatedToken) {
        let answer = simulated.channel.card.process(
            [0x00, 0x47, 0x00, 0x9A, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11, 0x00])
        #expect(answer.suffix(2) == [0x90, 0x00])
    }

    func deleteKey(_ simulated: SimulatedToken) {
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
    func theRestIsCachedForSomeSeconds(_ object: ObjectReference, _ reading: [String], _ isThere: Bool) throws {
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

    @Test func theTriesAreCachedForAsLong() throws {
        let simulated = try SimulatedToken()
        _ = try simulated.token.pinStatus()
        simulated.clock.advance(milliseconds: Self.lifetime - 1)
        #expect(try simulated.commands { _ = try simulated.token.pinStatus() }.isEmpty)
        simulated.clock.advance(milliseconds: 1)
        #expect(try simulated.commands { _ = try simulated.token.pinStatus() } == ["GET METADATA 80"])
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
