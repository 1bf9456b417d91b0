import HostCrypto
import ISO7816
import Platform
import TestSupport
import Testing
import Token
import VirtualCard

@testable import OpenPGP

/// The setting for how long PW1 and PW3 are kept: what still works without them, and what ends.
@Suite struct PINRetentionTests {
    private let time = Guarded(1000)
    private let card: SimulatedOpenPGPCard
    private let token: OpenPGPToken

    init() throws { try self.init(limit: 0) }

    private init(limit: Int?) throws {
        card = try SimulatedOpenPGPCard(
            keys: ["sig", "aut"].map { CardBuilder.OpenPGPKeyPlan(slot: $0, algorithm: "ed25519") })
        let time = time
        let pins = PINKeeper(limit: limit) { time.withLock { $0 } }
        token = try #require(try OpenPGPToken.open(Card(channel: card.channel), pins: pins))
    }

    private func sign(_ key: UInt32, _ authorization: (any UseAuthorization)? = nil) throws {
        _ = try token.sign(with: SimulatedOpenPGPCard.place(key), input: [1], authorization: authorization)
    }

    /// P2 of each VERIFY that had a password.
    private var modesSent: [UInt8] {
        card.channel.log.map(\.command).filter { $0[1] == 0x20 && $0.count > 5 }.map { $0[3] }
    }

    /// Nobody can give PW1 later, so the login verifies it for signatures too. Each signature wants it on this card.
    @Test func offVerifiesBothModesAtOnce() throws {
        try token.login("123456")
        #expect(modesSent == [0x81, 0x82])
        for _ in 0..<2 { try sign(3) }
        try sign(1, token.authenticate("123456"))
        // The application is selected for the PIN, which takes the login's state; the same PIN gives it back.
        #expect(modesSent == [0x81, 0x82, 0x81, 0x82])
        #expect(throws: TokenError.useNotAuthenticated) { try sign(1) }
        try sign(3)
        card.channel.card.reset()
        #expect(throws: TokenError.notLoggedIn) { try sign(3) }
        #expect(modesSent.count == 4)
    }

    /// The first signature is covered by the login, as ever.
    @Test func offCoversTheFirstSignature() throws {
        try token.login("123456")
        try sign(1)
        #expect(modesSent == [0x81, 0x82])
    }

    @Test func offCostsOneTryWhereThePINIsWrong() throws {
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { try token.login("654321") }
        #expect(modesSent == [0x81])
    }

    @Test(arguments: [(999, true), (1000, false)]) func secondsEnd(_ milliseconds: Int, _ isRestored: Bool) throws {
        let test = try PINRetentionTests(limit: 1000)
        try test.token.login("123456")
        test.time.withLock { $0 += milliseconds }
        test.token.wipeExpiredPINs()
        try test.sign(3)
        test.card.channel.card.reset()
        if isRestored { try test.sign(3) } else { #expect(throws: TokenError.notLoggedIn) { try test.sign(3) } }
    }

    /// Whoever is told that there are no such objects stays logged in, and can neither sign nor log in again.
    @Test(arguments: [CardContinuity.reset, .kept], [ObjectReference(.data, 0x0103), OpenPGPCatalogue.symmetricKey])
    func aSearchTellsOfALostLogin(_ told: CardContinuity, _ object: ObjectReference) throws {
        try token.login("123456")
        card.channel.meanwhile = { card in
            card.reset()
            return told
        }
        #expect(throws: TokenError.notLoggedIn) { try token.present(among: [object], areNamed: false) }
        card.channel.meanwhile = nil
        #expect(try token.present(among: [object], areNamed: false).isEmpty)
        try token.login("123456")
        try sign(3)
    }

    @Test func theAdministratorsPasswordIsNotKept() throws {
        try token.loginAdministrator("12345678")
        let object = ObjectReference(.data, 0x0102)
        try token.write([1], to: object, ifStill: nil)
        card.channel.card.reset()
        #expect(throws: TokenError.self) { try token.write([2], to: object, ifStill: nil) }
        #expect(modesSent == [0x83])
    }
}
