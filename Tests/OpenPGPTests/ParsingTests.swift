import HostCrypto
import ISO7816
import Keys
import Testing

@testable import OpenPGP

/// Each data object parsed whole, as cards of several makers and versions write it.
@Suite struct ParsingTests {
    @Test(arguments: [(true, false), (false, false), (true, true), (false, true)])
    func relatedDataInEveryShape(_ hasOwnTag: Bool, _ isFlat: Bool) throws {
        var data = RelatedData(interaction: ["0020", "0120", "0320"])
        (data.hasOwnTag, data.isFlat) = (hasOwnTag, isFlat)
        // GET DATA takes the object's own tag off; what remains is the value in all cards.
        let value = hasOwnTag ? Array(try #require(TLVReader(data.encoded).first(0x6E)).value) : data.encoded
        let related = ApplicationRelatedData(parsing: value)
        #expect(related.identifier?.version.description == "3.4")
        #expect(related.identifier?.fullSerialNumber == "000512345678")
        #expect(related.capabilities?.maximumCertificate == 2048)
        #expect(related.capabilities?.features.contains(.privateUse) == true)
        #expect(related.lengths == ExtendedLengthInformation(parsing: bytes("02020800 02020800")[...]))
        #expect(related.passwordStatus?.userTries == 3)
        #expect(related.keys[.signature]?.algorithm == .ecdsa(.known(.ec(.p256))))
        #expect(related.keys[.decryption]?.algorithm == .ecdh(.known(.x25519)))
        #expect(related.keys[.authentication]?.algorithm == .eddsa(.known(.ed25519)))
        #expect(related.keys[.decryption]?.fingerprint == [UInt8](repeating: 0x11, count: 20))
        #expect(related.keys[.decryption]?.timestamp == bytes("5F000002"))
        #expect(related.keys[.decryption]?.state == .imported)
        #expect(OpenPGPKey.allCases.map { related.keys[$0]?.interaction } == [.off, .on, .cached])
    }

    @Test(
        arguments: [
            ("01 0800 0020 00", .rsa(modulusBits: 2048, exponentBits: 32)),
            ("01 1000 0011 02", .rsa(modulusBits: 4096, exponentBits: 17)),
            ("13 2A8648CE3D030107", .ecdsa(.known(.ec(.p256)))), ("13 2A8648CE3D030107 FF", .ecdsa(.known(.ec(.p256)))),
            ("12 2B81040022", .ecdh(.known(.ec(.p384)))), ("13 2B81040023 00", .ecdsa(.known(.ec(.p521)))),
            ("13 2B8104000A", .ecdsa(.known(.ec(.secp256k1)))),
            ("13 2B2403030208010107", .ecdsa(.known(.ec(.brainpoolP256r1)))),
            ("12 2B240303020801010B", .ecdh(.known(.ec(.brainpoolP384r1)))),
            ("13 2B240303020801010D FF", .ecdsa(.known(.ec(.brainpoolP512r1)))),
            ("16 2B06010401DA470F01", .eddsa(.known(.ed25519))), ("16 2B06010401DA470F01 FF", .eddsa(.known(.ed25519))),
            ("16 2B6570", .eddsa(.known(.ed25519))), ("16 2B6571", .eddsa(.known(.ed448))),
            ("12 2B060104019755010501", .ecdh(.known(.x25519))), ("12 2B656E", .ecdh(.known(.x25519))),
            ("12 2B656F FF", .ecdh(.known(.x448))),
            ("13 2A0304", .ecdsa(.unknown([0x2A, 0x03, 0x04]))), ("7F 01 02", .unknown([0x7F, 0x01, 0x02])),
            ("01 08", .unknown([0x01, 0x08])), ("12", .unknown([0x12])), ("", .unknown([])),
        ] as [(String, AlgorithmAttributes)])
    func algorithmAttributes(_ text: String, _ expected: AlgorithmAttributes) {
        #expect(AlgorithmAttributes(parsing: bytes(text)) == expected)
    }

    @Test func algorithmInformation() {
        let information = AlgorithmInformation(
            parsing: bytes("C106 010800002000 C106 011000002000 C209 122A8648CE3D030107 DA0101"))
        #expect(
            information.choices == [
                .signature: [
                    .rsa(modulusBits: 2048, exponentBits: 32), .rsa(modulusBits: 4096, exponentBits: 32),
                ],
                .decryption: [.ecdh(.known(.ec(.p256)))],
            ])
    }

    /// C4 has seven bytes: with fewer it is no word on passwords, and what follows is left over.
    @Test(arguments: 0...9) func thePasswordStatusHasSevenBytes(_ count: Int) {
        let value = bytes("01 20 7F 7F 03 00 02 03 03").prefix(count)
        let status = PasswordStatus(parsing: value)
        #expect((status != nil) == (count >= 7))
        guard let status else { return }
        #expect([status.userTries, status.resettingCodeTries, status.administratorTries] == [3, 0, 2])
    }

    /// The fingerprint of a version 4 key, over a packet that is put together here (RFC 9580, section 5.5.4.2).
    @Test(arguments: ["5F000001", "5F000002", "00000000"]) func aFingerprintIsOverKeyAndDate(_ date: String) throws {
        let point = [UInt8](repeating: 0x5A, count: 32)
        let packet = bytes("04 \(date) 16 09 2B06010401DA470F01 0107 40") + point
        let expected = try Digest.sha1.hash([0x99, 0x00, UInt8(packet.count)] + packet)
        let made = try KeyFingerprint.of(.edwards(.ed25519, point), .eddsa(.known(.ed25519)), time: bytes(date))
        #expect(made == expected)
    }

    /// The last four bytes changed their meaning with version 3.
    @Test func capabilitiesOfBothGenerations() throws {
        let value = bytes("7F00 0100 0200 0300 0401")
        let new = try #require(ExtendedCapabilities(parsing: value, version: .three))
        #expect(new.maximumChallenge == 0x100)
        #expect(new.maximumSpecialObject == 0x300)
        #expect(new.maximumAnswer == nil)
        #expect(new.hasManageSecurityEnvironment)
        let old = try #require(ExtendedCapabilities(parsing: value, version: .two))
        #expect(old.maximumSpecialObject == nil)
        #expect(old.maximumAnswer == 0x401)
        #expect(!old.hasManageSecurityEnvironment)
        #expect(ExtendedCapabilities(parsing: value.dropLast(), version: .three) == nil)
    }

    @Test(
        arguments: [
            ("010102020300", [1, 2, 0]), ("000101020200", [1, 2, 0]), ("030202000102", [2, 0, 2]),
            ("0101", [1, nil, nil]), ("010102", [1, nil, nil]), ("FF01", [nil, nil, nil]), ("0107", [7, nil, nil]),
            // Padding, and a reference that stands there twice.
            ("0101020103010000", [1, 1, 1]), ("010102000300010002010301", [1, 0, 0]),
        ] as [(String, [UInt8?])])
    func keyInformation(_ text: String, _ expected: [UInt8?]) {
        let states = KeyState.states(parsing: bytes(text)[...])
        #expect(OpenPGPKey.allCases.map { states[$0]?.rawValue } == expected)
    }

    @Test(
        arguments: [
            ("", KeyDerivation.none), ("810100", .none), ("810103", .unknown), ("810107", .unknown), ("8101", .unknown),
            // A hash that is not known, no salt, and a count that no honest card has.
            ("810103 820101 830400010000 84083031323334353637", .unknown),
            ("810103 820108 830400010000", .unknown),
            ("810103 820108 8304FFFFFFFF 84083031323334353637", .unknown),
        ] as [(String, KeyDerivation)])
    func keyDerivationsThatAreNone(_ text: String, _ expected: KeyDerivation) {
        #expect(KeyDerivation(parsing: bytes(text)) == expected)
    }

    /// The examples of section 4.3.2; that of the resetting code was computed with Python's hashlib.
    @Test(arguments: [
        (KeyDerivation.Secret.user, "123456", "773784A602B6C81E3F092F4D7D00E17CC822D88F7360FCF2D2EF2D9D901F44B6"),
        (.resettingCode, "12345678", "AA51B3AD1CAE3AF227B6BD05D8D3A689CF60D44587E3030DC766F8C9A8B4EA3B"),
        (.administrator, "12345678", "2675D6164A0D4827D1D00C7EEA620D015C00030A1CAB38B4D0DD600B27DC9630"),
    ])
    func keyDerivation(_ secret: KeyDerivation.Secret, _ password: String, _ expected: String) throws {
        let derivation = KeyDerivation(parsing: bytes(ParsingTests.derivation))
        let text = Array(password.utf8)
        let derived = try derivation.derive(text.span.bytes, secret)
        derived.withBytes { sent in #expect(sent.withUnsafeBytes { hex($0) } == expected) }
    }

    /// SHA-256, 100000 octets; salts for PW1, the resetting code and PW3.
    static let derivation =
        "810103 820108 8304000186A0 84083031323334353637 85083132333435363738 86084142434445464748"

    @Test func theRest() {
        let holder = CardholderData(parsing: bytes("5B05 446F653C3C 5F2D04 6465656E 5F3501 39"))
        #expect(holder.name == Array("Doe<<".utf8))
        #expect(holder.languages == Array("deen".utf8))
        #expect(holder.sex == 0x39)
        #expect(SecuritySupport(parsing: bytes("9303 000102")).signatureCount == 258)
        #expect(SecuritySupport(parsing: bytes("9302 0001")).signatureCount == nil)
        #expect(GeneralFeatures(parsing: bytes("8101 30")[...]) == [.button, .keypad])
    }

    @Test(arguments: [
        (0x0006, "Yubico", "Yubico"), (0x000A, "VivoKey", "Dangerous Things"), (0x000F, "Nitrokey", "OpenPGP project"),
        (0xF517, "FSIJ", "FSIJ"), (0xFF12, "unmanaged S/N range", "OpenPGP project"),
        (0x1234, "unknown", "OpenPGP project"),
    ])
    func manufacturers(_ number: UInt16, _ name: String, _ openscName: String) {
        #expect(Manufacturer(rawValue: number).name == name)
        #expect(Manufacturer(rawValue: number).openscName == openscName)
    }
}
