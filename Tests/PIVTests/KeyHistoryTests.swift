import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// The Key History Object is kept right where retired keys come and go, so that a listing finds them.
@Suite struct KeyHistoryTests {
    private static let history = ObjectReference(.data, 0x5FC10C)

    /// The retired keys that a listing of another process finds.
    private static func listed(_ simulated: SimulatedToken) throws -> [UInt32] {
        let token = try simulated.another().token
        let keys = token.catalogue.map(\.reference).filter { $0.kind == .privateKey }
        return try token.present(among: keys, areNamed: false).map(\.number)
    }

    /// C1, or nil where there is no history.
    private static func count(_ simulated: SimulatedToken) throws -> Int? {
        let token = try simulated.another().token
        guard try token.present(among: [history], areNamed: true) == [history] else { return nil }
        return KeyHistory(parsing: try token.value(of: history))?.keysWithOnCardCertificates
    }

    private static func generate(_ simulated: SimulatedToken, _ key: UInt32) throws {
        _ = try simulated.token.generateKeyPair(.ec(.p256), at: NewKeyTests.place(key), KeyRequest())
    }

    private static let moves: [(name: String, change: @Sendable (SimulatedToken) throws -> Void, listed: [UInt32])] = [
        ("made", { try generate($0, 0x84) }, [0x84]),
        (
            "brought",
            {
                let info = try NewKeyTests.privateKeyInfo(.ec(.p256))
                try $0.token.importPrivateKey(info.span.bytes, at: NewKeyTests.place(0x84), KeyRequest())
            }, [0x84]
        ),
        (
            "moved there",
            {
                try generate($0, 0x9D)
                try $0.token.moveKey(from: NewKeyTests.place(0x9D), to: NewKeyTests.place(0x82))
            }, [0x82]
        ),
        (
            "moved on",
            {
                try generate($0, 0x95)
                try $0.token.moveKey(from: NewKeyTests.place(0x95), to: NewKeyTests.place(0x83))
            }, [0x83]
        ),
        (
            "deleted",
            {
                try generate($0, 0x82)
                try generate($0, 0x86)
                try $0.token.delete(NewKeyTests.place(0x86))
            }, [0x82]
        ),
        (
            "all deleted",
            {
                try generate($0, 0x82)
                try $0.token.delete(NewKeyTests.place(0x82))
            }, []
        ),
    ]

    @Test(arguments: moves.indices) func aListingShowsWhatIsThere(_ index: Int) throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        try Self.moves[index].change(simulated)
        #expect(try Self.listed(simulated) == Self.moves[index].listed)
        #expect(try Self.count(simulated) == Self.moves[index].listed.map { Int($0) - 0x81 }.max() ?? 0)
    }

    /// A certificate has a place of its own as long as it is there, with its key or without.
    @Test func aCertificateKeepsItsPlace() throws {
        let simulated = try SimulatedToken(keys: [])
        let certificate = ObjectReference(.certificate, 0x83)
        let der = try WritingTests.certificate(PrivateKey.generate(.ec(.p256)), "old")
        try simulated.loginAdministrator()
        try simulated.token.write(der, to: certificate)
        #expect(try Self.count(simulated) == 2)
        try Self.generate(simulated, 0x84)
        try simulated.token.delete(NewKeyTests.place(0x84))
        #expect(try Self.count(simulated) == 2)
        try simulated.token.delete(certificate)
        #expect(try Self.count(simulated) == 0)
    }

    /// What the history says of certificates elsewhere stays, and such a key needs no more to be told of.
    @Test func whatIsElsewhereStays() throws {
        let elsewhere: [UInt8] = [0xC2, 0x01, 0x01, 0xF3, 0x02, 0x61, 0x62, 0xFE, 0x00]
        let simulated = try SimulatedToken(keys: []) {
            $0.addObject(tag: 0x5FC10C, [0xC1, 0x01, 0x00] + elsewhere)
        }
        try simulated.loginAdministrator()
        let before = simulated.changes
        try Self.generate(simulated, 0x95)
        #expect(simulated.changes == before + 1)
        try Self.generate(simulated, 0x82)
        #expect(try simulated.another().token.value(of: Self.history) == [0xC1, 0x01, 0x01] + elsewhere)
        #expect(try Self.listed(simulated) == [0x82, 0x95])
    }

    /// One writing for the first key, one reading for a key that is told of already; none for others.
    @Test func whatItCosts() throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        try Self.generate(simulated, 0x9A)
        let made = ["INS 47", "GET METADATA 82", "GET DATA 5FC10D"]
        let first = try simulated.commands { try Self.generate(simulated, 0x82) }
        #expect(first == ["GET DATA 7E", "GET DATA 5FC10C", "PUT DATA"] + made)
        let second = try simulated.commands { try Self.generate(simulated, 0x82) }
        #expect(second == ["GET DATA 5FC10C"] + made)
        #expect(try !simulated.commands { try Self.generate(simulated, 0x9A) }.contains("GET DATA 5FC10C"))
    }

    /// A card that does not tell its keys may have one in any place, so its history is never shortened.
    @Test(arguments: [CardProfile.yubiKey4, .plain]) func otherCards(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: [])
        try simulated.loginAdministrator()
        try Self.generate(simulated, 0x83)
        #expect(try Self.count(simulated) == 2)
        let certificate = ObjectReference(.certificate, 0x83)
        let der = try WritingTests.certificate(PrivateKey.generate(.ec(.p256)), "any")
        try simulated.token.write(der, to: certificate)
        try simulated.token.delete(certificate)
        #expect(try Self.count(simulated) == 2)
    }

    @Test func aRefusedKeyIsNotToldOf() throws {
        let simulated = try SimulatedToken(keys: [])
        let card = InterceptedCard(simulated.channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        let key = Array(SimulatedToken.managementKey.utf8)
        try token.loginAdministrator(secret: key.span.bytes)
        card.intercept = { $0[1] == 0x47 ? [0x6A, 0x84] : nil }
        #expect(throws: TokenError.memoryFull) {
            try token.generateKeyPair(.ec(.p256), at: NewKeyTests.place(0x84), KeyRequest())
        }
        #expect(try Self.count(simulated) == 0)
    }

    /// At every point each key that is there is told of.
    @Test(arguments: moves.indices) func withoutPowerNothingIsHidden(_ index: Int) throws {
        var (isBrokenOff, count) = (true, 0)
        while isBrokenOff {
            let simulated = try SimulatedToken(keys: [])
            try simulated.loginAdministrator()
            simulated.channel.cutPower(after: count, isLastDone: count % 2 == 0)
            if case .success = Result(catching: { try Self.moves[index].change(simulated) }) { isBrokenOff = false }
            simulated.channel.restorePower()
            let token = try simulated.another().token
            let keys = token.catalogue.map(\.reference).filter { $0.kind == .privateKey }
            #expect(try Self.listed(simulated) == token.present(among: keys, areNamed: true).map(\.number))
            count += 1
        }
        #expect(count > 2)
    }
}
