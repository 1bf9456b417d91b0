import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard

@testable import PIV

@Suite("Keys that are generated, imported, moved and deleted") struct NewKeyTests {
    static func place(_ key: UInt32) -> ObjectReference { ObjectReference(.privateKey, key) }
    static let authentication = place(0x9A)

    /// A key in the host's memory, as it is imported.
    static func privateKeyInfo(_ type: KeyType) throws -> [UInt8] { try PrivateKey.generate(type).pkcs8() }

    static let algorithms: [KeyType] = [
        .rsa(bits: 1024), .rsa(bits: 2048), .rsa(bits: 3072), .ec(.p256), .ec(.p384), .ed25519,
        .x25519,
    ]

    @Test(arguments: algorithms)
    func aKeyIsMade(_ algorithm: KeyType) throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        for place in [0x9A, 0x9C, 0x9D, 0x9E, 0x82, 0x95] as [UInt32] {
            if case .rsa(let bits) = algorithm, bits > 1024, place != 0x9A { continue }
            let made = try simulated.token.generateKeyPair(algorithm, at: Self.place(place), KeyRequest())
            #expect(try PublicKey(subjectPublicKeyInfo: made).type == algorithm)
            // Another process sees the same key.
            #expect(try simulated.another().token.subjectPublicKeyInfo(of: Self.place(place)) == made)
            #expect(try simulated.token.policy(of: Self.place(place)).origin == .generated)
        }
    }

    /// What it costs on a card that has its CHUID and its CCC, and no certificate.
    @Test func whatAKeyCosts() throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        _ = try simulated.token.generateKeyPair(.ec(.p256), at: Self.authentication, KeyRequest())
        let commands = try simulated.commands {
            _ = try simulated.token.generateKeyPair(.ec(.p256), at: Self.authentication, KeyRequest())
        }
        #expect(commands == ["INS 47", "GET METADATA 9A", "GET DATA 5FC105"])
    }

    /// The first key makes the containers that hosts look for; a later one leaves them as they are.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKey4, .plain])
    func theFirstKeyMakesTheCardsContainers(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: [], isIdentified: false)
        try simulated.loginAdministrator()
        _ = try simulated.token.generateKeyPair(.ec(.p256), at: Self.authentication, KeyRequest())
        let other = try simulated.another()
        let identifier = try other.token.value(of: ObjectReference(.data, 0x5FC102))
        let capabilities = try other.token.value(of: ObjectReference(.data, 0x5FC107))
        #expect(CardholderUniqueIdentifier(parsing: identifier).guid?.count == 16)
        #expect(TLVReader(capabilities).first(0xF0)?.value.count == 21)
        _ = try simulated.token.generateKeyPair(.ec(.p256), at: Self.place(0x9C), KeyRequest())
        #expect(try simulated.another().token.value(of: ObjectReference(.data, 0x5FC102)) == identifier)
    }

    @Test(arguments: [
        KeyRequest(pin: .never, touch: .cached), KeyRequest(pin: .always, touch: .always),
        KeyRequest(pin: .once, touch: .never),
    ])
    func policiesAreTheOnesAskedFor(_ request: KeyRequest) throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        _ = try simulated.token.generateKeyPair(.ec(.p256), at: Self.authentication, request)
        let info = try Self.privateKeyInfo(.ec(.p256))
        try simulated.token.importPrivateKey(info.span.bytes, at: Self.place(0x9D), request)
        for place in [Self.authentication, Self.place(0x9D)] {
            for token in [simulated.token, try simulated.another().token] {
                let policy = try token.policy(of: place)
                #expect(policy.pin == request.pin && policy.touch == request.touch)
            }
        }
    }

    @Test(arguments: [
        KeyType.rsa(bits: 1024), .rsa(bits: 2048), .ec(.p256), .ec(.p384), .ed25519, .x25519,
    ])
    func aKeyIsImported(_ type: KeyType) throws {
        let simulated = try SimulatedToken(keys: [])
        let key = try PrivateKey.generate(type)
        let info = try key.pkcs8()
        try simulated.loginAdministrator()
        simulated.channel.clearLog()
        try simulated.token.importPrivateKey(info.span.bytes, at: Self.authentication, KeyRequest())
        #expect(try simulated.publicKey(0x9A) == key.publicKey)
        #expect(try simulated.token.policy(of: Self.authentication).origin == .imported)
        let other = try simulated.another()
        #expect(try other.publicKey(0x9A) == key.publicKey)
        guard type != .x25519 else { return }
        try other.login()
        #expect(try other.verifies(other.sign(0x9A), 0x9A))
    }

    /// The old certificate goes with its key, and one that is the new key's stays.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKey4, .plain])
    func theCertificateOfTheOldKeyGoes(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile, keys: [.init(reference: 0x9A, algorithm: "p256")])
        let certificate = ObjectReference(.certificate, 0x9A)
        let (publicRevision, privateRevision) = (
            simulated.token.revision(of: ObjectReference(.publicKey, 0x9A)),
            simulated.token.revision(of: Self.authentication)
        )
        #expect(try simulated.token.present(among: [certificate], areNamed: false) == [certificate])
        try simulated.loginAdministrator()
        let made = try simulated.token.generateKeyPair(.ec(.p256), at: Self.authentication, KeyRequest())
        #expect(try simulated.token.present(among: [certificate], areNamed: false).isEmpty)
        #expect(try simulated.another().token.present(among: [certificate], areNamed: false).isEmpty)
        #expect(simulated.token.revision(of: ObjectReference(.publicKey, 0x9A)) > publicRevision)
        #expect(simulated.token.revision(of: Self.authentication) > privateRevision)
        // The key can be used by the process that made it, also where the card does not tell its keys.
        #expect(try simulated.token.subjectPublicKeyInfo(of: Self.authentication) == made)
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x9A), 0x9A))
    }

    @Test func theCertificateOfAnImportedKeyStays() throws {
        let simulated = try SimulatedToken(keys: [])
        let key = try PrivateKey.generate(.ec(.p256))
        let der = try WritingTests.certificate(key, "own")
        let info = try key.pkcs8()
        try simulated.loginAdministrator()
        try simulated.token.write(der, to: ObjectReference(.certificate, 0x9A))
        try simulated.token.importPrivateKey(info.span.bytes, at: Self.authentication, KeyRequest())
        #expect(try simulated.another().token.value(of: ObjectReference(.certificate, 0x9A)) == der)
    }

    static let refusals: [(CardProfile, KeyType, KeyRequest, TokenError)] = [
        (.yubiKey57, .ec(.p521), KeyRequest(), .algorithmNotSupported),
        (.yubiKey57, .rsa(bits: 2047), KeyRequest(), .algorithmNotSupported),
        (.yubiKey4, .ed25519, KeyRequest(), .algorithmNotSupported),
        (.yubiKey4, .rsa(bits: 4096), KeyRequest(), .algorithmNotSupported),
        (.plain, .rsa(bits: 4096), KeyRequest(), .algorithmNotSupported),
        (.plain, .ec(.p256), KeyRequest(pin: .never), .unsupported),
        (.plain, .ec(.p256), KeyRequest(touch: .always), .unsupported),
    ]

    @Test(arguments: refusals.indices)
    func whatTheCardDoesNotHaveIsRefused(_ index: Int) throws {
        let (profile, algorithm, request, expected) = Self.refusals[index]
        let simulated = try SimulatedToken(profile, keys: [.init(reference: 0x9A, algorithm: "p256")])
        let before = simulated.changes
        try simulated.loginAdministrator()
        #expect(throws: expected) {
            try simulated.token.generateKeyPair(algorithm, at: Self.authentication, request)
        }
        #expect(simulated.changes == before)
    }

    /// Who is not the administrator changes nothing, and an administrator with the PUK is none for keys.
    @Test(arguments: [nil, "user", "12345678"] as [String?])
    func keysNeedTheManagementKey(_ login: String?) throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256")])
        switch login {
        case "user"?: try simulated.login()
        case let code?: try simulated.loginAdministrator(code)
        case nil: break
        }
        let before = simulated.changes
        let expected = login == nil ? TokenError.notLoggedIn : .administratorNeeded
        let info = try Self.privateKeyInfo(.ec(.p256))
        #expect(throws: expected) {
            try simulated.token.generateKeyPair(.ec(.p256), at: Self.authentication, KeyRequest())
        }
        #expect(throws: expected) {
            try simulated.token.importPrivateKey(info.span.bytes, at: Self.authentication, KeyRequest())
        }
        #expect(throws: expected) { try simulated.token.moveKey(from: Self.authentication, to: Self.place(0x82)) }
        #expect(throws: expected) { try simulated.token.delete(Self.authentication) }
        #expect(simulated.changes == before)
    }

    @Test(arguments: ["", "30", "3003020100", "04820000"])
    func aMalformedKeyIsNotImported(_ text: String) throws {
        let simulated = try SimulatedToken()
        try simulated.loginAdministrator()
        let der = stride(from: 0, to: text.count, by: 2).compactMap { UInt8(text.dropFirst($0).prefix(2), radix: 16) }
        let before = simulated.changes
        #expect(throws: TokenError.dataInvalid) {
            try simulated.token.importPrivateKey(der.span.bytes, at: Self.authentication, KeyRequest())
        }
        #expect(simulated.changes == before)
    }

    @Test(arguments: [KeyType.ec(.p521), .ec(.secp256k1), .ed448])
    func aKeyOfAnUnsupportedTypeIsNotImported(_ type: KeyType) throws {
        let simulated = try SimulatedToken()
        try simulated.loginAdministrator()
        let info = try Self.privateKeyInfo(type)
        #expect(throws: TokenError.algorithmNotSupported) {
            try simulated.token.importPrivateKey(info.span.bytes, at: Self.authentication, KeyRequest())
        }
    }

    @Test func aKeyIsMovedWithItsCertificate() throws {
        let simulated = try SimulatedToken()
        let der = try simulated.token.value(of: ObjectReference(.certificate, 0x9D))
        let publicKey = try simulated.publicKey(0x9D)
        try simulated.loginAdministrator()
        try simulated.token.moveKey(from: Self.place(0x9D), to: Self.place(0x82))
        for token in [simulated.token, try simulated.another().token] {
            #expect(try token.value(of: ObjectReference(.certificate, 0x82)) == der)
            #expect(try token.subjectPublicKeyInfo(of: Self.place(0x82)) == publicKey.subjectPublicKeyInfo)
            #expect(
                try token.present(
                    among: [Self.place(0x9D), ObjectReference(.certificate, 0x9D)], areNamed: true
                ).isEmpty)
        }
        try simulated.login()
        #expect(try simulated.verifies(simulated.sign(0x82), 0x82))
    }

    @Test(arguments: [
        (CardProfile.yubiKey57, 0x9D, 0x9A, TokenError.dataInvalid), (.yubiKey57, 0x83, 0x84, .objectNotFound),
        (.yubiKey57, 0x9D, 0xF9, .objectNotFound), (.yubiKey4, 0x9D, 0x82, .unsupported),
        (.plain, 0x9D, 0x82, .unsupported),
    ])
    func whatCannotBeMovedStays(
        _ profile: CardProfile, _ source: UInt32, _ target: UInt32, _ expected: TokenError
    ) throws {
        let simulated = try SimulatedToken(profile)
        try simulated.loginAdministrator()
        let before = simulated.changes
        #expect(throws: expected) { try simulated.token.moveKey(from: Self.place(source), to: Self.place(target)) }
        #expect(simulated.changes == before)
    }

    /// A certificate that stands alone belongs to a key that is elsewhere: its place is not empty, and it is not lost to a key
    /// that is moved there.
    @Test func aCertificateWithoutItsKeyKeepsItsPlace() throws {
        let simulated = try SimulatedToken()
        let (token, certificate) = (simulated.token, ObjectReference(.certificate, 0x9A))
        let der = try token.value(of: certificate)
        try simulated.loginAdministrator()
        try token.delete(Self.authentication)
        #expect(try token.emptyPlace(for: .ec(.p256)) == Self.place(0x82))
        #expect(throws: TokenError.dataInvalid) { try token.moveKey(from: Self.place(0x9D), to: Self.authentication) }
        #expect(try simulated.another().token.value(of: certificate) == der)
    }

    @Test(
        arguments: [
            (CardProfile.yubiKey57, 0x9A, PlaceContent.key), (.yubiKey57, 0x9C, .key), (.yubiKey57, 0x9D, .certificate),
            (.yubiKey57, 0x9E, .nothing), (.yubiKey4, 0x9A, .key), (.yubiKey4, 0x9C, .untold), (.plain, 0x9E, .untold),
        ] as [(CardProfile, UInt32, PlaceContent)])
    func whatLiesInAPlace(_ profile: CardProfile, _ key: UInt32, _ expected: PlaceContent) throws {
        let simulated = try SimulatedToken(
            profile,
            keys: [
                .init(reference: 0x9A, algorithm: "p256"),
                .init(reference: 0x9C, algorithm: "p256", certificate: .none),
            ])
        if expected == .certificate {
            try simulated.loginAdministrator()
            try simulated.token.write(
                WritingTests.certificate(PrivateKey.generate(.ec(.p256)), "elsewhere"),
                to: ObjectReference(.certificate, key))
        }
        #expect(try simulated.another().token.content(of: Self.place(key)) == expected)
    }

    @Test func aKeyIsDeletedAndItsCertificateStays() throws {
        let simulated = try SimulatedToken()
        #expect(simulated.token.catalogue.first { $0.reference == Self.authentication }?.isWritable == true)
        let revision = simulated.token.revision(of: Self.authentication)
        try simulated.loginAdministrator()
        try simulated.token.delete(Self.authentication)
        #expect(simulated.token.revision(of: Self.authentication) > revision)
        for token in [simulated.token, try simulated.another().token] {
            #expect(try token.present(among: [Self.authentication], areNamed: true).isEmpty)
            let certificate = ObjectReference(.certificate, 0x9A)
            #expect(try token.present(among: [certificate], areNamed: true) == [certificate])
        }
    }

    /// Another process has replaced the key since it was found.
    @Test func aKeyThatWasReplacedIsNotDeleted() throws {
        let simulated = try SimulatedToken()
        _ = try simulated.publicKey(0x9A)
        _ = try simulated.token.policy(of: Self.authentication)
        let revision = simulated.token.revision(of: Self.authentication)
        let other = try simulated.another()
        try other.loginAdministrator()
        _ = try other.token.generateKeyPair(.ec(.p256), at: Self.authentication, KeyRequest())
        try simulated.loginAdministrator()
        let before = simulated.changes
        #expect(throws: TokenError.objectNotFound) {
            try simulated.token.delete(Self.authentication, ifStill: revision)
        }
        #expect(simulated.changes == before)
    }

    @Test(arguments: [CardProfile.yubiKey4, .plain])
    func othersDoNotDeleteKeys(_ profile: CardProfile) throws {
        let simulated = try SimulatedToken(profile)
        try simulated.loginAdministrator()
        #expect(simulated.token.catalogue.first { $0.reference == Self.authentication }?.isWritable == false)
        #expect(throws: TokenError.readOnly) { try simulated.token.delete(Self.authentication) }
    }

    @Test func anAttestationIsOfTheKey() throws {
        let simulated = try SimulatedToken()
        try simulated.loginAdministrator()
        let made = try simulated.token.generateKeyPair(.ec(.p384), at: Self.authentication, KeyRequest())
        let attestation = try Certificate(der: simulated.another().token.attest(Self.authentication))
        #expect(attestation.subjectPublicKeyInfo == made)
        // A key that was imported has none, nor has an empty place.
        let info = try Self.privateKeyInfo(.ec(.p256))
        try simulated.token.importPrivateKey(info.span.bytes, at: Self.authentication, KeyRequest())
        for place in [0x9A, 0x85] as [UInt32] {
            #expect(throws: TokenError.unsupported) { try simulated.token.attest(Self.place(place)) }
        }
    }
}
