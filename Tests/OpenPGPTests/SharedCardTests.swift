import ISO7816
import OpenPGP
import Testing
import Token

/// What must not happen to a PIN, whatever the card, the line and other programs do.
@Suite struct SharedCardTests {
    private let card = ScriptedCard()
    private let message: [UInt8] = [0x72]
    private var authenticating: Step { .authenticate(message, KnownKeys.ed25519Signature + "9000") }
    private func refusing(_ status: String) -> Step { .authenticate(message, status) }

    /// A token with a login and the authentication key's public half.
    private func loggedIn() throws -> OpenPGPToken {
        let token = try card.token()
        card.expect(KnownKeys.reading[2], .select, .verify("82"))
        _ = try token.subjectPublicKeyInfo(of: .authenticationKey)
        try token.login("123456")
        return token
    }

    private func authenticate(_ token: OpenPGPToken) throws {
        _ = try token.sign(with: .authenticationKey, input: message, authorization: nil)
    }

    /// Another program selected another application: one SELECT and one VERIFY put it right.
    @Test(arguments: ["6D00", "6E00"])
    func signsAgainAfterAnotherApplication(_ status: String) throws {
        let token = try loggedIn()
        card.expect(refusing(status), .select, .related(), .isVerified("82"), .verify("82"))
        card.expect(authenticating)
        try authenticate(token)
        card.expect(authenticating)
        try authenticate(token)
        #expect(card.left.isEmpty)
    }

    /// Another program took the verified state and nothing else: the card is not selected again, which would take the
    /// other one's.
    @Test func signsAgainAfterALostState() throws {
        let token = try loggedIn()
        card.expect(refusing("6982"), .related(), .isVerified("82"), .verify("82"), authenticating)
        try authenticate(token)
        #expect(card.left.isEmpty)
    }

    @Test func signsAgainAfterAReset() throws {
        let token = try loggedIn()
        card.continuity = .reset
        card.expect(.select, .related(), .isVerified("82"), .verify("82"), authenticating)
        try authenticate(token)
        #expect(card.left.isEmpty)
    }

    /// pcscd tells of another program's reset a moment before it resets the card, which may so happen at any command of the
    /// transaction that began with the news.
    @Test(arguments: 0..<4)
    func theLoginOutlastsAResetThatComesAfterItsNews(_ index: Int) throws {
        let token = try loggedIn()
        card.continuity = .reset
        let answered: [Step] = [
            .select, .related(), .isVerified("82"), .verify("82"), authenticating,
        ]
        let refused: [Step] = [
            .get("006E", "6D00"), .isVerified("82", "6D00"), .verify("82", "123456", "6D00"), refusing("6D00"),
        ]
        for step in answered.prefix(index + 1) { card.expect(step) }
        card.expect(refused[index])
        // A card that does not tell whether a password is verified is given it, and that is refused as well.
        if index == 1 { card.expect(refused[2]) }
        for step in answered { card.expect(step) }
        try authenticate(token)
        #expect(card.left.isEmpty)
    }

    /// Another application may answer 6982 too.
    @Test func aPINReachesNoOtherApplication() throws {
        let token = try loggedIn()
        card.expect(refusing("6982"), .get("006E", "6982"), .select, .related(), .isVerified("82"))
        card.expect(.verify("82"), authenticating)
        try authenticate(token)
        card.expect(.select, .verify("82", "654321"))
        try token.login("654321")
        #expect(card.left.isEmpty)
    }

    /// The related data of another card, or of none, prove nothing.
    @Test(arguments: ["9000", "6E009000", "6E024F009000", ""])
    func onlyTheCardItselfProvesWhoItIs(_ answer: String) throws {
        let token = try loggedIn()
        let other = answer.isEmpty ? hex(RelatedData(serial: "00000001").encoded) + "9000" : answer
        card.expect(refusing("6982"), .get("006E", other), .select, .related(), .isVerified("82"), .verify("82"))
        card.expect(authenticating)
        try authenticate(token)
        #expect(card.left.isEmpty)
    }

    /// A kept PIN that is refused is never sent again, and the error says what it cost.
    @Test(arguments: [("63C2", 2), ("63C1", 1), ("6982", 2), ("6983", 0), ("6F00", nil)] as [(String, Int?)])
    func aRefusedPINIsNeverSentAgain(_ status: String, _ triesLeft: Int?) throws {
        let token = try loggedIn()
        card.expect(refusing("6982"), .related(), .isVerified("82"), .verify("82", "123456", status))
        #expect(throws: TokenError.keptPINRefused(retriesLeft: triesLeft)) { try authenticate(token) }
        for _ in 0..<3 { #expect(throws: TokenError.notLoggedIn) { try authenticate(token) } }
        #expect(card.left.isEmpty)
    }

    /// The last try is the user's; where the card does not tell, it may be the last one.
    @Test(arguments: [("017F7F7F020003", true), ("017F7F7F010003", false), ("017F7F7F000003", false), ("", false)])
    func theLastTryIsLeftToTheUser(_ passwords: String, _ isSent: Bool) throws {
        let token = try loggedIn()
        card.continuity = .reset
        card.expect(.select, .related(RelatedData(passwords: passwords)))
        if passwords.isEmpty { card.expect(.passwords("")) }
        card.expect(.isVerified("82"))
        if isSent {
            card.expect(.verify("82"), authenticating)
            try authenticate(token)
        } else {
            let left = passwords.isEmpty ? nil : passwords.contains("010003") ? 1 : 0
            #expect(throws: left == nil ? TokenError.notLoggedIn : .keptPINRefused(retriesLeft: left)) {
                try authenticate(token)
            }
            for _ in 0..<3 { #expect(throws: TokenError.notLoggedIn) { try authenticate(token) } }
        }
        #expect(card.left.isEmpty)
    }

    /// Another program reset the card, changed the PIN and verified the new one: the old one would cost a try.
    @Test(arguments: [false, true])
    func aVerifiedCardIsNotVerifiedAgain(_ isReset: Bool) throws {
        let token = try loggedIn()
        card.continuity = isReset ? .reset : .kept
        if isReset {
            card.expect(.select, .related(), .isVerified("82", "9000"), authenticating)
        } else {
            card.expect(refusing("6D00"), .select, .related(), .isVerified("82", "9000"))
            card.expect(authenticating)
        }
        try authenticate(token)
        card.expect(authenticating)
        try authenticate(token)
        #expect(card.left.isEmpty)
    }

    /// 6C08 to VERIFY is refused and not obeyed: the second PIN could cost a second try.
    @Test func aPINIsSentOnceForOneLogin() throws {
        let token = try card.token()
        card.expect(.select, .verify("82", "123456", "6C08"), .passwords("017F7F7F030003"))
        #expect(throws: TokenError.self) { try token.login("123456") }
        #expect(card.left.isEmpty)
    }

    /// A state that the card denies after it was restored is denied for good: no second VERIFY.
    @Test func aRestoredLoginIsRestoredOnce() throws {
        let token = try loggedIn()
        card.expect(refusing("6982"), .related(), .isVerified("82"), .verify("82"), refusing("6982"))
        #expect(throws: TokenError.notLoggedIn) { try authenticate(token) }
        card.continuity = .reset
        card.expect(.select, .related(), .isVerified("82"), .verify("82"), refusing("6982"))
        #expect(throws: TokenError.notLoggedIn) { try authenticate(token) }
        #expect(card.left.isEmpty)
    }

    @Test func aRemovedCardIsRemoved() throws {
        let token = try loggedIn()
        card.failure = .removed
        #expect(throws: TokenError.removed) { try authenticate(token) }
        #expect(throws: TokenError.removed) { try token.login("123456") }
    }

    /// PIV and OpenPGP of one card: selecting the other one in this process ends the epoch, and nothing is asked in vain.
    @Test func theOtherApplicationOfTheSameProcess() throws {
        card.expect(.select, .related())
        let shared = Card(channel: card)
        let token = try #require(try OpenPGPToken.open(shared))
        card.expect(KnownKeys.reading[2], .select, .verify("82"))
        _ = try token.subjectPublicKeyInfo(of: .authenticationKey)
        try token.login("123456")
        for _ in 0..<2 {
            card.expect(Step("00A40400 05 A000000308 00", "9000"))
            try shared.transaction { exchange in
                _ = try? exchange.select([0xA0, 0x00, 0x00, 0x03, 0x08])
            }
            card.expect(.select, .related(), .isVerified("82"), .verify("82"))
            card.expect(authenticating, authenticating)
            for _ in 0..<2 { try authenticate(token) }
        }
        #expect(card.left.isEmpty)
    }
}
