import HostCrypto
import ISO7816
import PIV
import Testing
import Token
import VirtualCard

/// What must not happen to a PIN, whatever the card, the line and other programs do.
@Suite struct AdversityTests {
    private let simulated: SimulatedToken
    private let card: InterceptedCard
    private let token: PIVToken
    private let key = ObjectReference(.privateKey, 0x9A)
    private let signatureKey = ObjectReference(.privateKey, 0x9C)
    private let hash = [UInt8](repeating: 7, count: 32)

    init() throws {
        simulated = try SimulatedToken(keys: [
            .init(reference: 0x9A, algorithm: "p256"), .init(reference: 0x9C, algorithm: "p256"),
        ])
        card = InterceptedCard(simulated.channel)
        token = try #require(try PIVToken.open(Card(channel: card)))
    }

    private func login() throws {
        let pin = Array("123456".utf8)
        try token.login(pin: pin.span.bytes)
    }

    private func authenticate(_ text: String) throws -> any UseAuthorization {
        let pin = Array(text.utf8)
        return try token.authenticate(pin: pin.span.bytes, forUseOf: signatureKey)
    }

    private func sign(_ key: ObjectReference, _ authorization: (any UseAuthorization)? = nil) throws {
        _ = try token.sign(with: key, input: hash, authorization: authorization)
    }

    @Test func logoutForgetsThePINWithoutTheCard() throws {
        try login()
        card.failure = .heldByAnother
        token.logout()
        card.failure = nil
        simulated.channel.card.reset()
        let sent = card.pinsSent
        #expect(throws: TokenError.notLoggedIn) { try sign(key) }
        #expect(card.pinsSent == sent)
    }

    @Test func aPINWhoseAnswerWasLostIsNotSentAgain() throws {
        try login()
        try sign(key)
        simulated.channel.card.reset()
        card.intercept = { (command) throws(ChannelError) in
            if command[1] == 0x20, command.count > 5 { throw .transmissionFailed }
            return nil
        }
        let sent = card.pinsSent
        for _ in 0..<5 { #expect(throws: TokenError.self) { try sign(key) } }
        #expect(card.pinsSent == sent + 1)
    }

    /// Other programs that keep an old PIN may have spent tries; the last one is the user's.
    @Test(arguments: [(2, 1), (1, 0)])
    func theLastTryIsLeftToTheUser(_ triesLeft: UInt8, _ expected: Int) throws {
        try login()
        try sign(key)
        simulated.channel.card.reset()
        card.intercept = { (command) throws(ChannelError) in
            command.starts(with: [0x00, 0x20, 0x00, 0x80]) && command.count < 6 ? [0x63, 0xC0 | triesLeft] : nil
        }
        let sent = card.pinsSent
        _ = try? sign(key)
        #expect(card.pinsSent == sent + expected)
    }

    /// pcscd tells of another program's reset a moment before it resets the card, which may so happen at any command of the
    /// transaction that began with the news.
    @Test(arguments: 0..<5)
    func theLoginOutlastsAResetThatComesAfterItsNews(_ index: Int) throws {
        try login()
        try sign(key)
        simulated.channel.meanwhile = { _ in .reset }
        var sent = 0
        card.intercept = { [channel = simulated.channel] (_) throws(ChannelError) in
            if sent == index { channel.card.reset() }
            sent += 1
            return nil
        }
        try sign(key)
        simulated.channel.meanwhile = nil
        card.intercept = { _ in nil }
        try sign(key)
        simulated.channel.card.reset()
        #expect(try simulated.another().token.pinStatus().retriesLeft == 3)
    }

    @Test func aPermissionEndsWithItsLogin() throws {
        try login()
        try sign(key)
        let permission = try authenticate("123456")
        token.logout()
        #expect(throws: TokenError.useNotAuthenticated) { try sign(signatureKey, permission) }
        try login()
        try sign(key)
        #expect(throws: TokenError.useNotAuthenticated) { try sign(signatureKey, permission) }
    }

    @Test func aWrongPINEndsWhatTheLoginWasFor() throws {
        try login()
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { _ = try authenticate("654321") }
        #expect(throws: TokenError.useNotAuthenticated) { try sign(signatureKey) }
        try sign(key)
    }

    /// 6C08 to VERIFY is refused and not obeyed: the second PIN could cost a second try.
    @Test func aPINIsSentOnceForOneLogin() throws {
        card.intercept = { (command) throws(ChannelError) in
            command[1] == 0x20 && command.count > 5 ? [0x6C, 0x08] : nil
        }
        #expect(throws: TokenError.self) { try login() }
        #expect(card.pinsSent == 1)
    }

    @Test(
        arguments: [
            // The card manager's file control information, an empty template of another application.
            ([0x6F, 0x09, 0x84, 0x07, 0xA0, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x90, 0x00], false),
            ([0x61, 0x04, 0x4F, 0x02, 0xD2, 0x76, 0x90, 0x00], false), ([0x6A, 0x82], false), ([0x6D, 0x00], false),
            ([0x61, 0x07, 0x4F, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x90, 0x00], true), ([0x90, 0x00], true),
        ] as [([UInt8], Bool)])
    func onlyPIVIsTakenForPIV(_ answer: [UInt8], _ isPIV: Bool) throws {
        // PIV itself is selected behind the answer, so that an answer without a name can be proven.
        _ = simulated.channel.card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
        card.intercept = { (command) throws(ChannelError) in command[1] == 0xA4 ? answer : nil }
        #expect(try (PIVToken.open(Card(channel: card)) != nil) == isPIV)
    }

    /// Over a contactless reader a card refuses much; what it gives is shown all the same.
    @Test(arguments: [[0x69, 0x82], [0x6A, 0x86], [0x6F, 0x00]] as [[UInt8]])
    func aRefusedContainerHidesNoOther(_ status: [UInt8]) throws {
        card.intercept = { (command) throws(ChannelError) in
            command[1] == 0xCB && command.contains([0x5F, 0xC1, 0x05]) ? status : nil
        }
        let certificates = [0x9A, 0x9C].map { ObjectReference(.certificate, $0) }
        #expect(try token.present(among: certificates, areNamed: false) == [certificates[1]])
    }

    /// Another application's 6700 says nothing of the card's extended length.
    @Test func extendedLengthSurvivesAForeignRefusal() throws {
        var isTaken = true
        card.intercept = { (command) throws(ChannelError) in
            if command[1] == 0xA4 { isTaken = false }
            return isTaken ? [0x67, 0x00] : nil
        }
        let certificate = ObjectReference(.certificate, 0x9A)
        #expect(try token.present(among: [certificate], areNamed: false) == [certificate])
        let before = card.sent.count
        _ = try token.present(among: [ObjectReference(.certificate, 0x9C)], areNamed: false)
        #expect(card.sent.count == before + 1)
    }
}

extension [UInt8] {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        count >= part.count && (0...count - part.count).contains { self[$0..<$0 + part.count].elementsEqual(part) }
    }
}
