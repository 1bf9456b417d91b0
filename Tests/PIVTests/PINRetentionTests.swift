import HostCrypto
import ISO7816
import Platform
import TestSupport
import Testing
import Token
import VirtualCard

@testable import PIV

/// The setting for how long a PIN is kept: what still works without it, and what ends.
@Suite struct PINRetentionTests {
    private let time = Guarded(1000)
    private let simulated: SimulatedToken
    private let token: PIVToken

    init() throws { try self.init(limit: 0) }

    private init(limit: Int?) throws {
        simulated = try SimulatedToken()
        let time = time
        let pins = PINKeeper(limit: limit) { time.withLock { $0 } }
        token = try #require(try PIVToken.open(Card(channel: simulated.channel), pins: pins))
    }

    private func login() throws {
        let pin = Array("123456".utf8)
        try token.login(pin: pin.span.bytes)
    }

    private func authenticate() throws -> any UseAuthorization {
        let pin = Array("123456".utf8)
        return try token.authenticate(pin: pin.span.bytes, forUseOf: ObjectReference(.privateKey, 0x9C))
    }

    private func sign(_ key: UInt32, _ authorization: (any UseAuthorization)? = nil) throws {
        let size = key == 0x9A ? 256 : 32
        _ = try token.sign(
            with: ObjectReference(.privateKey, key), input: [0] + [UInt8](repeating: 1, count: size - 1),
            authorization: authorization)
    }

    /// How often a PIN was sent.
    private var pinsSent: Int { simulated.channel.log.count { $0.command[1] == 0x20 && $0.command.count > 5 } }

    /// Nothing is kept: the login serves all keys as long as the card remembers it, and no longer.
    @Test func offLastsAsLongAsTheCardRemembers() throws {
        try login()
        for _ in 0..<2 { try sign(0x9A) }
        try sign(0x9C, authenticate())
        try sign(0x9A)
        #expect(throws: TokenError.useNotAuthenticated) { try sign(0x9C) }
        try sign(0x9A)
        let sent = pinsSent
        simulated.channel.card.reset()
        #expect(throws: TokenError.notLoggedIn) { try sign(0x9A) }
        #expect(throws: TokenError.notLoggedIn) { try sign(0x9A) }
        #expect(pinsSent == sent)
        try login()
        try sign(0x9A)
    }

    /// A permission that the card forgot is of no use either, and costs no login.
    @Test func offHasNoPermissionsToRestore() throws {
        try login()
        try sign(0x9A)
        let permission = try authenticate()
        simulated.channel.card.reset()
        let sent = pinsSent
        #expect(throws: TokenError.useNotAuthenticated) { try sign(0x9C, permission) }
        #expect(pinsSent == sent)
    }

    /// MARTLET_EACH_USE needs the PIN.
    @Test func offServesNoSecondUse() throws {
        try login()
        _ = try token.authenticateWithLogin(forUseOf: ObjectReference(.privateKey, 0x9C))
        try sign(0x9A)
        #expect(throws: TokenError.useNotAuthenticated) {
            try token.authenticateWithLogin(forUseOf: ObjectReference(.privateKey, 0x9C))
        }
        try sign(0x9A)
    }

    @Test(arguments: [(999, true), (1000, false)]) func secondsEnd(_ milliseconds: Int, _ isRestored: Bool) throws {
        let test = try PINRetentionTests(limit: 1000)
        try test.login()
        try test.sign(0x9A)
        test.time.withLock { $0 += milliseconds }
        test.token.wipeExpiredPINs()
        // The login goes on; it is the card's memory that it hangs on now.
        try test.sign(0x9A)
        test.simulated.channel.card.reset()
        if isRestored { try test.sign(0x9A) } else { #expect(throws: TokenError.notLoggedIn) { try test.sign(0x9A) } }
    }

    /// Another program has verified the PIN: that is as good.
    @Test func theOtherProgramsLoginServes() throws {
        try login()
        try sign(0x9A)
        simulated.channel.meanwhile = { card in
            card.reset()
            _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
            _ = card.process([0x00, 0x20, 0x00, 0x80, 0x08] + Array("123456".utf8) + [0xFF, 0xFF])
            return .reset
        }
        try sign(0x9A)
    }

    /// Whoever is told that there is no such object stays logged in, and can neither sign nor log in again. The first object
    /// shows that the card was reset, the second one needs the PIN.
    @Test(arguments: [CardContinuity.reset, .kept]) func aSearchTellsOfALostLogin(_ told: CardContinuity) throws {
        try login()
        simulated.channel.meanwhile = { card in
            card.reset()
            return told
        }
        let objects = [0x5F_C107, 0x5F_C103].map { ObjectReference(.data, $0) }
        #expect(throws: TokenError.notLoggedIn) { try token.present(among: objects, areNamed: true) }
        simulated.channel.meanwhile = nil
        _ = try token.present(among: objects, areNamed: true)
        try login()
        try sign(0x9A)
    }

    /// The administrator's key and the PUK are kept as long as the PIN is.
    @Test(arguments: [SimulatedToken.managementKey, "12345678"]) func theAdministratorsSecretToo(_ secret: String)
        throws
    {
        let bytes = Array(secret.utf8)
        try token.loginAdministrator(secret: bytes.span.bytes)
        let object = ObjectReference(.data, 0x5F_C102)
        if secret.utf8.count > 8 { try token.write([1], to: object) }
        simulated.channel.card.reset()
        let pin = Array("111111".utf8)
        #expect(throws: TokenError.self) {
            if secret.utf8.count > 8 {
                try token.write([2], to: object)
            } else {
                try token.initializePIN(to: pin.span.bytes)
            }
        }
        let status = try token.unblockingStatus()
        #expect(status.retriesLeft == 3)
    }
}
