import ISO7816
import PIV
import Testing
import Token
import VirtualCard

/// What people's configurations name must stay what it is: the tables of OpenSC's `pkcs15-piv.c`.
@Suite struct IdentityTests {
    @Test(
        arguments: [
            (0x9A, [0x01], "Certificate for PIV Authentication", "PIV AUTH pubkey", "PIV AUTH key"),
            (0x9C, [0x02], "Certificate for Digital Signature", "SIGN pubkey", "SIGN key"),
            (0x9D, [0x03], "Certificate for Key Management", "KEY MAN pubkey", "KEY MAN key"),
            (0x9E, [0x04], "Certificate for Card Authentication", "CARD AUTH pubkey", "CARD AUTH key"),
            (0x82, [0x05], "Retired Certificate for Key Management 1", "Retired KEY MAN 1", "Retired KEY MAN 1"),
            (0x86, [0x09], "Retired Certificate for Key Management 5", "Retired KEY MAN 5", "Retired KEY MAN 5"),
            (0x87, [0x10], "Retired Certificate for Key Management 6", "Retired KEY MAN 6", "Retired KEY MAN 6"),
            (0x8F, [0x18], "Retired Certificate for Key Management 14", "Retired KEY MAN 14", "Retired KEY MAN 14"),
            (0x95, [0x24], "Retired Certificate for Key Management 20", "Retired KEY MAN 20", "Retired KEY MAN 20"),
        ] as [(UInt32, [UInt8], String, String, String)])
    func keysHaveTheirNames(
        _ key: UInt32, _ id: [UInt8], _ certificate: String, _ publicKey: String, _ privateKey: String
    ) throws {
        let catalogue = try SimulatedToken(keys: []).token.catalogue
        let expected: [(ObjectReference.Kind, String)] = [
            (.certificate, certificate), (.publicKey, publicKey), (.privateKey, privateKey),
        ]
        for (kind, label) in expected {
            let object = try #require(catalogue.first { $0.reference == ObjectReference(kind, key) })
            #expect(object.label == label)
            #expect(object.id == id)
            #expect(object.isPrivate == (kind == .privateKey && key != 0x9E))
        }
    }

    @Test func idsAreUniqueWithinAClass() throws {
        let catalogue = try SimulatedToken(keys: []).token.catalogue
        for kind in [ObjectReference.Kind.certificate, .publicKey, .privateKey] {
            let ids = catalogue.filter { $0.reference.kind == kind }.map(\.id)
            #expect(Set(ids).count == ids.count)
            #expect(ids.count == (kind == .certificate ? 25 : 24))
        }
    }

    @Test(
        arguments: [
            (0x5FC107, "Card Capability Container", "060A608648016503070181 5B00", false),
            (0x5FC102, "Card Holder Unique Identifier", "060A60864801650307023000", false),
            (0x5FC103, "Cardholder Fingerprints", "060A60864801650307026010", true),
            (0x5FC109, "Printed Information", "060A60864801650307023001", true),
            (0x5FC106, "Security Object", "060B6086480165030702811000", false),
            (0x7E, "Discovery Object", "060A60864801650307026050", false),
            (0x5FC120, "Retired X.509 Certificate for Key Management 20", "060A60864801650307021014", false),
            (0x5FC123, "Pairing Code Reference Data Container", "060A60864801650307021018", true),
        ] as [(UInt32, String, String, Bool)])
    func containersHaveTheirNames(_ tag: UInt32, _ name: String, _ identifier: String, _ isPrivate: Bool) throws {
        let catalogue = try SimulatedToken(keys: []).token.catalogue
        let object = try #require(catalogue.first { $0.reference == ObjectReference(.data, tag) })
        #expect(object.label == name)
        #expect(object.application == name)
        let digits = object.objectIdentifier.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
        #expect(digits.dropFirst(2).joined() == identifier.filter { $0 != " " }.dropFirst(4))
        #expect(object.isPrivate == isPrivate)
    }

    @Test(arguments: [
        (CardProfile.yubiKey57, TokenIdentity.truthful, "Yubico", "YubiKey 5 PIV"),
        (.yubiKey4, .truthful, "Yubico", "YubiKey 4 PIV"), (.yubiKey57, .opensc, "piv_II", "PKCS#15 emulated"),
        (.plain, .opensc, "piv_II", "PKCS#15 emulated"),
    ])
    func tokensSayWhoTheyAre(
        _ profile: CardProfile, _ identity: TokenIdentity, _ manufacturer: String, _ model: String
    ) throws {
        let information = try SimulatedToken(profile, identity: identity).token.information()
        #expect(information.manufacturer == manufacturer)
        #expect(information.model == model)
        #expect(information.label == "Martlet 9a")
        #expect(information.serialNumber.count == 16)
    }

    private static let older = CardAlgorithms(rsa: 1024...2048, ecdsa: 256...384, agreement: 256...384)

    /// What a card can have. It is asked for its firmware, and once: of a plain card the Discovery Object, in two parts, shows
    /// that it was PIV which refused. A YubiKey 4 need not be asked.
    @Test(
        arguments: [
            (
                .yubiKey57, nil,
                CardAlgorithms(
                    rsa: 1024...4096, ecdsa: 256...384, edDSA: 255...255, agreement: 256...384, montgomery: 255...255),
                1
            ),
            (.yubiKey57, [5, 4, 3, 0x90, 0x00], older, 1), (.yubiKey57, [0x6D, 0x00], older, nil),
            (.yubiKey4, nil, older, 0),
            (
                .plain, nil,
                CardAlgorithms(rsa: 1024...3072, newRSA: 2048...3072, ecdsa: 256...384, agreement: 256...384), 3
            ),
        ] as [(CardProfile, [UInt8]?, CardAlgorithms, Int?)])
    func cardsTellTheirAlgorithms(
        _ profile: CardProfile, _ version: [UInt8]?, _ expected: CardAlgorithms, _ commands: Int?
    ) throws {
        let card = InterceptedCard(try SimulatedToken(profile, keys: []).channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        card.intercept = { $0[1] == 0xFD ? version : nil }
        let before = card.sent.count
        for _ in 0..<2 { #expect(try token.cardAlgorithms() == expected) }
        if let commands { #expect(card.sent.count == before + commands) }
    }

    /// The firmware costs who does not want it nothing, and is asked for once.
    @Test(
        arguments: [
            (.yubiKey57, TokenInformation.Version(major: 5, minor: 7)), (.yubiKey4, .init(major: 4, minor: 3)),
            (.plain, nil),
        ] as [(CardProfile, TokenInformation.Version?)])
    func firmware(_ profile: CardProfile, _ expected: TokenInformation.Version?) throws {
        let simulated = try SimulatedToken(profile, keys: [])
        _ = try simulated.token.information()
        // A card that does not know the command is asked whether it still is a PIV card.
        for count in [expected == nil ? 6 : 1, 0] {
            var told: TokenInformation.Version?
            let sent = try simulated.commands { told = try simulated.token.firmware() }
            #expect(told == expected && sent.count <= count, "\(sent)")
        }
    }

    /// An application that nobody has set up has no keys, until somebody makes one.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKey4, .plain])
    func tokensSayWhetherTheyHoldKeys(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: [])
        let information = try simulated.token.information()
        #expect(!information.holdsKeys)
        #expect(try simulated.commands { _ = try simulated.token.information() }.isEmpty)
        let other = try simulated.another()
        try other.loginAdministrator()
        // GENERATE ASYMMETRIC KEY PAIR; where there are no metadata the certificate tells of the key.
        _ = simulated.channel.card.process([0x00, 0x47, 0x00, 0x9E, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11, 0x00])
        try other.token.writeContainer(WritingTests.certificates[0], of: .cardAuthentication)
        simulated.clock.advance(milliseconds: 5_000)
        var later = information
        later.holdsKeys = true
        #expect(try simulated.token.information() == later)
        simulated.clock.advance(milliseconds: 5_000)
        #expect(try simulated.commands { _ = try simulated.token.information() }.isEmpty)
    }

    /// The first key brings a CHUID, whose number the next program sees; in this one the serial number stays what it was,
    /// until a reset.
    @Test func theSerialNumberStays() throws {
        let simulated = try SimulatedToken(keys: [], isIdentified: false)
        let serial = try simulated.token.information().serialNumber
        #expect(serial == "1234567")
        try simulated.loginAdministrator()
        _ = try simulated.token.generateKeyPair(.ec(.p256), at: ObjectReference(.privateKey, 0x9A), KeyRequest())
        simulated.clock.advance(milliseconds: 6_000)
        #expect(try simulated.token.information().serialNumber == serial)
        #expect(try simulated.another().token.information().serialNumber.count == 16)
        try simulated.token.reset()
        #expect(try simulated.token.information().serialNumber == serial)
    }

    @Test(arguments: [CardBuilder.CertificatePlan.plain, .none])
    func aKeyWithoutCertificateIsAKey(_ plan: CardBuilder.CertificatePlan) throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9D, algorithm: "p256", certificate: plan)])
        #expect(try simulated.token.information().holdsKeys)
    }

    @Test func aCardWithoutCertificatesHasALabelAndASerialNumber() throws {
        let information = try SimulatedToken(keys: []).token.information()
        #expect(information.label == "PIV_II")
        #expect(information.serialNumber.count == 16)
    }
}
