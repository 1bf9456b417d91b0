import HostCrypto
import ISO7816
import Keys
import Testing

@testable import VirtualCard

@Suite("Keys: made, used, judged by openssl")
struct KeyUseTests {
    /// The profiles and the algorithms that they have.
    static let cases: [(CardProfile, KeyAlgorithm)] = [
        CardProfile.yubiKey57, .yubiKeyShort, .yubiKey4, .plain,
    ]
    .flatMap { profile in
        KeyAlgorithm.allCases.filter { $0.exists(on: profile) && $0 != .rsa4096 && $0 != .rsa3072 }
            .map { (profile, $0) }
    }

    /// GENERATE ASYMMETRIC KEY PAIR in 9D; the public key in its answer.
    private func generate(_ algorithm: KeyAlgorithm, on card: VirtualCard) throws -> PublicKey {
        try card.selectPIV()
        try card.authenticateAdministrator()
        let template = [UInt8](tag: 0xAC, [UInt8](tag: 0x80, [algorithm.rawValue]))
        let answer = try card.send(0x47, 0x00, 0x9D, template)
        #expect(answer.status == .success)
        let outer = try #require(TLVReader(answer.data).first(0x7F49))
        switch algorithm {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096:
            let modulus = try #require(outer.children.first(0x81))
            let exponent = try #require(outer.children.first(0x82))
            #expect(Array(exponent.value) == [0x01, 0x00, 0x01])
            return .rsa(modulus: Array(modulus.value), publicExponent: Array(exponent.value))
        case .p256: return .ec(.p256, point: Array(try #require(outer.children.first(0x86)).value))
        case .p384: return .ec(.p384, point: Array(try #require(outer.children.first(0x86)).value))
        case .ed25519: return .edwards(.ed25519, Array(try #require(outer.children.first(0x86)).value))
        case .x25519: return .montgomery(.x25519, Array(try #require(outer.children.first(0x86)).value))
        }
    }

    private func use(
        _ algorithm: KeyAlgorithm, _ tag: UInt32, _ input: [UInt8], on card: VirtualCard
    ) throws -> [UInt8] {
        let template = [UInt8](tag: 0x7C, [0x82, 0x00] + [UInt8](tag: tag, input))
        let answer = try card.send(0x87, algorithm.rawValue, 0x9D, template)
        try #require(answer.status == .success)
        let outer = try #require(TLVReader(answer.data).first(0x7C))
        return Array(try #require(outer.children.first(0x82)).value)
    }

    @Test(arguments: cases)
    func generatedKeysWork(_ profile: CardProfile, _ algorithm: KeyAlgorithm) throws {
        let card = VirtualCard(state: CardState(profile: profile, serialNumber: 1))
        let key = try generate(algorithm, on: card)
        try card.verifyPIN()
        let message = Array("to be signed".utf8)
        let spki = key.subjectPublicKeyInfo
        switch algorithm {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096:
            let information = try Digest.sha256.digestInfo(Digest.sha256.hash(message))
            let padding = [UInt8](repeating: 0xFF, count: algorithm.size - information.count - 3)
            let signature = try use(
                algorithm, 0x81, [0x00, 0x01] + padding + [0x00] + information, on: card)
            try Outside.openssl(
                "dgst", "-sha256", "-verify", "key", "-keyform", "DER", "-signature", "signature",
                "message",
                files: ["key": spki, "signature": signature, "message": message])
        case .p256, .p384:
            let signature = try use(algorithm, 0x81, Digest.sha256.hash(message), on: card)
            try Outside.openssl(
                "dgst", "-sha256", "-verify", "key", "-keyform", "DER", "-signature", "signature",
                "message",
                files: ["key": spki, "signature": signature, "message": message])
            let curve = algorithm == .p256 ? Curve.p256 : Curve.p384
            let peer = try PrivateKey.generate(.ec(curve))
            guard case .ec(_, let point) = peer.publicKey else { return }
            #expect(try use(algorithm, 0x85, point, on: card) == peer.sharedSecret(with: key))
        case .ed25519:
            let signature = try use(algorithm, 0x81, message, on: card)
            try Outside.openssl(
                "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-keyform", "DER", "-rawin", "-in",
                "message",
                "-sigfile", "signature", files: ["key": spki, "signature": signature, "message": message])
        case .x25519:
            let peer = try PrivateKey.generate(.x25519)
            guard case .montgomery(.x25519, let bytes) = peer.publicKey else { return }
            #expect(try use(algorithm, 0x85, bytes, on: card) == peer.sharedSecret(with: key))
        }
    }

    @Test func inputsOfAWrongLengthOrKind() throws {
        var builder = try CardBuilder(profile: .yubiKey57, serialNumber: 1)
        try builder.add(.init(reference: 0x9A, algorithm: "rsa2048", certificate: .none))
        try builder.add(.init(reference: 0x9D, algorithm: "p256", certificate: .none))
        let card = VirtualCard(state: builder.state)
        let point = [UInt8](tag: 0x85, [0x04] + [UInt8](repeating: 1, count: 64))
        let cases: [(String, UInt8, UInt8, [UInt8], StatusWord)] = [
            (
                "hash too long", 0x11, 0x9D, [UInt8](tag: 0x81, [UInt8](repeating: 1, count: 33)),
                .incorrectData
            ),
            ("no hash", 0x11, 0x9D, [0x81, 0x00], .incorrectData),
            ("a point off the curve", 0x11, 0x9D, point, .incorrectData),
            ("another algorithm", 0x14, 0x9D, [UInt8](tag: 0x81, [1]), .incorrectData),
            ("a block too short", 0x07, 0x9A, [UInt8](tag: 0x81, [1]), .incorrectData),
            (
                "a number above the modulus", 0x07, 0x9A,
                [UInt8](tag: 0x81, [UInt8](repeating: 0xFF, count: 256)),
                .incorrectData
            ),
            ("an empty place", 0x11, 0x9C, [UInt8](tag: 0x81, [1]), .incorrectData),
            (
                "the attestation key", 0x11, 0xF9, [UInt8](tag: 0x81, [UInt8](repeating: 1, count: 32)),
                .incorrectParameters
            ),
            ("no such place", 0x11, 0x99, [UInt8](tag: 0x81, [1]), .incorrectParameters),
        ]
        try card.selectPIV()
        try card.verifyPIN()
        for (name, algorithm, reference, object, status) in cases {
            let template = [UInt8](tag: 0x7C, [0x82, 0x00] + object)
            #expect(try card.send(0x87, algorithm, reference, template).status == status, "\(name)")
        }
    }

    @Test func whenThePINIsAsked() throws {
        var builder = try CardBuilder(profile: .yubiKey57, serialNumber: 1)
        for reference in [0x9A, 0x9C, 0x9E, 0x82] as [UInt8] {
            try builder.add(.init(reference: reference, algorithm: "p256", certificate: .none))
        }
        try builder.add(
            .init(reference: 0x9D, algorithm: "p256", pinPolicy: .never, certificate: .none))
        let card = VirtualCard(state: builder.state)
        let template = [UInt8](
            tag: 0x7C, [0x82, 0x00] + [UInt8](tag: 0x81, [UInt8](repeating: 1, count: 32)))
        func statuses() throws -> [StatusWord] {
            try [0x9A, 0x9C, 0x9D, 0x9E, 0x82].map { try card.send(0x87, 0x11, $0, template).status }
        }
        let refused = StatusWord.securityStatusNotSatisfied
        try card.selectPIV()
        #expect(try statuses() == [refused, refused, .success, .success, refused])
        try card.verifyPIN()
        #expect(try statuses() == [.success, .success, .success, .success, .success])
        #expect(try statuses() == [.success, refused, .success, .success, .success])
        try card.verifyPIN()
        #expect(try card.send(0xFD, 0, 0).status == .success)
        #expect(try card.send(0x87, 0x11, 0x9C, template).status == .success)
    }

    @Test func aPlainCardWantsThePINRightBefore() throws {
        var builder = try CardBuilder(profile: .plain, serialNumber: 1)
        try builder.add(.init(reference: 0x9C, algorithm: "p256", certificate: .none))
        let card = VirtualCard(state: builder.state)
        let template = [UInt8](
            tag: 0x7C, [0x82, 0x00] + [UInt8](tag: 0x81, [UInt8](repeating: 1, count: 32)))
        try card.selectPIV()
        try card.verifyPIN()
        #expect(try card.send(0xCB, 0x3F, 0xFF, [0x5C, 0x01, 0x7E]).status == .success)
        #expect(try card.send(0x87, 0x11, 0x9C, template).status == .securityStatusNotSatisfied)
        try card.verifyPIN()
        #expect(try card.send(0x87, 0x11, 0x9C, template).status == .success)
    }

    @Test func theFinger() throws {
        var builder = try CardBuilder(profile: .yubiKey57, serialNumber: 1)
        try builder.add(
            .init(reference: 0x9E, algorithm: "p256", touchPolicy: .always, certificate: .none))
        let template = [UInt8](
            tag: 0x7C, [0x82, 0x00] + [UInt8](tag: 0x81, [UInt8](repeating: 1, count: 32)))
        for (touch, status) in [
            (Touch.immediate, StatusWord.success), (.delayed(milliseconds: 1), .success),
            (.denied(status: 0x6982), .securityStatusNotSatisfied),
        ] {
            let card = VirtualCard(state: builder.state, touch: touch)
            try card.selectPIV()
            #expect(try card.send(0x87, 0x11, 0x9E, template).status == status)
        }
    }
}
