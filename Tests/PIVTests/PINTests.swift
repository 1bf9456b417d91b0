import Testing
import Token
import VirtualCard

@Suite struct PINTests {
    @Test(
        arguments: [CardProfile.yubiKey57, .yubiKeyShort, .yubiKey4, .plain, .plainGlobal],
        ["12345", "123456789", "", "äöü12345"])
    func lengthsAreCheckedBeforeATryIsSpent(_ profile: CardProfile, _ pin: String) throws {
        let simulated = try SimulatedToken(profile)
        let tries = try simulated.token.pinStatus().retriesLeft
        let commands = simulated.commands {
            #expect(throws: TokenError.pinLengthOutOfRange) { try simulated.login(pin) }
        }
        #expect(tries == 3)
        #expect(commands.isEmpty)
    }

    /// Six bytes of UTF-8 are long enough, whatever the number of characters. A YubiKey compares them; a card that
    /// wants digits refuses them and spends no try.
    @Test(arguments: [
        (CardProfile.yubiKey57, TokenError.pinIncorrect(retriesLeft: 2), 2), (.plain, .pinMalformed, 3),
    ])
    func otherCharactersAreTheCardsBusiness(_ profile: CardProfile, _ expected: TokenError, _ left: Int) throws {
        let simulated = try SimulatedToken(profile)
        #expect(throws: expected) { try simulated.login("ä1234") }
        #expect(try simulated.token.pinStatus().retriesLeft == left)
    }

    /// A YubiKey 5 of before firmware 5.3 has no GET METADATA. The first refusal is believed for a while, for it might be
    /// chance, and the second one for good.
    @Test func anOldYubiKeyIsAskedForMetadataOnceAWhile() throws {
        let simulated = try SimulatedToken(.yubiKey52)
        var left: Int?
        let first = try simulated.commands { left = try simulated.token.pinStatus().retriesLeft }
        #expect(left == 3)
        #expect(first == ["GET METADATA 80", "GET DATA 7E", "VERIFY status"])
        simulated.clock.advance(milliseconds: 6000)
        #expect(try simulated.commands { _ = try simulated.token.pinStatus() } == first)
        for _ in 0..<2 {
            simulated.clock.advance(milliseconds: 6000)
            let next = try simulated.commands { left = try simulated.token.pinStatus().retriesLeft }
            #expect(left == 3)
            #expect(next == ["VERIFY status"])
        }
    }

    @Test(arguments: [CardProfile.yubiKey57, .yubiKeyShort, .yubiKey52, .yubiKey4, .plain, .plainGlobal])
    func triesAreCountedAndOneCallSpendsOne(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        for left in [2, 1, 0] {
            #expect(throws: left == 0 ? TokenError.pinBlocked : .pinIncorrect(retriesLeft: left)) {
                try simulated.login("000000")
            }
            #expect(try simulated.token.pinStatus().retriesLeft == left)
        }
        #expect(throws: TokenError.pinBlocked) { try simulated.login() }
    }

    @Test func aRightPINRestoresTheTries() throws {
        let simulated = try SimulatedToken()
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { try simulated.login("000000") }
        try simulated.login()
        simulated.token.logout()
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { try simulated.login("000000") }
    }

    @Test func logoutEndsTheCardsOwnState() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        simulated.token.logout()
        #expect(throws: TokenError.notLoggedIn) { _ = try simulated.sign(0x9A) }
        // What another program would see.
        let answer = simulated.channel.card.process([0x00, 0x20, 0x00, 0x80])
        #expect(answer == [0x63, 0xC3])
    }
}
