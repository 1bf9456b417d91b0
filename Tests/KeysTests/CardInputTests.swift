import Keys
import Testing

/// The blocks that a card's private key is applied to.
@Suite struct CardInputTests {
    struct ECDSACase: Sendable {
        let curve: Curve
        /// The hash's length in bytes.
        let hash: Int
        /// Of the block: how many zeros stand first, and how many bytes of the hash follow.
        let zeros: Int, kept: Int
    }

    @Test(
        "ECDSA takes the hash's leftmost bytes, after zeros up to the order's length or the longest hash's",
        arguments: [
            ECDSACase(curve: .p256, hash: 32, zeros: 0, kept: 32),
            ECDSACase(curve: .p256, hash: 20, zeros: 12, kept: 20),
            ECDSACase(curve: .p256, hash: 64, zeros: 0, kept: 32),
            ECDSACase(curve: .p384, hash: 32, zeros: 16, kept: 32),
            ECDSACase(curve: .p384, hash: 48, zeros: 0, kept: 48),
            ECDSACase(curve: .p384, hash: 64, zeros: 0, kept: 48),
            ECDSACase(curve: .p521, hash: 64, zeros: 0, kept: 64),
            ECDSACase(curve: .p521, hash: 32, zeros: 32, kept: 32),
            ECDSACase(curve: .p521, hash: 66, zeros: 0, kept: 66),
            ECDSACase(curve: .p521, hash: 80, zeros: 0, kept: 66),
            ECDSACase(curve: .brainpoolP512r1, hash: 64, zeros: 0, kept: 64),
            ECDSACase(curve: .secp256k1, hash: 48, zeros: 0, kept: 32),
        ])
    func ecdsaBlock(_ expected: ECDSACase) {
        let hash = (0..<expected.hash).map { UInt8($0 + 1) }
        let block = [UInt8](repeating: 0, count: expected.zeros) + hash.prefix(expected.kept)
        #expect(CardInput.ecdsa(hash, on: expected.curve) == block)
    }

    struct PKCS1Case: Sendable {
        let modulus: Int
        let data: Int
        /// How many FF stand between, nil where the data do not fit.
        let padding: Int?
    }

    @Test(
        "PKCS#1 v1.5 pads with at least eight FF",
        arguments: [
            PKCS1Case(modulus: 256, data: 51, padding: 202), PKCS1Case(modulus: 64, data: 53, padding: 8),
            PKCS1Case(modulus: 64, data: 54, padding: nil), PKCS1Case(modulus: 11, data: 0, padding: 8),
            PKCS1Case(modulus: 10, data: 0, padding: nil), PKCS1Case(modulus: 2049, data: 1, padding: nil),
        ])
    func pkcs1Block(_ expected: PKCS1Case) {
        let data = [UInt8](repeating: 7, count: expected.data)
        let block = expected.padding.map { [0, 1] + [UInt8](repeating: 0xFF, count: $0) + [0] + data }
        #expect(CardInput.pkcs1(data, modulusSize: expected.modulus) == block)
    }
}
