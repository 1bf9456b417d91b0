import HostCrypto
import Testing
import Token
import VirtualCard

@Suite struct SigningTests {
    /// What one signature costs once the user is logged in.
    struct Cost: Sendable {
        let profile: CardProfile
        let algorithm: String
        let commands: [String]

        static let single = ["GENERAL AUTHENTICATE"]
        /// RSA 2048 over short APDUs: 266 bytes of command and 264 of answer are two pieces each.
        static let chained = ["GENERAL AUTHENTICATE (part)", "GENERAL AUTHENTICATE", "GET RESPONSE"]
        static let all: [Cost] =
            ["rsa1024", "rsa2048", "rsa3072", "rsa4096", "p256", "p384", "ed25519"].map {
                Cost(profile: .yubiKey57, algorithm: $0, commands: single)
            } + [
                Cost(profile: .yubiKeyShort, algorithm: "rsa2048", commands: chained),
                Cost(profile: .yubiKeyShort, algorithm: "rsa1024", commands: single),
                Cost(profile: .yubiKeyShort, algorithm: "p256", commands: single),
                Cost(profile: .yubiKey4, algorithm: "rsa2048", commands: chained),
                // T=0: the answer is always fetched.
                Cost(profile: .plain, algorithm: "rsa2048", commands: chained + ["GET RESPONSE"]),
                Cost(profile: .plain, algorithm: "p256", commands: single + ["GET RESPONSE"]),
            ]
    }

    @Test(arguments: Cost.all)
    func everyKeySigns(_ cost: Cost) throws {
        let simulated = try SimulatedToken(cost.profile, keys: [.init(reference: 0x9A, algorithm: cost.algorithm)])
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
        let commands = try simulated.commands { _ = try simulated.sign(0x9A) }
        #expect(commands == cost.commands)
    }

    @Test(arguments: [CardProfile.yubiKey57, .plain])
    func theDigitalSignatureKeyWantsThePINEachTime(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        #expect(throws: TokenError.useNotAuthenticated) { _ = try simulated.sign(0x9C) }
        try simulated.login()
        #expect(try simulated.token.policy(of: ObjectReference(.privateKey, 0x9C)).pin == .always)
        // The login was for the first use.
        #expect(try simulated.verifies(simulated.sign(0x9C), 0x9C))
        #expect(throws: TokenError.useNotAuthenticated) { _ = try simulated.sign(0x9C) }
        let authorization = try simulated.authenticate(0x9C)
        // It is for whoever holds it, and for nobody else in the process.
        #expect(throws: TokenError.useNotAuthenticated) { _ = try simulated.sign(0x9C) }
        #expect(try simulated.verifies(simulated.sign(0x9C, authorization), 0x9C))
        // The others are none the worse for it.
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    /// A program that logs in and then signs once gives the same PIN twice; the card needs it once.
    @Test func theFirstSignatureAfterLoginNeedsNoSecondVERIFY() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        _ = try simulated.token.policy(of: ObjectReference(.privateKey, 0x9C))
        for cost in [[], ["SELECT", "VERIFY"]] {
            var authorization: (any UseAuthorization)?
            #expect(try simulated.commands { authorization = try simulated.authenticate(0x9C) } == cost)
            let signing = try simulated.commands { _ = try simulated.sign(0x9C, authorization) }
            #expect(signing == ["GENERAL AUTHENTICATE"])
        }
    }

    @Test func aWrongPINForASingleUseCostsATry() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        _ = try simulated.sign(0x9A)
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) {
            _ = try simulated.authenticate(0x9C, "654321")
        }
        #expect(throws: TokenError.useNotAuthenticated) { _ = try simulated.sign(0x9C) }
    }

    @Test(arguments: Interference.allCases)
    func aSingleUseSurvives(_ interference: Interference) throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        _ = try simulated.sign(0x9A)
        let authorization = try simulated.authenticate(0x9C)
        simulated.channel.meanwhile = interference.act(on:)
        #expect(try simulated.verifies(simulated.sign(0x9C, authorization), 0x9C))
        #expect(throws: TokenError.useNotAuthenticated) { _ = try simulated.sign(0x9C) }
    }

    @Test(arguments: [CardProfile.yubiKey57, .plain])
    func theCardAuthenticationKeyNeedsNoLogin(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        #expect(try simulated.verifies(simulated.sign(0x9E), 0x9E))
    }

    @Test func aPINPolicyOfTheKeyGoesBeforeTheSpecification() throws {
        let simulated = try SimulatedToken(keys: [
            .init(reference: 0x9A, algorithm: "p256", pinPolicy: .always),
            .init(reference: 0x9C, algorithm: "p256", pinPolicy: .once),
            .init(reference: 0x9D, algorithm: "p256", pinPolicy: .never),
        ])
        #expect(try simulated.verifies(simulated.sign(0x9D), 0x9D))
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x9C), 0x9C))
        #expect(throws: TokenError.useNotAuthenticated) { _ = try simulated.sign(0x9A) }
    }

    @Test func rsaDecrypts() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        let message = Array("a secret".utf8)
        let key = try simulated.publicKey(0x9D)
        guard case .rsa(let modulus, _) = key else { throw TokenError.unsupported }
        let ciphertext = try key.encryptPKCS1(message)
        let block = try simulated.token.decipher(
            with: ObjectReference(.privateKey, 0x9D), ciphertext: ciphertext, authorization: nil)
        #expect(block.count == modulus.count)
        #expect(Array(block.suffix(message.count)) == message)
    }
}
