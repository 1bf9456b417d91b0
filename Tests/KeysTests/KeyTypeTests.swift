import Keys
import Testing

/// What is known of key types without computing anything.
@Suite struct KeyTypeTests {
    struct Fact: Sendable {
        let type: KeyType
        let word: String, name: String
        /// DER of the curve's object identifier, hexadecimal; empty for RSA.
        let identifier: String
        let bits: Int
        let signatureSize: Int?, secretSize: Int?
    }

    // The identifiers are those of SEC 2, appendix A; RFC 5480, section 2.1.1.1; RFC 5639, appendix A; RFC 8410, section 3.
    static let facts = [
        Fact(
            type: .rsa(bits: 2048), word: "rsa2048", name: "RSA 2048", identifier: "", bits: 2048, signatureSize: 256,
            secretSize: nil),
        Fact(
            type: .rsa(bits: 2047), word: "rsa2047", name: "RSA 2047", identifier: "", bits: 2047, signatureSize: 256,
            secretSize: nil),
        Fact(
            type: .ec(.p256), word: "p256", name: "P-256", identifier: "06082A8648CE3D030107", bits: 256,
            signatureSize: 64, secretSize: 32),
        Fact(
            type: .ec(.p384), word: "p384", name: "P-384", identifier: "06052B81040022", bits: 384, signatureSize: 96,
            secretSize: 48),
        Fact(
            type: .ec(.p521), word: "p521", name: "P-521", identifier: "06052B81040023", bits: 521, signatureSize: 132,
            secretSize: 66),
        Fact(
            type: .ec(.secp256k1), word: "secp256k1", name: "secp256k1", identifier: "06052B8104000A", bits: 256,
            signatureSize: 64, secretSize: 32),
        Fact(
            type: .ec(.brainpoolP256r1), word: "brainpoolP256r1", name: "brainpoolP256r1",
            identifier: "06092B2403030208010107", bits: 256, signatureSize: 64, secretSize: 32),
        Fact(
            type: .ec(.brainpoolP384r1), word: "brainpoolP384r1", name: "brainpoolP384r1",
            identifier: "06092B240303020801010B", bits: 384, signatureSize: 96, secretSize: 48),
        Fact(
            type: .ec(.brainpoolP512r1), word: "brainpoolP512r1", name: "brainpoolP512r1",
            identifier: "06092B240303020801010D", bits: 512, signatureSize: 128, secretSize: 64),
        Fact(
            type: .ed25519, word: "ed25519", name: "Ed25519", identifier: "06032B6570", bits: 255, signatureSize: 64,
            secretSize: nil),
        Fact(
            type: .ed448, word: "ed448", name: "Ed448", identifier: "06032B6571", bits: 448, signatureSize: 114,
            secretSize: nil),
        Fact(
            type: .x25519, word: "x25519", name: "X25519", identifier: "06032B656E", bits: 255, signatureSize: nil,
            secretSize: 32),
        Fact(
            type: .x448, word: "x448", name: "X448", identifier: "06032B656F", bits: 448, signatureSize: nil,
            secretSize: 56),
    ]

    @Test(arguments: facts)
    func namesSizesAndIdentifiers(_ fact: Fact) {
        #expect(fact.type.word == fact.word)
        #expect(fact.type.name == fact.name)
        #expect(fact.type.bits == fact.bits)
        #expect(fact.type.signatureSize == fact.signatureSize)
        #expect(fact.type.sharedSecretSize == fact.secretSize)
        #expect(hexadecimal(fact.type.curveIdentifier ?? []) == fact.identifier)
        if let identifier = fact.type.curveIdentifier { #expect(KeyType(curveIdentifier: identifier) == fact.type) }
    }

    @Test func everyCurveHasItsFacts() {
        #expect(Set(KeyType.onCurves) == Set(Self.facts.filter { !$0.identifier.isEmpty }.map(\.type)))
    }

    @Test(
        "The object identifiers that GnuPG uses on cards name the same curves (RFC 9580, section 9.2)",
        arguments: [("06092B06010401DA470F01", KeyType.ed25519), ("060A2B060104019755010501", .x25519)])
    func legacyIdentifiers(_ identifier: String, _ type: KeyType) throws {
        let legacy = try #require(type.legacyCurveIdentifier)
        #expect(hexadecimal(legacy) == identifier)
        #expect(KeyType(curveIdentifier: legacy) == type)
    }

    @Test(arguments: [
        [], [0x06], [0x06, 0x00], [0x06, 0x03, 0x2B, 0x65, 0x72], [0x06, 0x03, 0x2B, 0x65, 0x70, 0x00],
    ])
    func unknownIdentifierNamesNoCurve(_ identifier: [UInt8]) {
        #expect(KeyType(curveIdentifier: identifier) == nil)
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}
