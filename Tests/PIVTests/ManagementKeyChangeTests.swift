import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import PIV

/// A management key that is kept behind the PIN is changed in several steps.
@Suite struct ManagementKeyChangeTests {
    private static let (old, new) = (SimulatedToken.managementKey, String(repeating: "A1B2C3D4E5F60718", count: 3))
    private static let copy = ObjectReference(.data, 0x5FC109)

    private static func protected(_ profile: CardProfile) throws -> SimulatedToken {
        try SimulatedToken(profile, keys: []) { ProtectedKeyTests.protect(&$0) }
    }

    /// Whether the user's login leads to the card's key.
    private static func userWrites(_ simulated: SimulatedToken) throws -> Bool {
        let other = try simulated.another()
        try other.login()
        defer { other.token.logout() }
        do throws(TokenError) {
            try other.token.write(AdministratorTests.value, to: AdministratorTests.object)
            return true
        } catch .administratorNeeded {
            return false
        }
    }

    @Test(arguments: [CardProfile.yubiKey57, .yubiKey4]) func theCopyFollows(_ profile: CardProfile) throws {
        let simulated = try Self.protected(profile)
        let administration = try simulated.channel.card.container([0x5F, 0xFF, 0x00])
        let commands = try simulated.commands { try SecretTests.changeSecret(simulated.token, Self.old, Self.new) }
        // What ADMIN DATA say is known before the card has the new key.
        #expect(
            commands.filter { $0.hasPrefix("INS") || $0 == "PUT DATA" } == [
                "PUT DATA", "INS FF", "PUT DATA", "PUT DATA",
            ])
        #expect(try Self.userWrites(simulated))
        #expect(try simulated.channel.card.container([0x5F, 0xFF, 0x00]) == administration)
        #expect(try simulated.another().token.unfinishedChanges().isEmpty)
    }

    /// At every point the administrator has the old key or the new one, the user's login leads to it unless the card tells
    /// that it may not, and the administrator can finish.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKey4], [false, true])
    func withoutPowerInBetween(_ profile: CardProfile, _ isLastDone: Bool) throws {
        var (isBrokenOff, count, unfinished) = (true, 0, 0)
        while isBrokenOff {
            let simulated = try Self.protected(profile)
            simulated.channel.cutPower(after: count, isLastDone: isLastDone)
            let outcome = Result { try SecretTests.changeSecret(simulated.token, Self.old, Self.new) }
            if case .success = outcome { isBrokenOff = false }
            simulated.channel.restorePower()
            let found = try simulated.another().token.unfinishedChanges()
            if found.isEmpty {
                #expect(try Self.userWrites(simulated), "\(count) commands")
            } else {
                #expect(found == [Self.copy])
                unfinished += 1
            }
            let administrator = try simulated.another()
            do { try administrator.loginAdministrator(Self.old) } catch {
                try administrator.loginAdministrator(Self.new)
            }
            try administrator.token.finishChanges()
            #expect(try simulated.another().token.unfinishedChanges().isEmpty)
            #expect(try Self.userWrites(simulated), "\(count) commands")
            count += 1
        }
        #expect(count > 5 && unfinished > 2)
    }

    /// The user finishes it where the old copy is right still, and is told to ask the administrator where it is not.
    @Test(arguments: [true, false]) func theUserFinishesWhatIsRight(_ isRight: Bool) throws {
        let key = isRight ? (0..<3).flatMap { _ in (1...8).map { UInt8($0) } } : [UInt8](repeating: 9, count: 24)
        let simulated = try SimulatedToken(keys: []) { ProtectedKeyTests.protect(&$0, flags: 0x82, key: key) }
        #expect(try simulated.token.unfinishedChanges() == [Self.copy])
        try simulated.login()
        guard isRight else {
            #expect(throws: TokenError.administratorNeeded) { try simulated.token.finishChanges() }
            return
        }
        try simulated.token.finishChanges()
        #expect(try simulated.token.unfinishedChanges().isEmpty)
    }

    /// A key that the card refuses leaves no mark.
    @Test func aRefusedKeyChangesNothing() throws {
        let simulated = try Self.protected(.yubiKey57)
        let administration = try simulated.channel.card.container([0x5F, 0xFF, 0x00])
        let card = InterceptedCard(simulated.channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        // As a YubiKey refuses a weak key.
        card.intercept = { $0[1] == 0xFF ? [0x6A, 0x80] : nil }
        #expect(throws: TokenError.dataInvalid) { try SecretTests.changeSecret(token, Self.old, Self.new) }
        #expect(try simulated.channel.card.container([0x5F, 0xFF, 0x00]) == administration)
        #expect(try Self.userWrites(simulated))
    }

    @Test(
        arguments: [
            ([0x80, 0x03, 0x81, 0x01, 0x02], [0x80, 0x03, 0x81, 0x01, 0x82]),
            (
                [0x80, 0x09, 0x81, 0x01, 0x03, 0x83, 0x04, 1, 2, 3, 4],
                [0x80, 0x09, 0x81, 0x01, 0x83, 0x83, 0x04, 1, 2, 3, 4]
            ),
        ] as [([UInt8], [UInt8])])
    func theMarkLeavesTheRest(_ value: [UInt8], _ marked: [UInt8]) {
        #expect(AdministrationData.value(value, isKeyChanging: true) == marked)
        #expect(AdministrationData.value(marked, isKeyChanging: false) == value)
        #expect(AdministrationData(parsing: marked).isKeyChanging && AdministrationData(parsing: marked).isKeyStored)
        #expect(!AdministrationData(parsing: value).isKeyChanging)
    }
}

extension VirtualCard {
    /// The value of a container that everybody may read.
    fileprivate func container(_ tag: [UInt8]) throws -> [UInt8] {
        let answer = process([0x00, 0xCB, 0x3F, 0xFF, UInt8(tag.count + 2), 0x5C, UInt8(tag.count)] + tag + [0x00])
        try #require(answer.suffix(2) == [0x90, 0x00])
        return Array(answer.dropLast(2))
    }
}
