import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// A card that refuses a new key keeps the old one, with all that belongs to it.
@Suite("What an OpenPGP card refuses leaves the old key") struct RefusedChangeTests {
    private let place = ObjectReference(.privateKey, 1)

    /// One step of a change, refused.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let isRefused: @Sendable ([UInt8]) -> Bool
        var algorithm = KeyType.ec(.p256)
        var isImported = false
        var status: [UInt8] = [0x6A, 0x80]
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(name: "algorithm attributes", isRefused: { $0[1...3] == [0xDA, 0x00, 0xC1] }, algorithm: .ec(.p384)),
        Refusal(
            name: "algorithm attributes, import", isRefused: { $0[1...3] == [0xDA, 0x00, 0xC1] },
            algorithm: .ec(.p384), isImported: true),
        Refusal(name: "generate", isRefused: { $0[1...2] == [0x47, 0x80] }),
        Refusal(name: "generate, 6985", isRefused: { $0[1...2] == [0x47, 0x80] }, status: [0x69, 0x85]),
        Refusal(name: "import", isRefused: { $0[1] == 0xDB }, isImported: true),
        Refusal(name: "import, 6A81", isRefused: { $0[1] == 0xDB }, isImported: true, status: [0x6A, 0x81]),
        Refusal(name: "the second rule", isRefused: { $0[1...3] == [0xDA, 0x00, 0xC4] }),
        Refusal(name: "the fingerprint", isRefused: { $0[1...3] == [0xDA, 0x00, 0xC7] }),
    ]

    @Test(arguments: refusals) func theOldKeyStands(_ refusal: Refusal) throws {
        let card = try BentOpenPGPCard()
        let token = try card.open()
        let (old, told) = (try token.subjectPublicKeyInfo(of: place), try related(card))
        try token.loginAdministrator("12345678")
        card.bend = { refusal.isRefused($0) ? refusal.status : nil }
        let request = KeyRequest(pin: told.several ? .always : .once, touch: .always)
        #expect(throws: TokenError.self) {
            if refusal.isImported {
                let info = try PrivateKey.generate(refusal.algorithm).pkcs8()
                try token.importPrivateKey(info.span.bytes, at: place, request)
            } else {
                _ = try token.generateKeyPair(refusal.algorithm, at: place, request)
            }
        }
        let after = try related(card)
        #expect(after.key == told.key)
        #expect(after.several == told.several)
        #expect(try card.another().subjectPublicKeyInfo(of: place) == old)
        #expect(try card.another().unfinishedChanges().isEmpty)
        // The handle is the same key's.
        #expect(token.revision(of: place) == 0)
        try token.login("123456")
        #expect(try !token.sign(with: place, input: KnownKeys.p256Hash, authorization: nil).isEmpty)
        // And the next attempt does what was asked for.
        card.bend = { _ in nil }
        let made = try token.generateKeyPair(refusal.algorithm, at: place, request)
        #expect(try card.another().subjectPublicKeyInfo(of: place) == made)
        #expect(try card.another().policy(of: place).touch == .always)
    }

    private func related(_ card: BentOpenPGPCard) throws -> (key: ApplicationRelatedData.Key?, several: Bool) {
        let token = try card.another()
        return token.withCache {
            ($0.related.value.keys[.signature], $0.passwordStatus?.isValidForSeveralSignatures == true)
        }
    }

    /// A card that fails in the middle may have lost the key: nobody gives it the old one's name.
    @Test func afterAFailureOfTheMemoryTheKeyHasNoName() throws {
        let card = try BentOpenPGPCard()
        let token = try card.open()
        try token.loginAdministrator("12345678")
        card.bend = { $0[1...2] == [0x47, 0x80] ? [0x65, 0x81] : nil }
        #expect(throws: TokenError.memoryFull) { try token.generateKeyPair(.ec(.p256), at: place, KeyRequest()) }
        #expect(try card.another().unfinishedChanges() == [place])
    }

    /// SmartPGP takes RSA attributes with import format 03 alone, and wants an EC key's public point.
    @Test(arguments: [KeyType.rsa(bits: 2048), .ec(.p384), .ec(.p256)], [false, true])
    func attributesAreWrittenInTheCardsForm(_ type: KeyType, _ isImported: Bool) throws {
        let card = try BentOpenPGPCard(try #require(CardProfile(named: "smartpgp")), keys: [("sig", "p256")])
        let token = try card.open()
        try token.loginAdministrator("12345678")
        var expected: [UInt8] = []
        if isImported {
            let key = try PrivateKey.generate(type)
            expected = key.publicKey.subjectPublicKeyInfo
            let info = try key.pkcs8()
            try token.importPrivateKey(info.span.bytes, at: place, KeyRequest())
        } else {
            expected = try token.generateKeyPair(type, at: place, KeyRequest())
        }
        let other = try card.another()
        #expect(try other.subjectPublicKeyInfo(of: place) == expected)
        #expect(try other.unfinishedChanges().isEmpty)
        try other.login("123456")
        #expect(try !other.sign(with: place, input: input(type), authorization: nil).isEmpty)
    }

    private func input(_ type: KeyType) -> [UInt8] {
        guard case .rsa = type else { return KnownKeys.p256Hash }
        return bytes("3031300D060960864801650304020105000420") + KnownKeys.p256Hash
    }

    /// FF behind a curve stays where it stood, or where the card lists it (FA).
    @Test(arguments: [true, false]) func theFormOfACurveIsKept(_ isListed: Bool) throws {
        let card = try BentOpenPGPCard(keys: [("sig", "p384")])
        let curve = bytes("13 2B81040022")
        let put = [0x00, 0xDA, 0x00, 0xC1, 0x07] + curve.dropFirst(0) + [0xFF]
        if isListed {
            card.change = { command, answer in
                guard command[1...3] == [0xCA, 0x00, 0xFA] else { return answer }
                let listed = bytes("C10A 13 2A8648CE3D030107 FF C10A 13 2A8648CE3D030107 00")
                return listed + [0x90, 0x00]
            }
        } else {
            try card.another().loginAdministrator("12345678")
            #expect(card.channel.card.process(Array(put)) == [0x90, 0x00])
        }
        let token = try card.open()
        try token.loginAdministrator("12345678")
        _ = try token.generateKeyPair(.ec(.p256), at: place, KeyRequest())
        let written = card.sent.filter { $0[1...3] == [0xDA, 0x00, 0xC1] }.map { hex($0.dropFirst(5)) }
        #expect(written == ["132A8648CE3D030107FF"])
    }

    /// A form that the card refuses is followed by the next one: nothing is lost by asking.
    @Test func theFormIsAskedOfTheCard() throws {
        let card = try BentOpenPGPCard(keys: [("sig", "p384")])
        // A card that lists nothing, and takes RSA as SmartPGP does.
        card.bend = { command in
            if command[1...3] == [0xCA, 0x00, 0xFA] { return [0x6A, 0x88] }
            let isRSA = command[1...3] == [0xDA, 0x00, 0xC1] && command[5] == 0x01
            return isRSA && command.suffix(2) != [0x11, 0x03] ? [0x6A, 0x80] : nil
        }
        card.changeRelated(bytes("0108000020 00"), to: bytes("0108000011 03"))
        let token = try card.open()
        try token.loginAdministrator("12345678")
        let made = try token.generateKeyPair(.rsa(bits: 2048), at: place, KeyRequest())
        #expect(try card.another().subjectPublicKeyInfo(of: place) == made)
    }
}
