import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard

@testable import PIV

/// Certificates as real cards hold them: through the quirks of the simulated card, and containers byte by byte.
@Suite("Certificates that are written otherwise") struct CertificateQuirkTests {
    /// Quirks that change how a certificate is written, and not which one it is.
    static let packings: [String] = [
        "bytes-after-53", "bytes-after-certificate", "zeros-after-certificate", "net-id", "gzip-80", "gzip-00", "zlib",
    ]

    private static func simulated(
        _ quirks: [String], _ profile: CardProfile, _ prepare: (inout CardBuilder) throws -> Void = { _ in }
    ) throws -> SimulatedToken {
        try SimulatedToken(profile, keys: SimulatedToken.certified) { builder in
            builder.state.quirks = try quirks.map { try #require(Quirk(named: $0)) }
            try prepare(&builder)
        }
    }

    private static let places: [UInt32] = [0x9A, 0x9C, 0x9D, 0x9E]

    @Test(
        "The certificate and its keys are there, and no change is unfinished", arguments: packings,
        [
            CardProfile.yubiKey57, .yubiKey52, .plain,
        ])
    func packed(_ quirk: String, _ profile: CardProfile) throws {
        let simulated = try Self.simulated([quirk], profile)
        for place in Self.places {
            let object = ObjectReference(.certificate, place)
            let der = try simulated.token.value(of: object)
            let certificate = try Certificate(der: der)
            #expect(certificate.commonName == "Martlet \(String(place, radix: 16))")
            let known = ObjectReference.Kind.self
            let objects = [object, ObjectReference(known.publicKey, place), ObjectReference(known.privateKey, place)]
            #expect(try simulated.token.present(among: objects, areNamed: false) == objects)
            #expect(try simulated.publicKey(place) == certificate.publicKey)
            #expect(try simulated.token.unreadableCertificate(at: object) == nil)
        }
        #expect(try simulated.token.unfinishedChanges().isEmpty)
    }

    @Test(
        "A key is its numbers, however the certificate writes it",
        arguments: [
            ("explicit-curve", [UInt32(0x9C), 0x9E]), ("rsa-pss-key", [0x9A, 0x9D]),
        ], [CardProfile.yubiKey57, .plain])
    func otherwise(_ example: (String, [UInt32]), _ profile: CardProfile) throws {
        let plain = try Self.simulated([], profile)
        let state = try Self.simulated([example.0], profile)
        for place in example.1 {
            #expect(try state.publicKey(place).type == plain.publicKey(place).type)
            try state.login()
            let authorization = place == 0x9C ? try state.authenticate(place) : nil
            let signature = try state.sign(place, authorization)
            #expect(try state.verifies(signature, place))
        }
        #expect(try state.token.unfinishedChanges().isEmpty)
        try state.loginAdministrator()
        try state.token.finishChanges()
        for place in example.1 {
            // It is taken back too: the same certificate is not of another key.
            let object = ObjectReference(.certificate, place)
            let der = try state.token.value(of: object)
            try state.token.write(der, to: object)
        }
    }

    /// Containers whose certificate cannot be read, and what stands there.
    static let unreadable: [(name: String, value: [UInt8], shown: [UInt8])] = [
        ("no certificate", [UInt8](tag: 0x70, [0x31, 0x01, 0x00]) + [0x71, 0x01, 0x00], [0x31, 0x01, 0x00]),
        ("half a gzip", [UInt8](tag: 0x70, [0x1F, 0x8B, 0x08, 0x00]) + [0x71, 0x01, 0x01], [0x1F, 0x8B, 0x08, 0x00]),
        ("half a certificate", [UInt8](tag: 0x70, [0x30, 0x82, 0x01, 0x00, 0xAA]), [0x30, 0x82, 0x01, 0x00, 0xAA]),
        ("another packing", [UInt8](tag: 0x70, [0x28, 0xB5, 0x2F, 0xFD, 0x00]), [0x28, 0xB5, 0x2F, 0xFD, 0x00]),
        ("Net iD's, cut", [UInt8](tag: 0x70, [0x01, 0x00, 0x10, 0x00, 0x78]), [0x01, 0x00, 0x10, 0x00, 0x78]),
        ("no BER-TLV", [0x70, 0x82, 0x01, 0x00, 0xAA], [0x70, 0x82, 0x01, 0x00, 0xAA]),
    ]

    @Test(
        "What is there and cannot be read is told, and left alone", arguments: unreadable.indices,
        [
            CardProfile.yubiKey57, .plain,
        ])
    func cannotBeRead(_ index: Int, _ profile: CardProfile) throws {
        let (_, value, shown) = Self.unreadable[index]
        let simulated = try Self.simulated([], profile) { $0.addObject(tag: 0x5FC105, value) }
        let object = ObjectReference(.certificate, 0x9A)
        #expect(try simulated.token.unreadableCertificate(at: object) == shown)
        #expect(try simulated.token.present(among: [object], areNamed: true).isEmpty)
        #expect(try simulated.token.unreadableCertificate(at: ObjectReference(.certificate, 0x9C)) == nil)
        #expect(try simulated.token.unfinishedChanges().isEmpty)
        try simulated.loginAdministrator()
        try simulated.token.finishChanges()
        _ = try simulated.token.generateKeyPair(.ec(.p256), at: ObjectReference(.privateKey, 0x9A), KeyRequest())
        let other = try simulated.another()
        #expect(try other.token.unreadableCertificate(at: object) == shown)
    }

    @Test(
        "An empty container holds no certificate, and nothing unreadable",
        arguments: [
            "empty-53", "empty-zeros", "empty-certificate",
        ])
    func empty(_ quirk: String) throws {
        let simulated = try SimulatedToken(keys: []) { $0.state.quirks = [try #require(Quirk(named: quirk))] }
        let object = ObjectReference(.certificate, 0x9A)
        #expect(try simulated.token.unreadableCertificate(at: object) == nil)
        #expect(try simulated.token.present(among: [object], areNamed: true).isEmpty)
    }

    @Test("A certificate of a key of no known kind is not another key's", arguments: [CardProfile.yubiKey57, .plain])
    func unknownKey(_ profile: CardProfile) throws {
        let simulated = try Self.simulated([], profile)
        let object = ObjectReference(.certificate, 0x9A)
        var der = try simulated.token.value(of: object)
        // rsaEncryption becomes 1.2.840.113549.1.1.99 in the key, not in the signature.
        let identifier: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
        let start = try #require(der.indices.first { der[$0...].starts(with: identifier) })
        der[start + 8] = 99
        try simulated.loginAdministrator()
        try simulated.token.write(der, to: object)
        let other = try simulated.another()
        #expect(try other.token.value(of: object) == der)
        #expect(try other.token.unfinishedChanges().isEmpty)
    }

    @Test("One that cannot be read is told of once, with its bytes", arguments: [CardProfile.yubiKey57, .plain])
    func cannotBeRead(_ profile: CardProfile) throws {
        let simulated = try Self.simulated(["certificate-unreadable"], profile)
        let token = simulated.token
        let certificates = Self.places.map { ObjectReference(.certificate, $0) }
        #expect(try token.present(among: certificates, areNamed: false).isEmpty)
        let told = token.unreadableCertificates()
        #expect(Set(told.keys) == Set(certificates))
        #expect(told.values.allSatisfy { $0.contains("26 bytes") })
        #expect(token.takeNotices().filter { $0.hasPrefix("the certificate of 9") }.count == 4)
        _ = try token.present(among: certificates, areNamed: false)
        #expect(token.takeNotices().isEmpty)
        #expect(try token.unreadableCertificate(at: certificates[0])?.prefix(2) == [0x7F, 0x21])
        // It is never taken for none.
        #expect(try token.unfinishedChanges().isEmpty)
    }
}
