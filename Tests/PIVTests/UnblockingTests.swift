import ISO7816
import PIV
import Testing
import Token
import VirtualCard

/// No try is spent but of the secret that the user gave, and where it must be one.
@Suite("C_SetPIN where the PIN may be blocked, and a PUK that is kept") struct UnblockingTests {
    private static func changeOrUnblock(_ token: PIVToken, _ old: String, _ new: String) throws(TokenError) {
        let (old, new) = (Array(old.utf8), Array(new.utf8))
        try token.changeOrUnblockPIN(from: old.span.bytes, to: new.span.bytes)
    }

    private static func block(_ simulated: SimulatedToken) {
        for _ in 0..<3 { #expect(throws: TokenError.self) { try simulated.login("000000") } }
    }

    @Test(arguments: SecretTests.profiles) func setPINTakesThePINUnlessItIsBlocked(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        try Self.changeOrUnblock(simulated.token, "123456", "222222")
        try simulated.login("222222")
        Self.block(simulated)
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) {
            try Self.changeOrUnblock(simulated.token, "87654321", "333333")
        }
        // The PUK's tries are not the PIN's.
        #expect(try simulated.token.pinStatus().retriesLeft == 0)
        try Self.changeOrUnblock(simulated.token, "12345678", "333333")
        try simulated.login("333333")
    }

    /// What was read seconds ago does not count: another program has unblocked the PIN meanwhile, or blocked it.
    @Test func theCardIsAskedRightBefore() throws {
        let simulated = try SimulatedToken()
        let other = try simulated.another()
        Self.block(other)
        #expect(try simulated.token.pinStatus().retriesLeft == 0)
        try SecretTests.unblock(other.token, "12345678", "444444")
        try Self.changeOrUnblock(simulated.token, "444444", "555555")
        #expect(try simulated.another().token.unblockingStatus().retriesLeft == 3)
        #expect(try simulated.token.pinStatus().retriesLeft ?? 3 == 3)
        Self.block(other)
        try Self.changeOrUnblock(simulated.token, "12345678", "123456")
        #expect(try simulated.another().token.pinStatus().retriesLeft == 3)
    }

    /// The PUK was changed after the login, and one try of it is left: that is not spent.
    @Test func aKeptPUKDoesNotTakeTheLastTry() throws {
        let simulated = try SimulatedToken()
        try simulated.loginAdministrator("12345678")
        let other = try simulated.another()
        try SecretTests.changeSecret(other.token, "12345678", "87654321")
        for _ in 0..<2 {
            #expect(throws: TokenError.self) { try SecretTests.unblock(other.token, "00000000", "222222") }
        }
        #expect(throws: TokenError.keptPINRefused(retriesLeft: 1)) {
            try SecretTests.initialize(simulated.token, "222222")
        }
        #expect(try other.token.unblockingStatus().retriesLeft == 1)
        // The login is over, and nothing more is sent.
        #expect(throws: TokenError.administratorNeeded) { try SecretTests.initialize(simulated.token, "222222") }
    }
}
