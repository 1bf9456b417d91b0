import ISO7816
import PIV
import Testing
import Token
import VirtualCard

@Suite("New values for PIN, PUK and management key") struct SecretTests {
    static func changePIN(_ token: PIVToken, _ old: String, _ new: String) throws(TokenError) {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        try token.changePIN(from: old.span.bytes, to: new.span.bytes)
    }

    static func unblock(_ token: PIVToken, _ code: String, _ new: String) throws(TokenError) {
        let (code, new) = (Array(code.utf8), Array(new.utf8))
        try token.unblockPIN(with: code.span.bytes, to: new.span.bytes)
    }

    static func initialize(_ token: PIVToken, _ new: String) throws(TokenError) {
        let new = Array(new.utf8)
        try token.initializePIN(to: new.span.bytes)
    }

    static func changeSecret(_ token: PIVToken, _ old: String, _ new: String) throws(TokenError) {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        try token.changeAdministratorSecret(from: old.span.bytes, to: new.span.bytes)
    }

    static let profiles = [CardProfile.yubiKey57, .yubiKeyShort, .yubiKey4, .plain]

    @Test(arguments: profiles) func thePINIsChanged(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        #expect(try simulated.commands { try Self.changePIN(simulated.token, "123456", "87654321") }.last == "INS 24")
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { try simulated.login() }
        try simulated.login("87654321")
        #expect(try simulated.another().token.pinStatus().retriesLeft ?? 3 == 3)
    }

    /// The global PIN is the one that is changed where it is the one that counts.
    @Test func theGlobalPINIsChanged() throws {
        let simulated = try SimulatedToken(.plainGlobal)
        try Self.changePIN(simulated.token, "654321", "111111")
        try simulated.login("111111")
    }

    /// A login goes on with the new PIN, and with no try of the old one.
    @Test(arguments: profiles) func theLoginGoesOn(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        try simulated.login()
        let permission = try simulated.authenticate(0x9C)
        try Self.changePIN(simulated.token, "123456", "87654321")
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
        simulated.channel.meanwhile = { card in
            card.reset()
            return .reset
        }
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
        // What was permitted with the old PIN is permitted no more.
        #expect(throws: TokenError.useNotAuthenticated) { try simulated.sign(0x9C, permission) }
        #expect(simulated.channel.log.allSatisfy { !$0.answer.starts(with: [0x63]) || $0.command.count <= 5 })
    }

    @Test(arguments: profiles) func aWrongPINCostsOneTry(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        for left in [2, 1, 0] {
            #expect(throws: left == 0 ? TokenError.pinBlocked : .pinIncorrect(retriesLeft: left)) {
                try Self.changePIN(simulated.token, "000000", "111111")
            }
            #expect(try simulated.token.pinStatus().retriesLeft == left)
        }
        #expect(throws: TokenError.pinBlocked) { try Self.changePIN(simulated.token, "123456", "111111") }
    }

    @Test(arguments: [("12345", "123456"), ("123456", "12345"), ("123456", "123456789"), ("", "123456")])
    func lengthsAreCheckedFirst(_ old: String, _ new: String) throws {
        let simulated = try SimulatedToken()
        let commands = simulated.commands {
            #expect(throws: TokenError.pinLengthOutOfRange) { try Self.changePIN(simulated.token, old, new) }
            #expect(throws: TokenError.pinLengthOutOfRange) { try Self.unblock(simulated.token, old, new) }
        }
        #expect(commands.isEmpty)
    }

    /// A card that wants digits refuses others, and compares nothing; a YubiKey compares first, and calls all that its policy
    /// does not allow the same.
    @Test(arguments: [CardProfile.yubiKey57, .plain])
    func aNewPINOfAnotherFormIsMalformed(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        let expected = profile == .plain ? TokenError.pinMalformed : .pinTooSimple
        #expect(throws: expected) { try Self.changePIN(simulated.token, "123456", "ä1234") }
        try simulated.login()
        #expect(try simulated.another().token.pinStatus().retriesLeft ?? 3 == 3)
    }

    @Test(arguments: profiles) func thePUKUnblocks(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        for _ in 0..<3 { #expect(throws: TokenError.self) { try simulated.login("000000") } }
        #expect(try simulated.token.pinStatus().retriesLeft == 0)
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) {
            try Self.unblock(simulated.token, "00000000", "222222")
        }
        // The PUK's tries are not the PIN's.
        #expect(try simulated.token.pinStatus().retriesLeft == 0)
        let tells = profile == .yubiKey57 || profile == .yubiKeyShort
        #expect(try simulated.token.unblockingStatus().retriesLeft == (tells ? 2 : nil))
        try Self.unblock(simulated.token, "12345678", "222222")
        #expect(try simulated.token.pinStatus().retriesLeft == 3)
        try simulated.login("222222")
    }

    /// The administrator who logged in with the PUK gives the PIN a value, and changes the PUK.
    @Test(arguments: profiles) func theAdministratorWithThePUK(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        try simulated.loginAdministrator("12345678")
        try Self.initialize(simulated.token, "333333")
        try Self.changeSecret(simulated.token, "12345678", "87654321")
        // The login goes on with the new PUK.
        try Self.initialize(simulated.token, "444444")
        simulated.token.logout()
        #expect(throws: TokenError.administratorNeeded) { try Self.initialize(simulated.token, "555555") }
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { try simulated.loginAdministrator("12345678") }
        try simulated.loginAdministrator("87654321")
        try simulated.login("444444")
    }

    /// A PUK that somebody has changed meanwhile is sent once and not again.
    @Test func aKeptPUKIsSentOnce() throws {
        let simulated = try SimulatedToken()
        try simulated.loginAdministrator("12345678")
        let other = try simulated.another()
        try Self.changeSecret(other.token, "12345678", "87654321")
        #expect(throws: TokenError.keptPINRefused(retriesLeft: 2)) { try Self.initialize(simulated.token, "333333") }
        #expect(throws: TokenError.administratorNeeded) { try Self.initialize(simulated.token, "333333") }
        #expect(try other.token.unblockingStatus().retriesLeft == 2)
    }

    /// With the management key it works only as long as the card says that the PUK is the maker's.
    @Test func theAdministratorWithTheManagementKey() throws {
        let simulated = try SimulatedToken()
        try simulated.loginAdministrator()
        try Self.initialize(simulated.token, "333333")
        try simulated.login("333333")
        try Self.changeSecret(simulated.token, "12345678", "87654321")
        try simulated.loginAdministrator()
        #expect(throws: TokenError.administratorNeeded) { try Self.initialize(simulated.token, "444444") }
        #expect(try simulated.another().token.unblockingStatus().retriesLeft == 3)
        try simulated.login("333333")
    }

    static let managementKeys: [(ManagementAlgorithm, String)] = [
        (.tripleDES, String(repeating: "ab", count: 24)), (.aes192, String(repeating: "0F", count: 24)),
        (.aes128, String(repeating: "12", count: 16)), (.aes256, String(repeating: "fe", count: 32)),
        (.aes192, String(repeating: "34", count: 32)), (.tripleDES, String(repeating: "56", count: 16)),
    ]

    @Test(arguments: managementKeys.indices)
    func theManagementKeyIsChanged(_ index: Int) throws {
        let (algorithm, new) = Self.managementKeys[index]
        let old = AdministratorTests.key(algorithm)
        let simulated = try SimulatedToken(keys: []) { $0.state.setManagementKey(algorithm) }
        try simulated.loginAdministrator(old)
        try Self.changeSecret(simulated.token, old, new)
        // The login goes on, also where the card has forgotten it.
        try simulated.token.write(AdministratorTests.value, to: AdministratorTests.object)
        simulated.channel.meanwhile = { card in
            card.reset()
            return .reset
        }
        try simulated.token.write(AdministratorTests.value, to: AdministratorTests.object)
        simulated.channel.meanwhile = nil
        let other = try simulated.another()
        #expect(throws: TokenError.self) { try other.loginAdministrator(old) }
        try other.loginAdministrator(new)
    }

    @Test(arguments: [CardProfile.plain, .yubiKey57])
    func aWrongManagementKeyChangesNothing(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: [])
        let before = simulated.changes
        #expect(throws: TokenError.pinIncorrect(retriesLeft: nil)) {
            try Self.changeSecret(
                simulated.token, String(repeating: "00", count: 24), String(repeating: "ab", count: 24))
        }
        #expect(simulated.changes == before)
        try simulated.loginAdministrator()
    }

    /// The specification has no command for it.
    @Test func otherCardsDoNotChangeTheManagementKey() throws {
        let simulated = try SimulatedToken(.plain, keys: [])
        #expect(throws: TokenError.unsupported) {
            try Self.changeSecret(
                simulated.token, SimulatedToken.managementKey, String(repeating: "ab", count: 24))
        }
        try simulated.loginAdministrator()
    }

    @Test(arguments: [CardProfile.yubiKey57, .yubiKey4]) func aResetIsComplete(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        try simulated.login()
        try Self.changePIN(simulated.token, "123456", "999999")
        let objects = [ObjectReference(.certificate, 0x9A), ObjectReference(.privateKey, 0x9A)]
        #expect(try simulated.token.present(among: objects, areNamed: true) == objects)
        let revisions = objects.map { simulated.token.revision(of: $0) }
        try simulated.token.reset()
        for token in [simulated.token, try simulated.another().token] {
            #expect(try token.present(among: objects, areNamed: true).isEmpty)
            #expect(try token.pinStatus().retriesLeft == 3)
        }
        #expect(zip(objects, revisions).allSatisfy { simulated.token.revision(of: $0) > $1 })
        try simulated.login()
        #expect(throws: TokenError.objectNotFound) { try simulated.sign(0x9A) }
    }

    @Test func aResetGoesOnWhereItWasBrokenOff() throws {
        let simulated = try SimulatedToken()
        for _ in 0..<3 { #expect(throws: TokenError.self) { try simulated.login("000000") } }
        try simulated.token.reset()
        try simulated.login()
    }

    /// A card without Yubico's commands is asked whether it has them, and nothing more.
    @Test func otherCardsAreNotReset() throws {
        let simulated = try SimulatedToken(.plain)
        let commands = simulated.commands { #expect(throws: TokenError.unsupported) { try simulated.token.reset() } }
        #expect(Set(commands).isSubset(of: ["GET VERSION", "GET DATA 7E", "GET RESPONSE"]))
        #expect(try simulated.token.pinStatus().retriesLeft == 3)
    }
}
