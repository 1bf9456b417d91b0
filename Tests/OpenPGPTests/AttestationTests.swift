import HostCrypto
import ISO7816
import Testing
import Token
import VirtualCard

@testable import OpenPGP

/// Attestation of keys by a YubiKey, and the certificate of its attestation key.
@Suite struct AttestationTests {
    private static let certificate = ObjectReference(.certificate, 0xFC)

    private func made(_ card: SimulatedOpenPGPCard, _ key: UInt32) throws -> [UInt8] {
        try card.token.loginAdministrator("12345678")
        return try card.token.generateKeyPair(.ec(.p256), at: SimulatedOpenPGPCard.place(key), KeyRequest())
    }

    @Test(arguments: [1, 2, 3] as [UInt32]) func aMadeKeyIsAttested(_ key: UInt32) throws {
        let card = try SimulatedOpenPGPCard(.yubiKey57Both)
        let place = SimulatedOpenPGPCard.place(key)
        let publicKey = try made(card, key)
        #expect(throws: TokenError.notLoggedIn) { _ = try card.token.attest(place) }
        try card.token.login("123456")
        #expect(try card.token.attestationPolicy(of: place) == KeyPolicy(pin: .once))
        let attestation = try card.token.attest(place)
        #expect(try Certificate(der: attestation).subjectPublicKeyInfo == publicKey)
        // It is the key's certificate now, for every program.
        #expect(try card.another().value(of: ObjectReference(.certificate, key)) == attestation)
        #expect(try card.another().unfinishedChanges().isEmpty)
    }

    /// What PW1 is good for one signature for, it is good for one attestation for.
    @Test func oneLoginForOneSignature() throws {
        let card = try SimulatedOpenPGPCard(.yubiKey57Both)
        try card.token.loginAdministrator("12345678")
        let place = SimulatedOpenPGPCard.place(1)
        _ = try card.token.generateKeyPair(.ec(.p256), at: place, KeyRequest(pin: .always))
        try card.token.login("123456")
        _ = try card.token.attest(place)
        #expect(try card.token.pinStatus().retriesLeft ?? 3 == 3)
    }

    /// A key that was imported, none, and cards that do not attest: nothing is lost, and no command sent.
    @Test(arguments: [(CardProfile.yubiKey57Both, true), (.yubiKey57Both, false), (.openPGP34, true)])
    func nothingElseIs(_ profile: CardProfile, _ isThere: Bool) throws {
        let info = try PrivateKey.generate(.ec(.p256)).pkcs8()
        let card = try SimulatedOpenPGPCard(profile, keys: isThere ? [.init(slot: "sig", imported: info)] : [])
        try card.token.login("123456")
        card.channel.clearLog()
        #expect(throws: TokenError.unsupported) { _ = try card.token.attest(SimulatedOpenPGPCard.place(1)) }
        #expect(card.channel.log.isEmpty)
    }

    /// The touch is the attestation key's (D9).
    @Test func theAttestationKeyAsksForATouch() throws {
        let card = try SimulatedOpenPGPCard(.yubiKey57Both)
        _ = try made(card, 3)
        let answer = card.channel.card.process([0x00, 0xDA, 0x00, 0xD9, 0x02, 0x01, 0x20])
        #expect(answer == [0x90, 0x00])
        #expect(try card.another().attestationPolicy(of: SimulatedOpenPGPCard.place(3)).touch == .always)
    }

    @Test func theManufacturersCertificateIsFoundByItsName() throws {
        let card = try SimulatedOpenPGPCard(.yubiKey57Both, keys: [.init(slot: "sig", algorithm: "p256")])
        let described = try #require(card.token.catalogue.first { $0.reference == Self.certificate })
        #expect(described.id == [0x81] && described.label == "ATT certificate" && !described.isWritable)
        let all = card.token.catalogue.filter { !$0.isPrivate }.map(\.reference)
        card.channel.clearLog()
        #expect(try !card.token.present(among: all, areNamed: false).contains(Self.certificate))
        #expect(!card.channel.log.contains { $0.command[1...3] == [0xCA, 0x00, 0xFC] })
        #expect(try card.token.present(among: [Self.certificate], areNamed: true) == [Self.certificate])
        let value = try card.token.value(of: Self.certificate)
        #expect(try Certificate(der: value).commonName == "Martlet Simulated OpenPGP Attestation")
        #expect(throws: TokenError.readOnly) { try card.token.write(value, to: Self.certificate, ifStill: nil) }
        // It is the maker's, and survives a reset.
        try card.token.reset(administratorSecret: nil)
        #expect(try card.another().value(of: Self.certificate) == value)
    }

    @Test func otherCardsHaveNone() throws {
        let token = try SimulatedOpenPGPCard(.openPGP34).token
        #expect(!token.catalogue.contains { $0.reference == Self.certificate })
    }
}
