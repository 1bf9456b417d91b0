import HostCrypto
import ISO7816
import Platform
import TestSupport
import Testing
import Token
import VirtualCard
import VirtualChannel

@testable import OpenPGP

/// What lies in a key's place, and what does not fit there.
@Suite struct PlaceTests {
    private static let unknown = "16 2B0601040199999901"

    /// A key of an algorithm that is not known here is a key: by the card's word (DE), its fingerprint, or its public key.
    /// That there is none is the card's word and what it shows.
    @Test(arguments: [
        (states: "010102000300" as String?, fingerprints: nil as String?, shown: nil as String?, PlaceContent.key),
        (nil, String(repeating: "11", count: 60), nil, .key),
        (nil, nil, "7F49 05 86 03 010203 9000", .key), (nil, nil, "6A88", .nothing),
        ("010002000300", nil, "6A88", .nothing), ("010002000300", nil, "7F49 05 86 03 010203 9000", .key),
    ])
    func keysOfUnknownAlgorithms(
        _ states: String?, _ fingerprints: String?, _ shown: String?, _ expected: PlaceContent
    ) throws {
        let card = ScriptedCard()
        let related = RelatedData(
            algorithms: [Self.unknown, KnownKeys.x25519Attributes, KnownKeys.ed25519Attributes],
            fingerprints: fingerprints, states: states)
        let token = try card.token(related)
        card.expect(.related(related))
        if let shown { card.expect(.readKey("B6", shown)) }
        if expected == .nothing {
            card.expect(.selectCertificate("02"), .get("7F21", "9000"), .selectCertificate("00"))
        }
        #expect(try token.content(of: .signatureKey) == expected)
        #expect(card.left.isEmpty)
    }

    @Test func aCertificateAlone() throws {
        let card = try SimulatedOpenPGPCard()
        let (place, certificate) = (SimulatedOpenPGPCard.place(3), ObjectReference(.certificate, 3))
        #expect(try card.token.content(of: place) == .nothing)
        #expect(try card.token.emptyPlace(for: .ed25519) == SimulatedOpenPGPCard.place(1))
        try card.token.loginAdministrator("12345678")
        try card.token.write(TestCertificate.der(), to: certificate, ifStill: nil)
        #expect(try card.token.content(of: place) == .certificate)
        _ = try card.token.generateKeyPair(.ed25519, at: SimulatedOpenPGPCard.place(1), KeyRequest())
        // The place of a certificate is not empty.
        #expect(try card.token.emptyPlace(for: .ed25519) == nil)
    }

    /// A card that cannot keep what it is given: the old key stands, and the reason is the memory.
    @Test func aFullCardKeepsItsKey() throws {
        let isFull = Guarded(false)
        var builder = try CardBuilder(profile: .openPGP34, serialNumber: 7)
        try builder.add(.init(slot: "sig", algorithm: "p256"))
        let card = VirtualCard(state: builder.state) { _ in
            if isFull.withLock({ $0 }) { throw CancellationError() }
        }
        let channel = VirtualCardChannel(card: card)
        let token = try #require(try OpenPGPToken.open(Card(channel: channel)))
        let old = try token.subjectPublicKeyInfo(of: .signatureKey)
        try token.loginAdministrator("12345678")
        isFull.withLock { $0 = true }
        #expect(throws: TokenError.memoryFull) {
            try token.generateKeyPair(.ec(.p384), at: .signatureKey, KeyRequest())
        }
        let other = try #require(try OpenPGPToken.open(Card(channel: channel)))
        #expect(try other.subjectPublicKeyInfo(of: .signatureKey) == old)
        #expect(try other.unfinishedChanges().isEmpty)
    }

    /// Refused before anything on the card changes: an exponent longer than the card's.
    @Test(arguments: [
        ("openssl: an exponent of 33 bits", [0x01, 0x00, 0x00, 0x00, 0x01] as [UInt8]),
        ("an exponent of 65 bits", [0x01, 0, 0, 0, 0, 0, 0, 0, 0x0F]),
    ])
    func anExponentTheCardCannotHoldChangesNothing(_ name: String, _ exponent: [UInt8]) throws {
        let numbers = try PrivateKey.generate(.rsa(bits: 2048)).numbers()
        guard
            let key = try? PrivateKey.rsa(p: numbers.values[0], q: numbers.values[1], publicExponent: exponent)
        else { return }
        try changesNothing(key)
    }

    /// The same of primes of unequal length: a card's key has two of half the modulus.
    @Test(arguments: [(1000, 1048), (1048, 1000)]) func unequalPrimesChangeNothing(_ p: Int, _ q: Int) throws {
        func prime(_ bits: Int) throws -> [UInt8] {
            let digits = try Tool.run("openssl", "prime", "-generate", "-hex", "-bits", String(bits)).checked().text
            return bytes(digits.filter(\.isHexDigit))
        }
        let key = try PrivateKey.rsa(p: prime(p), q: prime(q), publicExponent: [1, 0, 1])
        #expect(key.type == .rsa(bits: 2048))
        try changesNothing(key)
    }

    private func changesNothing(_ key: PrivateKey) throws {
        let card = try SimulatedOpenPGPCard(keys: [.init(slot: "sig", algorithm: "rsa2048")])
        let before = try card.another().subjectPublicKeyInfo(of: SimulatedOpenPGPCard.place(1))
        let info = try key.pkcs8()
        try card.token.loginAdministrator("12345678")
        card.channel.clearLog()
        #expect(throws: TokenError.dataInvalid) {
            try card.token.importPrivateKey(info.span.bytes, at: SimulatedOpenPGPCard.place(1), KeyRequest())
        }
        #expect(!card.channel.log.contains { [0xDA, 0xDB].contains($0.command[1]) })
        #expect(try card.another().subjectPublicKeyInfo(of: SimulatedOpenPGPCard.place(1)) == before)
        #expect(try card.another().unfinishedChanges().isEmpty)
    }
}
