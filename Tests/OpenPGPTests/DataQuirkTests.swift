import HostCrypto
import ISO7816
import Keys
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// Data objects as real OpenPGP cards give them, through the quirks of the simulated card.
@Suite("OpenPGP data that is written otherwise") struct DataQuirkTests {
    private static let plans: [CardBuilder.OpenPGPKeyPlan] = [
        .init(slot: "sig", algorithm: "ed25519"), .init(slot: "dec", algorithm: "x25519"),
        .init(slot: "aut", algorithm: "p256"),
    ]

    private static func token(_ quirks: [String], _ profile: CardProfile) throws -> (OpenPGPToken, VirtualCardChannel) {
        var builder = try CardBuilder(
            profile: profile, serialNumber: 7, quirks: try quirks.map { try #require(Quirk(named: $0)) })
        for plan in plans { try builder.add(plan) }
        let channel = VirtualCardChannel(card: VirtualCard(state: builder.state))
        return (try #require(try OpenPGPToken.open(Card(channel: channel))), channel)
    }

    static let algorithmQuirks: [[String]] = [
        [], ["fa-two-bytes-more"], ["fa-x25519-as-eddsa"], ["byte-after-curve"],
        ["fa-two-bytes-more", "fa-x25519-as-eddsa", "byte-after-curve"],
    ]

    @Test(
        "All algorithms are told, and every key", arguments: algorithmQuirks, [CardProfile.yubiKey57Both, .openPGP34])
    func algorithms(_ quirks: [String], _ profile: CardProfile) throws {
        let (token, _) = try Self.token(quirks, profile)
        let told = try token.cardAlgorithms()
        #expect(told.rsa == 2048...4096 && told.edDSA != nil)
        #expect(told.ecdsa == 256...521 && told.agreement == 256...521 && told.montgomery != nil)
        #expect(try token.keyAlgorithms(at: ObjectReference(.privateKey, 2)).contains(.x25519))
        #expect(try !token.keyAlgorithms(at: ObjectReference(.privateKey, 1)).contains(.x25519))
        let keys = (1...3).map { ObjectReference(.publicKey, $0) }
        #expect(try token.present(among: keys, areNamed: false) == keys)
        let types = try keys.map { try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: $0)).type }
        #expect(types == [.ed25519, .x25519, .ec(.p256)])
    }

    @Test("A key for X25519 can be made", arguments: algorithmQuirks)
    func newKey(_ quirks: [String]) throws {
        let (token, _) = try Self.token(quirks, .yubiKey57Both)
        try token.loginAdministrator("12345678")
        let place = ObjectReference(.privateKey, 2)
        let made = try token.generateKeyPair(.x25519, at: place, KeyRequest())
        #expect(try PublicKey(subjectPublicKeyInfo: made).type == .x25519)
        let p256 = try token.generateKeyPair(.ec(.p256), at: place, KeyRequest())
        #expect(try PublicKey(subjectPublicKeyInfo: p256).type == .ec(.p256))
    }

    @Test("A certificate ends where it ends", arguments: ["certificate-padded", "certificate-chain"])
    func certificates(_ quirk: String) throws {
        let (token, _) = try Self.token([quirk], .openPGP34)
        for (number, name) in [(UInt32(1), "SIG"), (2, "DEC"), (3, "AUT")] {
            let object = ObjectReference(.certificate, number)
            let certificate = try Certificate(der: token.value(of: object))
            #expect(certificate.commonName == "Martlet \(name)")
            #expect(try token.unreadableCertificate(at: object) == nil)
        }
        #expect(try token.unfinishedChanges().isEmpty)
    }

    @Test("A certificate that cannot be read is told, and left alone")
    func unreadable() throws {
        let (_, channel) = try Self.token([], .openPGP34)
        // SELECT, VERIFY of PW3, PUT DATA of the first certificate.
        let commands: [[UInt8]] = [
            [0x00, 0xA4, 0x04, 0x00, 0x06, 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01],
            [0x00, 0x20, 0x00, 0x83, 0x08] + Array("12345678".utf8),
            [0x00, 0xDA, 0x7F, 0x21, 0x03, 0x31, 0x01, 0x00],
        ]
        for command in commands { #expect(channel.card.process(command) == [0x90, 0x00]) }
        let other = try #require(try OpenPGPToken.open(Card(channel: channel)))
        let object = ObjectReference(.certificate, 3)
        #expect(try other.present(among: [object], areNamed: true).isEmpty)
        #expect(try other.unreadableCertificate(at: object) == [0x31, 0x01, 0x00])
        #expect(try other.unreadableCertificate(at: ObjectReference(.certificate, 1)) == nil)
        #expect(try other.unfinishedChanges().isEmpty)
    }

    @Test("Signatures whose halves have zeros are signatures, and the key stays")
    func signatures() throws {
        var builder = try CardBuilder(profile: try #require(CardProfile(named: "smartpgp")), serialNumber: 7)
        try builder.add(.init(slot: "aut", algorithm: "p256"))
        let channel = VirtualCardChannel(card: VirtualCard(state: builder.state))
        let token = try #require(try OpenPGPToken.open(Card(channel: channel)))
        let key = ObjectReference(.privateKey, 3)
        let publicKey = try PublicKey(subjectPublicKeyInfo: token.subjectPublicKeyInfo(of: key))
        try token.login("123456")
        let revision = token.revision(of: key)
        var lengths: Set<Int> = []
        for number in UInt8(0)..<24 {
            let hash = [UInt8](repeating: number, count: 32)
            let signature = try token.sign(with: key, input: hash, authorization: nil)
            #expect(try publicKey.verifyECDSA(ECDSASignature(der: signature, fieldSize: 32), hash: hash))
            lengths.insert(channel.log.last.map { $0.answer.count } ?? 0)
        }
        #expect(lengths == [66, 68])
        #expect(token.revision(of: key) == revision)
    }
}
