import ISO7816
import PIV
import Testing
import Token
import VirtualCard

@Suite("The administrator's login") struct AdministratorTests {
    static let object = ObjectReference(.data, 0x5FC102)
    static let value: [UInt8] = [0x30, 0x01, 0x55, 0xFE, 0x00]
    static let proof = ["GENERAL AUTHENTICATE", "GENERAL AUTHENTICATE"]

    /// The well-known key in the cipher's length.
    static func key(_ algorithm: ManagementAlgorithm) -> String {
        let digits = SimulatedToken.managementKey + SimulatedToken.managementKey
        let count = [ManagementAlgorithm.aes128: 32, .aes256: 64][algorithm] ?? 48
        return String(digits.prefix(count))
    }

    /// What the login costs; a card with metadata tells the cipher, another one is asked for Triple DES first.
    @Test(arguments: ManagementAlgorithm.allCases, [CardProfile.yubiKey57, .yubiKeyShort, .plain])
    func everyCipherProvesTheKey(_ algorithm: ManagementAlgorithm, _ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: []) { $0.state.setManagementKey(algorithm) }
        let commands = try simulated.commands { try simulated.loginAdministrator(Self.key(algorithm)) }
        let isTriedAfterTripleDES = profile == .plain && algorithm == .aes192
        let ownCommands = commands.filter { $0 != "GET RESPONSE" && $0 != "GET VERSION" }
        #expect(
            ownCommands == ["SELECT", "GET METADATA 9B"]
                + (isTriedAfterTripleDES ? ["GENERAL AUTHENTICATE"] : []) + Self.proof)
        #expect(try simulated.commands { try simulated.token.write(Self.value, to: Self.object) } == ["PUT DATA"])
        #expect(try simulated.another().token.value(of: Self.object) == Self.value)
    }

    @Test(arguments: [
        ("", TokenError.pinLengthOutOfRange), ("0102", .pinLengthOutOfRange),
        (String(repeating: "0", count: 47), .pinLengthOutOfRange),
        (String(repeating: "0", count: 66), .pinLengthOutOfRange), (String(repeating: "g", count: 48), .pinMalformed),
        (String(repeating: "0", count: 46) + "é", .pinMalformed),
        (String(repeating: "0", count: 47) + ":", .pinMalformed),
    ])
    func theFormIsCheckedBeforeAnythingIsSent(_ key: String, _ expected: TokenError) throws {
        let simulated = try SimulatedToken(keys: [])
        let commands = simulated.commands {
            #expect(throws: expected) { try simulated.loginAdministrator(key) }
        }
        #expect(commands.isEmpty)
    }

    /// SET MANAGEMENT KEY with AB in every byte, as the administrator of the moment.
    static func changeKey(of simulated: SimulatedToken, touch: UInt8 = 0xFF) {
        let change = [0x00, 0xFF, 0xFF, touch, 0x1B, 0x0A, 0x9B, 0x18] + [UInt8](repeating: 0xAB, count: 24)
        #expect(simulated.channel.card.process(change) == [0x90, 0x00])
    }

    @Test func digitsAreOfEitherCase() throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        Self.changeKey(of: simulated)
        for digits in ["ab", "AB", "aB"] {
            try simulated.loginAdministrator(String(repeating: digits, count: 24))
        }
    }

    /// A key of another cipher's length is told before it is tried, where the card tells its cipher.
    @Test(arguments: [
        (CardProfile.yubiKey57, String(repeating: "00", count: 24), TokenError.pinIncorrect(retriesLeft: nil)),
        (.plain, String(repeating: "00", count: 24), .pinIncorrect(retriesLeft: nil)),
        (.yubiKey57, String(repeating: "00", count: 32), .pinLengthOutOfRange),
        (.plain, String(repeating: "00", count: 32), .pinIncorrect(retriesLeft: nil)),
        (.yubiKey4, String(repeating: "00", count: 16), .pinIncorrect(retriesLeft: nil)),
    ])
    func aWrongKeyIsIncorrect(_ profile: CardProfile, _ key: String, _ expected: TokenError) throws {
        let simulated = try SimulatedToken(profile, keys: [])
        let commands = simulated.commands { #expect(throws: expected) { try simulated.loginAdministrator(key) } }
        #expect(commands.count { $0 == "GENERAL AUTHENTICATE" } <= 2)
        #expect(throws: TokenError.notLoggedIn) { try simulated.token.write(Self.value, to: Self.object) }
        try simulated.loginAdministrator()
        try simulated.token.write(Self.value, to: Self.object)
    }

    @Test(arguments: Interference.allCases)
    func writesAgainAfter(_ interference: Interference) throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        simulated.channel.meanwhile = interference.act(on:)
        // The card shows that it is the same one.
        let restored = ["SELECT", "GET DATA 5FC102"] + Self.proof + ["PUT DATA"]
        let expected =
            switch interference {
            case .nothing: ["PUT DATA"]
            case .selectsAnother, .resetsAndTellsNobody: ["PUT DATA"] + restored
            case .resets: restored
            }
        for byte in UInt8(0)..<3 {
            let commands = try simulated.commands { try simulated.token.write([0x30, 0x01, byte], to: Self.object) }
            #expect(commands == expected)
        }
        #expect(try simulated.another().token.value(of: Self.object) == [0x30, 0x01, 0x02])
    }

    /// Another program selected its own application and then PIV: reading shows PIV, and only writing that the proof is
    /// gone.
    @Test func writesAgainAfterPIVWasSelectedAnew() throws {
        let simulated = try SimulatedToken(keys: [])
        let printed = ObjectReference(.data, 0x5FC109)
        try simulated.loginAdministrator()
        simulated.channel.meanwhile = { card in
            _ = Interference.selectsAnother.act(on: card)
            _ = card.process([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08])
            return .kept
        }
        let search = ["GET DATA 5FFF00", "SELECT", "GET DATA 5FFF00"]
        let commands = try simulated.commands { try simulated.token.write(Self.value, to: printed) }
        let restored = ["SELECT", "GET DATA 5FC102"] + Self.proof
        #expect(commands == search + ["PUT DATA"] + restored + ["GET DATA 5FFF00", "PUT DATA"], "\(commands)")
    }

    /// Another program changed the management key: the one that is kept here is tried once and then forgotten.
    @Test func aRefusedKeyIsNeverTriedAgain() throws {
        let simulated = try SimulatedToken(keys: [])
        let other = try simulated.another()
        try simulated.loginAdministrator()
        try other.loginAdministrator()
        Self.changeKey(of: simulated)
        simulated.channel.meanwhile = Interference.resets.act(on:)
        for expected in [["SELECT", "GET DATA 5FC102"] + Self.proof, ["SELECT"], ["SELECT"]] {
            let commands = simulated.commands {
                #expect(throws: TokenError.notLoggedIn) { try simulated.token.write(Self.value, to: Self.object) }
            }
            #expect(commands == expected)
        }
    }

    @Test func oneLoginEndsTheOther() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        try simulated.loginAdministrator()
        #expect(throws: TokenError.notLoggedIn) { _ = try simulated.sign(0x9A) }
        try simulated.login()
        #expect(throws: TokenError.administratorNeeded) { try simulated.token.write(Self.value, to: Self.object) }
        _ = try simulated.sign(0x9A)
    }

    /// What another program would find after the logout; the first command alone does for a card like ours.
    @Test func logoutEndsTheCardsOwnState() throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        #expect(simulated.commands { simulated.token.logout() } == Self.proof)
        let put: [UInt8] = [0x00, 0xDB, 0x3F, 0xFF, 0x08, 0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x01, 0x00]
        #expect(simulated.channel.card.process(put) == [0x69, 0x82])
        #expect(throws: TokenError.notLoggedIn) { try simulated.token.write(Self.value, to: Self.object) }
        #expect(simulated.commands { simulated.token.logout() }.isEmpty)
    }

    /// Nothing is sent where the state is known to be gone, and nothing that asks for a touch.
    @Test func logoutSendsNothingWhereTheStateIsGone() throws {
        let reset = try SimulatedToken(keys: [])
        try reset.loginAdministrator()
        reset.channel.meanwhile = Interference.resets.act(on:)
        #expect(reset.commands { reset.token.logout() }.isEmpty)

        let touched = try SimulatedToken(keys: [])
        try touched.loginAdministrator()
        Self.changeKey(of: touched, touch: 0xFE)
        try touched.loginAdministrator(String(repeating: "AB", count: 24))
        #expect(touched.commands { touched.token.logout() } == ["GENERAL AUTHENTICATE"])
    }
}
