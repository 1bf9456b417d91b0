import ISO7816
import PIV
import Testing
import Token
import VirtualCard

/// A management key behind the user's PIN, as `ykman piv access change-management-key --protect` leaves it.
@Suite struct ProtectedKeyTests {
    private static let object = AdministratorTests.object
    private static let value = AdministratorTests.value
    private static let printed = ObjectReference(.data, 0x5FC109)
    private static let factory = SimulatedToken.managementKey

    private static let key = (0..<3).flatMap { _ in (1...8).map { UInt8($0) } }

    /// ADMIN DATA with these flags and, perhaps, a salt; and a key in the Printed Information.
    static func protect(_ builder: inout CardBuilder, flags: UInt8 = 0x02, salt: Bool = false, key: [UInt8] = key) {
        let items = [0x81, 0x01, flags] + (salt ? [UInt8](tag: 0x82, [UInt8](repeating: 7, count: 16)) : [])
        builder.addObject(tag: 0x5FFF00, [UInt8](tag: 0x80, items + [0x83, 0x04, 0x65, 0x00, 0x00, 0x00]))
        builder.addObject(tag: 0x5FC109, [UInt8](tag: 0x88, [UInt8](tag: 0x89, key)))
    }

    private func protected(_ profile: CardProfile = .yubiKey57) throws -> SimulatedToken {
        try SimulatedToken(profile) { Self.protect(&$0) }
    }

    @Test(arguments: [CardProfile.yubiKey57, .yubiKeyShort, .yubiKey4])
    func theUserWrites(_ profile: CardProfile) throws {
        let simulated = try protected(profile)
        try simulated.login()
        let hint = profile == .yubiKey4 ? [] : ["GET METADATA 9B"]
        let first = try simulated.commands { try simulated.token.write(Self.value, to: Self.object) }
        #expect(
            first.filter { $0 != "GET VERSION" } == ["GET DATA 5FFF00", "GET DATA 5FC109"] + hint
                + AdministratorTests.proof + ["PUT DATA"])
        #expect(try simulated.commands { try simulated.token.delete(Self.object) } == ["GET DATA 5FC102", "PUT DATA"])
        // The user's login is none the worse for it.
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
        let authorization = try simulated.authenticate(0x9C)
        #expect(try simulated.verifies(simulated.sign(0x9C, authorization), 0x9C))
    }

    @Test(arguments: Interference.allCases, [0, 6_000])
    func theUserWritesAgainAfter(_ interference: Interference, _ milliseconds: Int) throws {
        let simulated = try protected()
        try simulated.login()
        try simulated.token.write(Self.value, to: Self.object)
        simulated.channel.meanwhile = interference.act(on:)
        for byte in UInt8(0)..<3 {
            simulated.clock.advance(milliseconds: milliseconds)
            try simulated.token.write([0x30, 0x01, byte], to: Self.object)
        }
        simulated.channel.meanwhile = nil
        #expect(try simulated.token.pinStatus().retriesLeft ?? 3 == 3)
        #expect(try simulated.another().token.value(of: Self.object) == [0x30, 0x01, 0x02])
    }

    /// The key is read when ADMIN DATA is known already and the login is lost without a word.
    @Test(arguments: Interference.allCases)
    func theFirstWritingSurvives(_ interference: Interference) throws {
        let simulated = try protected()
        try simulated.login()
        #expect(throws: TokenError.readOnly) { try simulated.token.write(Self.value, to: Self.printed) }
        simulated.token.logout()
        try simulated.login()
        simulated.channel.meanwhile = interference.act(on:)
        try simulated.token.write(Self.value, to: Self.object)
    }

    /// No ADMIN DATA, no flag, or a key that is made of the PIN: the administrator is needed, and no try is spent.
    @Test(arguments: [nil, (0x00, false), (0x01, false), (0x02, true)] as [(UInt8, Bool)?])
    func otherwiseTheAdministratorIsNeeded(_ kept: (flags: UInt8, salt: Bool)?) throws {
        let simulated = try SimulatedToken(keys: []) { builder in
            if let kept { Self.protect(&builder, flags: kept.flags, salt: kept.salt) }
        }
        #expect(throws: TokenError.notLoggedIn) { try simulated.token.write(Self.value, to: Self.object) }
        try simulated.login()
        simulated.channel.meanwhile = Interference.resets.act(on:)
        let commands = simulated.commands {
            for _ in 0..<3 {
                #expect(throws: TokenError.administratorNeeded) {
                    try simulated.token.write(Self.value, to: Self.object)
                }
                #expect(throws: TokenError.administratorNeeded) { try simulated.token.delete(Self.object) }
            }
        }
        #expect(!commands.contains { $0 == "VERIFY" || $0 == "PUT DATA" || $0 == "GENERAL AUTHENTICATE" })
        #expect(commands.count { $0.hasPrefix("GET DATA") } == 1)
    }

    @Test func onAPlainCardTheAdministratorIsNeeded() throws {
        let simulated = try SimulatedToken(.plain, keys: [])
        try simulated.login()
        #expect(throws: TokenError.administratorNeeded) { try simulated.token.write(Self.value, to: Self.object) }
    }

    /// A key that is wrong, of a wrong length, or missing is tried once for a login.
    @Test(arguments: [[UInt8](repeating: 9, count: 24), [1, 2, 3], [], [UInt8](repeating: 9, count: 16)])
    func aWrongStoredKeyIsTriedOnce(_ key: [UInt8]) throws {
        let simulated = try SimulatedToken { Self.protect(&$0, key: key) }
        try simulated.login()
        let commands = simulated.commands {
            for _ in 0..<3 {
                #expect(throws: TokenError.administratorNeeded) {
                    try simulated.token.write(Self.value, to: Self.object)
                }
            }
        }
        #expect(commands.count { $0 == "GENERAL AUTHENTICATE" } <= 2)
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// Nobody overwrites the only copy of the key, and nobody reads it here.
    @Test func theStoredKeyIsLeftAlone() throws {
        let simulated = try protected()
        try simulated.login()
        #expect(try simulated.token.present(among: [Self.printed], areNamed: true).isEmpty)
        #expect(throws: TokenError.objectNotFound) { _ = try simulated.token.value(of: Self.printed) }
        #expect(throws: TokenError.readOnly) { try simulated.token.write(Self.value, to: Self.printed) }
        simulated.token.logout()
        try simulated.loginAdministrator()
        #expect(throws: TokenError.readOnly) { try simulated.token.delete(Self.printed) }
        simulated.token.logout()
        try simulated.login()
        try simulated.token.write(Self.value, to: Self.object)
    }

    /// Whether the key is there is asked at that moment: another program may just have put it there.
    @Test func aKeyThatIsJustStoredIsLeftAlone() throws {
        let simulated = try SimulatedToken(keys: [])
        let other = try simulated.another()
        try simulated.loginAdministrator()
        try simulated.token.write(Self.value, to: Self.printed)
        let put: [UInt8] = [0x5C, 0x03, 0x5F, 0xFF, 0x00, 0x53, 0x05, 0x80, 0x03, 0x81, 0x01, 0x02]
        try other.loginAdministrator()
        #expect(simulated.channel.card.process([0x00, 0xDB, 0x3F, 0xFF, UInt8(put.count)] + put) == [0x90, 0x00])
        #expect(throws: TokenError.readOnly) { try simulated.token.write(Self.value, to: Self.printed) }
    }

    @Test func logoutEndsWhatTheUsersKeyOpened() throws {
        let simulated = try protected()
        try simulated.login()
        try simulated.token.write(Self.value, to: Self.object)
        simulated.token.logout()
        let put: [UInt8] = [0x00, 0xDB, 0x3F, 0xFF, 0x08, 0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x01, 0x00]
        #expect(simulated.channel.card.process(put) == [0x69, 0x82])
        #expect(throws: TokenError.notLoggedIn) { try simulated.token.write(Self.value, to: Self.object) }
    }
}
