import HostCrypto
import ISO7816
import OpenPGP
import Testing
import Token

/// Cards of all ages and in all states are shown as far as they go.
@Suite struct CardKindTests {
    private let card = ScriptedCard()
    private let keys = (1...3).map { ObjectReference(.privateKey, $0) }
    private let certificates = (1...3).map { ObjectReference(.certificate, $0) }
    private let data = (0x0101...0x0104).map { ObjectReference(.data, UInt32($0)) }

    @Test(arguments: [
        (RelatedData(), TokenIdentity.truthful, "ZeitControl", "OpenPGP card 3.4", "000512345678"),
        (RelatedData(version: "0200", manufacturer: "F517"), .truthful, "FSIJ", "OpenPGP card 2.0", "f51712345678"),
        (
            RelatedData(version: "0341", manufacturer: "FF42"), .truthful, "unmanaged S/N range", "OpenPGP card 3.4",
            "ff4212345678"
        ),
        (RelatedData(manufacturer: "000F"), .truthful, "Nitrokey", "OpenPGP card 3.4", "000f12345678"),
        (RelatedData(manufacturer: "000F"), .opensc, "OpenPGP project", "PKCS#15 emulated", "000f12345678"),
        (RelatedData(), .opensc, "ZeitControl", "PKCS#15 emulated", "000512345678"),
    ])
    func tokensSayWhoTheyAre(
        _ related: RelatedData, _ identity: TokenIdentity, _ manufacturer: String, _ model: String,
        _ serial: String
    ) throws {
        let information = try card.token(related, identity: identity).information()
        #expect(information.label == "OpenPGP card (User PIN)")
        #expect(information.manufacturer == manufacturer)
        #expect(information.model == model)
        #expect(information.serialNumber == serial)
        #expect(information.pinLengths == 6...127)
    }

    private static let rsaKeys = [String](repeating: KnownKeys.rsa2048Attributes, count: 3)
    /// P-256, P-521 and Ed448 to sign, RSA with 2048 bits and X448 to decrypt, and brainpoolP384r1.
    private static let list = [
        ("C1", KnownKeys.p256Attributes), ("C1", "13 2B81040023"), ("C1", "16 2B6571"),
        ("C2", KnownKeys.rsa2048Attributes),
        ("C2", "12 2B656F"), ("C2", "12 2B240303020801010B"), ("C3", "7F"),
    ].map { tag, value in tag + hex([UInt8(bytes(value).count)]) + value }.joined()

    /// What a card can have is what its keys are, and what it lists for them (tag FA); where it lists nothing, RSA. It is
    /// asked once, and not at all where its keys cannot become others.
    @Test(
        arguments: [
            (
                RelatedData(), list + "9000",
                CardAlgorithms(
                    rsa: 2048...2048, ecdsa: 256...521, edDSA: 255...448, agreement: 384...384, montgomery: 255...448)
            ),
            (RelatedData(version: "0200", algorithms: rsaKeys), "6A88", CardAlgorithms(rsa: 2048...4096)),
            (
                RelatedData(version: "0200"), "6A88",
                CardAlgorithms(rsa: 2048...4096, ecdsa: 256...256, edDSA: 255...255, montgomery: 255...255)
            ),
            (
                RelatedData(capabilities: "7A00 0800 0800 00FF 00 00", algorithms: rsaKeys), nil,
                CardAlgorithms(rsa: 2048...2048, hasAES: true)
            ),
        ] as [(RelatedData, String?, CardAlgorithms)])
    func cardsTellTheirAlgorithms(_ related: RelatedData, _ list: String?, _ expected: CardAlgorithms) throws {
        let token = try card.token(related)
        if let list { card.expect(.get("00FA", list)) }
        // That it lists nothing is believed of this application alone.
        if list == "6A88" { card.expect(.related(related)) }
        for _ in 0..<2 { #expect(try token.cardAlgorithms() == expected) }
        #expect(card.left.isEmpty)
    }

    /// The version in the application identifier is the specification's; a YubiKey tells its firmware's when asked.
    @Test func aYubiKeyTellsItsFirmware() throws {
        let token = try card.token(RelatedData(manufacturer: "0006"))
        card.expect(Step("00F1000000", "050704 9000"))
        for _ in 0..<2 {
            #expect(try token.information().firmwareVersion == TokenInformation.Version(major: 5, minor: 7))
        }
        #expect(card.left.isEmpty)
    }

    /// An application that nobody has set up has no keys, by what it tells of itself, until it tells otherwise.
    @Test(
        arguments: [
            (RelatedData(), true), (RelatedData.version2, true), (RelatedData(states: "010002000302"), true),
            (RelatedData(states: nil), true), (RelatedData(states: "010002000300"), false),
            (RelatedData(fingerprints: String(repeating: "00", count: 60), states: "010102000300"), true),
            (RelatedData(fingerprints: String(repeating: "00", count: 60), states: "010002000300"), false),
            (RelatedData(fingerprints: String(repeating: "00", count: 60), states: nil), false),
            (RelatedData(fingerprints: nil, states: nil), false),
        ] as [(RelatedData, Bool)])
    func tokensSayWhetherTheyHoldKeys(_ related: RelatedData, _ holdsKeys: Bool) throws {
        let token = try card.token(related)
        #expect(try token.information().holdsKeys == holdsKeys)
        card.wait(seconds: 5)
        if !holdsKeys { card.expect(.related()) }
        for _ in 0..<2 { #expect(try token.information().holdsKeys) }
        #expect(card.left.isEmpty)
    }

    @Test func objectsHaveTheirNames() throws {
        let catalogue = try card.token().catalogue
        let expected: [(ObjectReference.Kind, [String])] = [
            (.certificate, ["SIG certificate", "DEC certificate", "AUT certificate"]),
            (.publicKey, ["Signature key", "Encryption key", "Authentication key"]),
            (.privateKey, ["Signature key", "Encryption key", "Authentication key"]),
            (.data, ["PrivDO1", "PrivDO2", "PrivDO3", "PrivDO4"]),
        ]
        for (kind, labels) in expected {
            let objects = catalogue.filter { $0.reference.kind == kind }
            #expect(objects.map(\.label) == labels)
            if kind != .data { #expect(objects.map(\.id) == [[1], [2], [3]]) }
            #expect(objects.allSatisfy { $0.isWritable == (kind == .data || kind == .certificate) })
        }
        #expect(catalogue.filter(\.isPrivate).map(\.reference) == keys + data[2...])
        #expect(catalogue.filter { $0.reference.kind == .data }.map(\.application) == expected[3].1)
    }

    /// No word on which keys there are, and no fingerprints: the card is asked for the keys themselves.
    @Test func keysWithoutFingerprint() throws {
        let token = try card.token(RelatedData(fingerprints: String(repeating: "00", count: 60), states: nil))
        card.expect(KnownKeys.reading[0], .readKey("B8", "6A88"), .readKey("A4", "6F00"))
        #expect(try token.present(among: keys, areNamed: false) == [keys[0]])
        #expect(try token.present(among: keys, areNamed: false) == [keys[0]])
        #expect(throws: TokenError.objectNotFound) { _ = try token.subjectPublicKeyInfo(of: keys[1]) }
        #expect(card.left.isEmpty)
    }

    /// A key of a curve that nobody here knows, and one that is none, hide no other.
    @Test(
        arguments: [
            ("13 2A0304", [1, 2, 3]), (KnownKeys.p256Attributes, [4] + [UInt8](repeating: 1, count: 64)),
            (KnownKeys.ed25519Attributes, [UInt8](repeating: 1, count: 31)), ("01 0800 0020 00", [1]),
        ] as [(String, [UInt8])])
    func aKeyOfAnUnknownKind(_ attributes: String, _ point: [UInt8]) throws {
        let token = try card.token(
            RelatedData(algorithms: [attributes, KnownKeys.x25519Attributes, KnownKeys.ed25519Attributes]))
        card.expect(
            .readKey("B6", KnownKeys.template(point)), .selectCertificate("02"), .get("7F21", "9000"),
            KnownKeys.reading[1], KnownKeys.reading[2], .selectCertificate("00"))
        #expect(try token.present(among: keys, areNamed: false) == [keys[1], keys[2]])
        #expect(card.left.isEmpty)
    }

    /// Before version 3 there is one certificate, the authentication key's, and no SELECT DATA.
    @Test func anOlderCardHasOneCertificate() throws {
        let token = try card.token(.version2)
        let certificate = try TestCertificate.der()
        card.expect(.get("7F21", hex(certificate) + "9000"))
        #expect(try token.present(among: certificates, areNamed: false) == [certificates[2]])
        #expect(token.catalogue.filter(\.isWritable).map(\.reference) == [certificates[2]] + data)
        card.expect(KnownKeys.reading)
        #expect(try token.present(among: keys, areNamed: false) == keys)
        #expect(card.left.isEmpty)
    }

    /// A card of version 3 without SELECT DATA (smartcard-app-openpgp) has the first certificate, which others find too.
    @Test func aCardWithoutSelectData() throws {
        let token = try card.token()
        card.expect(.selectCertificate("02", "6D00"), .related(), .get("7F21", "6A88"))
        #expect(try token.present(among: certificates, areNamed: false) == [])
        #expect(card.left.isEmpty)
    }

    /// No room for certificates: none is asked for.
    @Test func aCardWithoutCertificates() throws {
        let token = try card.token(RelatedData(capabilities: "7400 0000 0000 00FF 00 00"))
        #expect(try token.present(among: certificates + data[..<2], areNamed: false) == [])
        #expect(card.left.isEmpty)
    }

    /// A YubiKey 4 follows 2.1 and has Yubico's touch policy, which it tells when asked by name.
    @Test func aYubiKey4TellsItsTouchPolicy() throws {
        var related = RelatedData.version2
        related.manufacturer = "0006"
        let token = try card.token(related)
        card.expect(.get("00D8", "0120 9000"), .get("00D6", "6A88"), .related(related))
        #expect(try token.policy(of: keys[2]).touch == .always)
        #expect(try token.policy(of: keys[0]).touch == .never)
        #expect(try token.policy(of: keys[2]).touch == .always)
        #expect(card.left.isEmpty)
    }

    /// 6285: nothing is there, and nothing is an error.
    @Test func aTerminatedCardIsShownEmpty() throws {
        let terminated = Step(
            Step.select.command, "6F 12 84 10 D27600012401 0304 0005 12345678 0000 6285")
        let token = try #require(try card.open(terminated, .get("006E", "6985")))
        let information = try token.information()
        #expect(information.serialNumber == "000512345678")
        #expect(information.manufacturer == "ZeitControl")
        card.expect(terminated)
        #expect(try token.present(among: keys + certificates, areNamed: false) == [])
        card.expect(terminated)
        #expect(throws: TokenError.unsupported) { try token.login("123456") }
        // It is brought back to life: all is there as usual.
        card.expect(.select, .related(), .verify("82"))
        try token.login("123456")
        #expect(card.left.isEmpty)
    }

    @Test func aBlockedCardSaysSo() throws {
        let related = RelatedData(passwords: "017F7F7F000003")
        let token = try card.token(related)
        #expect(try token.pinStatus().retriesLeft == 0)
        card.expect(.select, .verify("82", "123456", "6983"), .passwords("017F7F7F000003"))
        #expect(throws: TokenError.pinBlocked) { try token.login("123456") }
        card.expect(KnownKeys.reading)
        #expect(try token.present(among: keys, areNamed: false) == keys)
        #expect(card.left.isEmpty)
    }

    /// Three tries are the specification's number; a card with more does not tell how many it gives.
    @Test(arguments: [("03", 3), ("01", 3), ("00", 3), ("05", nil)] as [(String, Int?)])
    func triesAreOutOfThree(_ left: String, _ inAll: Int?) throws {
        let status = try card.token(RelatedData(passwords: "017F7F7F\(left)0003")).pinStatus()
        #expect(status == PINStatus(retriesLeft: Int(left), retriesInAll: inAll))
    }

    /// What is no OpenPGP application, or one of version 1, is not taken for one. A card that does not just say that it has
    /// none is asked twice.
    @Test(
        arguments: [
            [Step(Step.select.command, "6A82")], [Step(Step.select.command, "6D00")],
            [Step(Step.select.command, "6F09 8407 A0000003000000 9000")],
            [.select, .get("006E", "6A88")], [.select, .get("006E", "6D00"), Step("00CA006E00", "6D00")],
            [.select, .get("006E", "6E00 9000")],
            [.select, .related(RelatedData(version: "0101"))],
        ] as [[Step]])
    func onlyOpenPGPIsTakenForOpenPGP(_ steps: [Step]) throws {
        card.expect(steps)
        if steps[0].answer != "6A82" { card.expect(steps) }
        #expect(try card.open() == nil)
        #expect(card.left.isEmpty)
    }

    /// A card that fails for once, or for a while, is not a card without OpenPGP: the second look finds it, or whoever
    /// asks later.
    @Test(
        arguments: [
            [Step(Step.select.command, "6F00")], [Step(Step.select.command, "6400")],
            [Step(Step.select.command, "6581")],
            [.select, .get("006E", "6F00"), Step("00CA006E00", "6F00")],
        ] as [[Step]])
    func aFailureIsNoAbsence(_ steps: [Step]) throws {
        card.expect(steps)
        #expect(try card.open(.select, .related()) != nil)
        card.expect(steps + steps)
        #expect(throws: TokenError.self) { try card.open() }
        #expect(try card.open(.select, .related()) != nil)
        #expect(card.left.isEmpty)
    }
}
