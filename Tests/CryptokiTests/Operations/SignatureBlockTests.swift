import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing

/// What the card's key is given to sign. `martlet sign` gives the same: SignTests of CommandLineTests.
@Suite struct SignatureBlockTests {
    private static let message = [UInt8]("what is signed".utf8)

    struct Case: Sendable {
        let type: KeyType
        let mechanism: UInt
        let digest: Digest
        /// The block's length, and how much of the hash is in it, at its end.
        let block: Int, kept: Int
    }

    @Test(
        "ECDSA: the hash, cut to the order's length or filled up with zeros",
        arguments: [
            Case(type: .ec(.p521), mechanism: CKM_ECDSA_SHA512, digest: .sha512, block: 64, kept: 64),
            Case(type: .ec(.p521), mechanism: CKM_ECDSA_SHA256, digest: .sha256, block: 64, kept: 32),
            Case(type: .ec(.p384), mechanism: CKM_ECDSA_SHA512, digest: .sha512, block: 48, kept: 48),
            Case(type: .ec(.p256), mechanism: CKM_ECDSA_SHA1, digest: .sha1, block: 32, kept: 20),
        ])
    func ecdsaBlock(_ expected: Case) throws {
        let card = try CardWithKey(expected.type)
        let signature = try card.sign(Mechanism(expected.mechanism), Self.message)
        let hash = try expected.digest.hash(Self.message).prefix(expected.kept)
        #expect(card.token.signed == [[UInt8](repeating: 0, count: expected.block - expected.kept) + hash])
        try card.verify(Mechanism(expected.mechanism), Self.message, signature)
    }

    @Test("RSA: the DigestInfo where the card pads, else the padded block", arguments: [true, false])
    func rsaBlock(_ cardPads: Bool) throws {
        let card = try CardWithKey(.rsa(bits: 1024), padsRSA: cardPads)
        _ = try card.sign(Mechanism(CKM_SHA1_RSA_PKCS), Self.message)
        let information = try Digest.sha1.digestInfo(Digest.sha1.hash(Self.message))
        let padded = [0, 1] + [UInt8](repeating: 0xFF, count: 128 - 3 - information.count) + [0] + information
        #expect(card.token.signed == [cardPads ? information : padded])
    }
}
