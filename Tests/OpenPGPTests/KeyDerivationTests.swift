import HostCrypto
import ISO7816
import OpenPGP
import Testing
import Token

/// Cards that want a hash in place of the PIN (section 4.3.2; the PINs and hashes are the specification's examples).
@Suite struct KeyDerivationTests {
    private let card = ScriptedCard()
    private let related = RelatedData(capabilities: "7D00 0800 0800 00FF 00 00")
    private let userHash = "773784A602B6C81E3F092F4D7D00E17CC822D88F7360FCF2D2EF2D9D901F44B6"
    private let administratorHash = "2675D6164A0D4827D1D00C7EEA620D015C00030A1CAB38B4D0DD600B27DC9630"
    private func verify(_ mode: String, _ hash: String) -> Step { Step("002000\(mode) 20 \(hash)", "9000") }

    @Test(arguments: [true, false])
    func theHashIsSent(_ hasOwnTag: Bool) throws {
        let token = try card.token(related)
        let value = bytes(ParsingTests.derivation)
        let answer = hasOwnTag ? [UInt8](tag: 0xF9, value) : value
        card.expect(.select, .get("00F9", hex(answer) + "9000"), verify("82", userHash))
        try token.login("123456")
        // Another program may have changed it since.
        card.expect(.select, .get("00F9", hex(answer) + "9000"), verify("83", administratorHash))
        try token.loginAdministrator("12345678")
        // What is kept is what is sent: a restored login asks for no derivation.
        card.expect(KnownKeys.reading[0], .related(related), .isVerified("81"), verify("81", userHash))
        card.expect(.sign(KnownKeys.p256Hash, KnownKeys.p256Signature + "9000"))
        _ = try token.sign(with: .signatureKey, input: KnownKeys.p256Hash, authorization: nil)
        #expect(card.left.isEmpty)
    }

    /// Another program may have set it up meanwhile, and the PIN itself would cost a try.
    @Test func theDerivationIsReadAnewForALaterLogin() throws {
        let token = try card.token(related)
        card.expect(.select, .get("00F9", "810100 9000"), .verify("82"))
        try token.login("123456")
        card.wait(seconds: 5)
        card.expect(.select, .get("00F9", ParsingTests.derivation + "9000"), verify("82", userHash))
        try token.login("123456")
        #expect(card.left.isEmpty)
    }

    /// A derivation that is not known here spends no try.
    @Test(arguments: ["810107", "810103", "8304FFFFFFFF", "00"])
    func anUnknownDerivationSpendsNoTry(_ value: String) throws {
        let token = try card.token(related)
        card.expect(.select, .get("00F9", value + "9000"))
        #expect(throws: TokenError.self) { try token.login("123456") }
        #expect(card.left.isEmpty)
    }
}
