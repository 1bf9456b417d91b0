import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard

@testable import PIV

/// GENERAL AUTHENTICATE with the other side's point (SP 800-73-5 part 2, table 7, tag 85).
@Suite struct AgreementTests {
    private func secret(
        _ simulated: SimulatedToken, _ key: UInt32, point: [UInt8], _ authorization: (any UseAuthorization)? = nil
    ) throws(TokenError) -> [UInt8] {
        try simulated.token.sharedSecret(
            with: ObjectReference(.privateKey, key), point: point, authorization: authorization)
    }

    /// Once the key is known, it is one command; by T=0 the answer is fetched with a second one.
    @Test(
        arguments: [
            (.yubiKey57, "p256", .ec(.p256)), (.yubiKey57, "p384", .ec(.p384)), (.yubiKey57, "x25519", .x25519),
            (.plain, "p256", .ec(.p256)), (.plain, "p384", .ec(.p384)),
        ] as [(CardProfile, String, KeyType)])
    func bothSidesHaveTheSecret(_ profile: CardProfile, _ algorithm: String, _ type: KeyType) throws {
        let simulated = try SimulatedToken(
            profile, keys: [.init(reference: 0x9C, algorithm: "p256"), .init(reference: 0x9D, algorithm: algorithm)])
        #expect(try simulated.token.usage(of: ObjectReference(.privateKey, 0x9D)).contains(.derive))
        _ = try simulated.token.policy(of: ObjectReference(.privateKey, 0x9D))
        let (own, peer) = (try simulated.publicKey(0x9D), try PrivateKey.generate(type))
        try simulated.login()
        var shared: [UInt8] = []
        let cost = try simulated.commands {
            shared = try secret(simulated, 0x9D, point: peer.publicKey.octets)
        }
        #expect(try shared == peer.sharedSecret(with: own))
        #expect(cost.filter { $0 != "GET RESPONSE" } == ["GENERAL AUTHENTICATE"])
    }

    /// Nothing is sent for a point that is none, in another form, or one of small order.
    @Test(arguments: [("p256", .ec(.p256)), ("x25519", .x25519)] as [(String, KeyType)])
    func aWrongPointIsNotSent(_ algorithm: String, _ type: KeyType) throws {
        let simulated = try SimulatedToken(keys: [
            .init(reference: 0x9C, algorithm: "p256"), .init(reference: 0x9D, algorithm: algorithm),
        ])
        try simulated.login()
        _ = try simulated.publicKey(0x9D)
        let point = try PrivateKey.generate(type).publicKey.octets
        var wrong = [[], Array(point.dropLast()), point + [0], [UInt8](repeating: 0, count: point.count)]
        if case .ec = type { wrong.append([2 + (point.last ?? 0) & 1] + point[1...32]) }
        let cost = simulated.commands {
            for point in wrong {
                #expect(throws: TokenError.dataInvalid) { try secret(simulated, 0x9D, point: point) }
            }
        }
        #expect(cost.isEmpty)
    }

    /// RSA keys agree on nothing, and on a card that is no YubiKey neither does a key for signatures.
    @Test func onlyKeysForAgreementAgree() throws {
        let point = try PrivateKey.generate(.ec(.p256)).publicKey.octets
        for (profile, key) in [(CardProfile.yubiKey57, 0x9A), (.plain, 0x9C)] as [(CardProfile, UInt32)] {
            let simulated = try SimulatedToken(profile)
            try simulated.login()
            #expect(throws: TokenError.unsupported) { try secret(simulated, key, point: point) }
        }
    }

    /// A key with the PIN policy "always", such as a YubiKey's 9C: the PIN is for one agreement.
    @Test func thePINForOneUse() throws {
        let simulated = try SimulatedToken()
        try simulated.login()
        _ = try simulated.sign(0x9A)
        let peer = try PrivateKey.generate(.ec(.p256))
        let point = peer.publicKey.octets
        #expect(throws: TokenError.useNotAuthenticated) { try secret(simulated, 0x9C, point: point) }
        let authorization = try simulated.authenticate(0x9C)
        let shared = try secret(simulated, 0x9C, point: point, authorization)
        #expect(try shared == peer.sharedSecret(with: simulated.publicKey(0x9C)))
        #expect(throws: TokenError.useNotAuthenticated) { try secret(simulated, 0x9C, point: point) }
    }

    /// A card that answers something else than a coordinate.
    @Test func anAnswerOfAnotherLengthIsNoSecret() throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9D, algorithm: "p256", pinPolicy: .never)])
        let card = InterceptedCard(simulated.channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        card.intercept = { (command) throws(ChannelError) in
            command[1] == 0x87 ? [0x7C, 0x03, 0x82, 0x01, 0x05, 0x90, 0x00] : nil
        }
        let point = try PrivateKey.generate(.ec(.p256)).publicKey.octets
        #expect(throws: TokenError.failed("GENERAL AUTHENTICATE: the secret has a wrong length")) {
            try token.sharedSecret(with: ObjectReference(.privateKey, 0x9D), point: point, authorization: nil)
        }
    }
}
