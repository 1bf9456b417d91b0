import ISO7816
import OpenPGP
import Testing
import Token

/// One login serves all keys with one prompt, and spends no try that nobody wanted spent.
@Suite struct LoginTests {
    private let card = ScriptedCard()
    private let hash = KnownKeys.p256Hash
    private let message: [UInt8] = [0x72]

    /// A token whose signature and authentication keys are known.
    private func knownKeys(_ related: RelatedData = RelatedData()) throws -> OpenPGPToken {
        let token = try card.token(related)
        card.expect(KnownKeys.reading[0], KnownKeys.reading[2])
        for key in [ObjectReference.signatureKey, .authenticationKey] { _ = try token.subjectPublicKeyInfo(of: key) }
        return token
    }

    private func signs(_ token: OpenPGPToken, _ authorization: (any UseAuthorization)? = nil) throws {
        _ = try token.sign(with: .signatureKey, input: hash, authorization: authorization)
    }

    private func authenticates(_ token: OpenPGPToken) throws {
        _ = try token.sign(with: .authenticationKey, input: message, authorization: nil)
    }

    private var signing: Step { .sign(hash, KnownKeys.p256Signature + "9000") }
    private var authenticating: Step { .authenticate(message, KnownKeys.ed25519Signature + "9000") }

    @Test func oneLoginServesAllKeysAndEachFurtherUseIsOneCommand() throws {
        let token = try knownKeys()
        card.expect(.select, .verify("82"))
        try token.login("123456")
        card.expect(authenticating, authenticating)
        for _ in 0..<2 { try authenticates(token) }
        // Mode 81 is verified with the same PIN when it is first needed.
        card.expect(.related(), .verify("81"), signing, signing, authenticating, signing)
        for _ in 0..<2 { try signs(token) }
        try authenticates(token)
        try signs(token)
        #expect(card.left.isEmpty)
    }

    /// Bit 8 of the length bytes in C4: PIN block format 2 (ISO 9564-1), for PW1, PW3 or both. That the extended
    /// capabilities tell of it alone changes nothing.
    @Test(
        arguments: [
            ("01FF7F7F030003", "1234567", "082712 34567FFFFFFF", "3132333435363738"),
            ("017F7FFF030003", "123456", "06313233343536", "2812345678FFFFFF"),
            ("01887F88030003", "123456789012", "082C123456789012FF", "2812345678FFFFFF"),
            ("017F7F7F030003", "123456", "06313233343536", "3132333435363738"),
        ])
    func pinsMayBeBlocks(_ passwords: String, _ pin: String, _ user: String, _ administrator: String) throws {
        let related = RelatedData(capabilities: "7C00 0800 0800 00FF 01 00", passwords: passwords)
        let token = try card.token(related)
        card.expect(.select, .passwords(passwords), Step("00200082" + user, "9000"))
        try token.login(pin)
        card.expect(.select, .passwords(passwords), Step("0020008308" + administrator, "9000"))
        try token.loginAdministrator("12345678")
        #expect(card.left.isEmpty)
    }

    /// Another program has the card want blocks, and not only resets it: the form that was known at the last look is not
    /// believed. A card that cannot want them is not asked.
    @Test(arguments: [(true, "01FF7F7F030003"), (false, "01FF7F7F030003"), (true, "017F7F7F030003")])
    func aChangedFormIsNoticedBeforeThePINIsSent(_ mayWantBlocks: Bool, _ passwords: String) throws {
        let token = try card.token(RelatedData(capabilities: "7C00 0800 0800 00FF \(mayWantBlocks ? "01" : "00") 00"))
        card.continuity = .reset
        let wantsBlock = mayWantBlocks && passwords.hasPrefix("01FF")
        card.expect(.select)
        if mayWantBlocks { card.expect(.passwords(passwords)) }
        card.expect(Step("00200082" + (wantsBlock ? "0826123456FFFFFFFF" : "06313233343536"), "9000"))
        try token.login("123456")
        #expect(card.left.isEmpty)
    }

    @Test(arguments: [("12345", true), ("1234567890123", true), ("123a56", false), ("123\u{E4}56", false)])
    func whatIsNoBlockIsNotSent(_ pin: String, _ isLength: Bool) throws {
        let token = try card.token(RelatedData(passwords: "01FF7F7F030003"))
        #expect(throws: isLength ? TokenError.pinLengthOutOfRange : .pinMalformed) { try token.login(pin) }
        #expect(card.left.isEmpty)
    }

    @Test func withoutLoginNothingIsSent() throws {
        let token = try knownKeys()
        #expect(throws: TokenError.notLoggedIn) { try signs(token) }
        #expect(throws: TokenError.notLoggedIn) { try authenticates(token) }
        #expect(card.left.isEmpty)
    }

    /// "PW1 valid for one signature": the first byte of C4 is 00.
    @Test func aSignatureMayWantThePINEachTime() throws {
        let related = RelatedData(passwords: "007F7F7F030003")
        let token = try knownKeys(related)
        #expect(try token.policy(of: .signatureKey).pin == .always)
        #expect(try token.policy(of: .authenticationKey).pin == .once)
        #expect(throws: TokenError.useNotAuthenticated) { try signs(token) }
        card.expect(.select, .verify("82"))
        try token.login("123456")
        // The login was for the first use.
        card.expect(.related(related), .verify("81"), signing)
        try signs(token)
        #expect(throws: TokenError.useNotAuthenticated) { try signs(token) }
        for _ in 0..<2 {
            // The application is selected for a PIN that was just given, and the login's state given back.
            card.expect(.select, .verify("81"), .verify("82"), signing)
            let authorization = try token.authenticate("123456")
            #expect(throws: TokenError.useNotAuthenticated) { try signs(token) }
            try signs(token, authorization)
        }
        card.expect(authenticating)
        try authenticates(token)
        #expect(card.left.isEmpty)
    }

    /// A program that logs in and then signs once gives the same PIN twice; one more VERIFY is all that the card needs.
    @Test func theFirstSignatureAfterLoginNeedsOneMoreVERIFY() throws {
        let related = RelatedData(passwords: "007F7F7F030003")
        let token = try knownKeys(related)
        card.expect(.select, .verify("82"))
        try token.login("123456")
        let authorization = try token.authenticate("123456")
        card.expect(.related(related), .verify("81"), signing)
        try signs(token, authorization)
        #expect(card.left.isEmpty)
    }

    /// Somebody else makes PW1 valid for one signature only: the login is then not for all of them.
    @Test func aChangedPasswordStatusIsHonoured() throws {
        let token = try knownKeys()
        card.expect(.select, .verify("82"))
        try token.login("123456")
        card.expect(.related(RelatedData(passwords: "007F7F7F030003")))
        #expect(throws: TokenError.useNotAuthenticated) { try signs(token) }
        #expect(try token.policy(of: .signatureKey).pin == .always)
        card.expect(authenticating)
        try authenticates(token)
        #expect(card.left.isEmpty)
    }

    /// Section 7.2.2: 63CX, or 6982 and the tries in C4.
    @Test(
        arguments: [
            ("63C2", nil, TokenError.pinIncorrect(retriesLeft: 2)), ("63C0", nil, .pinBlocked),
            ("6982", "017F7F7F020003", .pinIncorrect(retriesLeft: 2)), ("6982", "017F7F7F000003", .pinBlocked),
            ("6982", "", .pinIncorrect(retriesLeft: nil)), ("6983", nil, .pinBlocked), ("6A80", nil, .pinMalformed),
        ] as [(String, String?, TokenError)])
    func aWrongPINCostsOneTry(_ status: String, _ passwords: String?, _ expected: TokenError) throws {
        let token = try knownKeys()
        card.expect(.select, .verify("82", "654321", status), .passwords(passwords ?? "017F7F7F020003"))
        #expect(throws: expected) { try token.login("654321") }
        #expect(throws: TokenError.notLoggedIn) { try authenticates(token) }
        #expect(card.left.isEmpty)
    }

    /// What cards answer to VERIFY beside what the specification names is a failure of the login, and of nothing else.
    @Test(arguments: ["6A81", "6A88", "6985", "6600", "6D00", "6F00"])
    func aRefusedLoginIsAFailure(_ status: String) throws {
        let token = try knownKeys()
        card.expect(.select, .verify("82", "123456", status), .passwords("017F7F7F030003"))
        let isOfReader = ["6A81", "6985"].contains(status)
        let text = "VERIFY answered \(status)" + (isOfReader ? ": the card takes no PIN over this reader" : "")
        #expect(throws: TokenError.failed(text)) { try token.login("123456") }
        #expect(card.left.isEmpty)
    }

    @Test(arguments: ["12345", "", String(repeating: "1", count: 33)])
    func lengthsAreCheckedBeforeATryIsSpent(_ pin: String) throws {
        let token = try card.token(RelatedData(passwords: "01202020030003"))
        #expect(try token.information().pinLengths == 6...32)
        #expect(throws: TokenError.pinLengthOutOfRange) { try token.login(pin) }
        #expect(throws: TokenError.pinLengthOutOfRange) { try token.loginAdministrator(pin) }
        #expect(throws: TokenError.pinLengthOutOfRange) { try token.loginAdministrator("1234567") }
    }

    /// UTF-8 counts in bytes, and is sent as it is.
    @Test func aPINIsText() throws {
        let token = try card.token()
        card.expect(.select, .verify("82", "äöü"))
        try token.login("äöü")
        #expect(card.left.isEmpty)
    }

    @Test func logoutTakesTheCardsStateBack() throws {
        let token = try knownKeys()
        card.expect(.select, .verify("82"), .related(), .verify("81"), signing)
        try token.login("123456")
        try signs(token)
        card.expect(Step("0020FF81", "9000"), Step("0020FF82", "9000"))
        token.logout()
        #expect(throws: TokenError.notLoggedIn) { try authenticates(token) }
        token.logout()
        #expect(card.left.isEmpty)
    }

    /// Before version 3 there is no such command.
    @Test func anOlderCardForgetsAtItsReset() throws {
        let related = RelatedData.version2
        let token = try knownKeys(related)
        card.expect(.select, .verify("82"))
        try token.login("123456")
        token.logout()
        #expect(throws: TokenError.notLoggedIn) { try authenticates(token) }
        #expect(card.left.isEmpty)
    }

    @Test func logoutForgetsThePINWithoutTheCard() throws {
        let token = try knownKeys()
        card.expect(.select, .verify("82"))
        try token.login("123456")
        card.failure = .heldByAnother
        token.logout()
        card.failure = nil
        card.continuity = .reset
        // A reset card is selected before it turns out that there is no PIN to give it.
        card.expect(.select)
        #expect(throws: TokenError.notLoggedIn) { try authenticates(token) }
        #expect(card.left.isEmpty)
    }

    @Test func aPermissionEndsWithItsLogin() throws {
        let related = RelatedData(passwords: "007F7F7F030003")
        let token = try knownKeys(related)
        card.expect(.select, .verify("82"))
        try token.login("123456")
        let authorization = try token.authenticate("123456")
        card.expect(Step("0020FF82", "9000"))
        token.logout()
        #expect(throws: TokenError.useNotAuthenticated) { try signs(token, authorization) }
        #expect(card.left.isEmpty)
    }

    @Test func aWrongPINEndsWhatTheLoginWasFor() throws {
        let related = RelatedData(passwords: "007F7F7F030003")
        let token = try knownKeys(related)
        card.expect(.select, .verify("82"))
        try token.login("123456")
        card.expect(.select, .verify("81", "654321", "63C2"), .passwords("007F7F7F020003"))
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { _ = try token.authenticate("654321") }
        #expect(throws: TokenError.useNotAuthenticated) { try signs(token) }
        // The card has dropped its state; the login stands, and is restored.
        card.expect(.related(related), .isVerified("82"), .verify("82"), authenticating)
        try authenticates(token)
        #expect(card.left.isEmpty)
    }
}
