import Certificates
import HostCrypto
import OpenPGP
import Testing
import Token

/// What a program sees without login, and what it costs.
@Suite struct PublicViewTests {
    private let card = ScriptedCard()
    private let certificates = (1...3).map { ObjectReference(.certificate, $0) }
    private let publicKeys = (1...3).map { ObjectReference(.publicKey, $0) }

    /// What `ssh-keygen -D` asks: the token, the three keys and the three certificates, several times over.
    @Test func theWholePublicViewReadsEachObjectOnce() throws {
        let certificate = try TestCertificate.der()
        let token = try card.token()
        card.expect(KnownKeys.reading)
        card.expect(
            .selectCertificate("02"), .get("7F21", "9000"), .selectCertificate("01"), .get("7F21", "6A88"),
            .selectCertificate("00"), .get("7F21", hex(certificate) + "9000"))
        for _ in 0..<3 {
            _ = try token.information()
            #expect(try token.pinStatus().retriesLeft == 3)
            #expect(try token.present(among: publicKeys, areNamed: false) == publicKeys)
            #expect(try token.present(among: certificates, areNamed: false) == [certificates[2]])
            #expect(try token.value(of: certificates[2]) == certificate)
            #expect(throws: TokenError.objectNotFound) { _ = try token.value(of: certificates[0]) }
            for key in publicKeys { _ = try token.subjectPublicKeyInfo(of: key) }
        }
        // SELECT and 6E, three keys, and two for each certificate.
        #expect(card.left.isEmpty)
    }

    @Test func keysAreWhatTheyAre() throws {
        let token = try card.token()
        card.expect(KnownKeys.reading)
        let expected: [PublicKey] = [
            .ec(.p256, point: KnownKeys.p256Point), .montgomery(.x25519, KnownKeys.x25519),
            .edwards(.ed25519, KnownKeys.ed25519),
        ]
        let usages: [KeyUsage] = [.sign, .derive, .sign]
        for (index, key) in publicKeys.enumerated() {
            #expect(try token.subjectPublicKeyInfo(of: key) == expected[index].subjectPublicKeyInfo)
            #expect(try token.usage(of: key) == usages[index])
        }
        #expect(try token.policy(of: .signatureKey) == KeyPolicy(pin: .once, origin: .generated))
        #expect(try token.policy(of: .decryptionKey) == KeyPolicy(pin: .once, origin: .imported))
    }

    /// Keys are believed until contradicted; what is not there, or may be written, for five seconds.
    @Test func changeableObjectsAreReadAgain() throws {
        let none = String(repeating: "00", count: 20), some = String(repeating: "11", count: 20)
        let token = try card.token(RelatedData(fingerprints: some + none + some, states: "010102000301"))
        card.expect(KnownKeys.reading[0], KnownKeys.reading[2])
        card.expect(.selectCertificate("00"), .get("7F21", "9000"))
        #expect(try token.present(among: publicKeys, areNamed: false) == [publicKeys[0], publicKeys[2]])
        #expect(try token.present(among: [certificates[2]], areNamed: false) == [])
        card.wait(seconds: 4)
        #expect(try token.present(among: publicKeys, areNamed: false) == [publicKeys[0], publicKeys[2]])
        #expect(token.revision(of: certificates[2]) == 0)
        card.wait(seconds: 1)
        let certificate = try TestCertificate.der()
        card.expect(.related(), KnownKeys.reading[1])
        card.expect(.selectCertificate("00"), .get("7F21", hex(certificate) + "9000"))
        #expect(try token.present(among: publicKeys, areNamed: false) == publicKeys)
        #expect(try token.present(among: [certificates[2]], areNamed: false) == [certificates[2]])
        #expect(token.revision(of: certificates[2]) == 1)
        #expect(token.revision(of: publicKeys[0]) == 0)
        card.wait(seconds: 100)
        #expect(try token.present(among: publicKeys, areNamed: false) == publicKeys)
        #expect(card.left.isEmpty)
    }

    /// Another fingerprint is another key.
    @Test func aReplacedKeyIsReadAnew() throws {
        let token = try card.token()
        card.expect(KnownKeys.reading[0])
        _ = try token.subjectPublicKeyInfo(of: publicKeys[0])
        card.wait(seconds: 10)
        let other = RelatedData(
            algorithms: [KnownKeys.ed25519Attributes, KnownKeys.x25519Attributes, KnownKeys.ed25519Attributes],
            fingerprints: String(repeating: "22", count: 20) + String(repeating: "11", count: 40))
        card.expect(.related(other), .readKey("B6", KnownKeys.template(KnownKeys.ed25519)))
        #expect(try token.pinStatus().retriesLeft == 3)
        #expect(token.revision(of: publicKeys[0]) == 1)
        #expect(token.revision(of: .signatureKey) == 1)
        #expect(token.revision(of: .authenticationKey) == 0)
        let key = try token.subjectPublicKeyInfo(of: publicKeys[0])
        #expect(key == PublicKey.edwards(.ed25519, KnownKeys.ed25519).subjectPublicKeyInfo)
        #expect(card.left.isEmpty)
    }

    /// Another program has selected another application: what that one says of an object is not believed.
    @Test(arguments: ["6A88", "6A82", "6D00", "6E00", "9000", "6982", "6F00"])
    func anAnswerOfAnotherApplicationIsNotCached(_ status: String) throws {
        let token = try card.token()
        let reading = KnownKeys.reading[0]
        card.expect(Step(reading.command, status))
        // What knows no such command is another application; what knows it is asked who it is.
        if !["6D00", "6E00"].contains(status) { card.expect(.get("006E", "6D00")) }
        card.expect(.select, reading)
        #expect(try token.present(among: [publicKeys[0]], areNamed: true) == [publicKeys[0]])
        #expect(card.left.isEmpty)
    }

    /// The first certificate stays selected, for programs that know of one only.
    @Test func theFirstCertificateStaysSelected() throws {
        let token = try card.token()
        card.expect(
            .selectCertificate("02"), .get("7F21", hex(try TestCertificate.der()) + "9000"), .selectCertificate("00"))
        #expect(try token.present(among: [certificates[0]], areNamed: true) == [certificates[0]])
        #expect(card.left.isEmpty)
    }

    /// YubiKeys of firmware 5.2 to 5.4.3 want a length byte; it is found out once.
    @Test func aYubiKeysSelectDataFormIsDetected() throws {
        let token = try card.token(RelatedData(manufacturer: "0006"))
        card.expect(.selectCertificate("02", "6A80"), .related(RelatedData(manufacturer: "0006")))
        for occurrence in ["02", "01", "00"] {
            card.expect(Step("00A5\(occurrence)04 07 0660045C027F21", "9000"), .get("7F21", "9000"))
        }
        #expect(try token.present(among: certificates, areNamed: false) == [])
        #expect(card.left.isEmpty)
    }
}

/// A certificate that is just one.
enum TestCertificate {
    private static let made = Result { () throws in try make() }

    /// The same one for all tests.
    static func der() throws -> [UInt8] { try made.get() }

    /// A new one.
    static func make() throws -> [UInt8] {
        try CertificateBuilder(
            subject: "Test", serialNumber: [1], notBefore: CalendarTime(year: 2024, month: 1, day: 1),
            notAfter: CalendarTime(year: 2049, month: 1, day: 1)
        ).selfSigned(by: PrivateKey.generate(.ec(.p256)))
    }
}
