import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing

/// Signatures of the card and their verification on the host, crossed with OpenSSL both ways.
@Suite struct SignatureTests {
    private static let message = [UInt8]("a message to be signed".utf8)

    /// A mechanism, the hash that it computes, the hash of its signature as OpenSSL calls it, and OpenSSL's options.
    typealias Row = (mechanism: Mechanism, hashes: Digest?, name: String, options: [String])

    private static let digests: [(digest: Digest, type: UInt, mask: UInt, name: String, pkcs1: UInt, pss: UInt)] = [
        (.sha1, CKM_SHA_1, CKG_MGF1_SHA1, "sha1", CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS),
        (.sha224, CKM_SHA224, CKG_MGF1_SHA224, "sha224", CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS),
        (.sha256, CKM_SHA256, CKG_MGF1_SHA256, "sha256", CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS),
        (.sha384, CKM_SHA384, CKG_MGF1_SHA384, "sha384", CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS),
        (.sha512, CKM_SHA512, CKG_MGF1_SHA512, "sha512", CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS),
        (.sha3_224, CKM_SHA3_224, CKG_MGF1_SHA3_224, "sha3-224", CKM_SHA3_224_RSA_PKCS, CKM_SHA3_224_RSA_PKCS_PSS),
        (.sha3_256, CKM_SHA3_256, CKG_MGF1_SHA3_256, "sha3-256", CKM_SHA3_256_RSA_PKCS, CKM_SHA3_256_RSA_PKCS_PSS),
        (.sha3_384, CKM_SHA3_384, CKG_MGF1_SHA3_384, "sha3-384", CKM_SHA3_384_RSA_PKCS, CKM_SHA3_384_RSA_PKCS_PSS),
        (.sha3_512, CKM_SHA3_512, CKG_MGF1_SHA3_512, "sha3-512", CKM_SHA3_512_RSA_PKCS, CKM_SHA3_512_RSA_PKCS_PSS),
    ]

    private static func pss(
        _ type: UInt, _ hash: UInt, _ mask: UInt, _ saltSize: UInt
    ) -> Mechanism { Mechanism(type, .pss(PSSFields(hash: hash, mask: mask, saltSize: saltSize))) }

    /// Every hash function with both paddings; PSS over a hash too, with another mask function and other salts.
    private static let rsa: [Row] =
        digests.map { (Mechanism($0.pkcs1), $0.digest, $0.name, ["digest:\($0.name)"]) }
        + digests.map {
            (
                pss($0.pss, $0.type, $0.mask, UInt($0.digest.size)), $0.digest, $0.name,
                ["digest:\($0.name)", "rsa_padding_mode:pss", "rsa_pss_saltlen:\($0.digest.size)"]
            )
        }
        + [
            (
                pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, 0), nil, "sha256",
                ["digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:0", "rsa_mgf1_md:sha1"]
            ),
            (
                // As long as the key has room for.
                pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA3_256, 222), .sha256, "sha256",
                ["digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:222", "rsa_mgf1_md:sha3-256"]
            ),
            (Mechanism(CKM_RSA_PKCS), nil, "sha256", ["rsa_padding_mode:pkcs1"]),
        ]

    @Test(arguments: rsa.indices)
    func rsaSignatures(_ index: Int) throws {
        let row = Self.rsa[index]
        let card = try CardWithKey(.rsa(bits: 2048))
        let judge = try OpenSSLJudge(card.token.key)
        // What is not hashed here is a hash already; OpenSSL is given hashes always.
        let hash = try (row.hashes ?? .sha256).hash(Self.message)
        let data = row.hashes == nil ? hash : Self.message
        let signature = try card.sign(row.mechanism, data)
        #expect(try judge.verifies(signature, hash, row.options))
        #expect(try !judge.verifies(signature, hash.map { $0 ^ 1 }, row.options))
        let theirs = try judge.withPrivateKey("-sign", hash, row.options)
        try card.verify(row.mechanism, data, theirs)
        #expect(throws: ReturnCode.signatureInvalid) { try card.verify(row.mechanism, data.map { $0 ^ 1 }, theirs) }
        #expect(throws: ReturnCode.signatureLengthRange) {
            try card.verify(row.mechanism, data, Array(theirs.dropLast()))
        }
        let inParts = try card.signInParts(row.mechanism, [Array(data.prefix(3)), [], Array(data.dropFirst(3))])
        try card.verify(row.mechanism, data, inParts)
    }

    /// The bare operation: shorter data stand for a smaller number.
    @Test func rawRSA() throws {
        let card = try CardWithKey(.rsa(bits: 2048))
        let judge = try OpenSSLJudge(card.token.key)
        let (mechanism, block) = (Mechanism(CKM_RSA_X_509), [0] + [UInt8](repeating: 7, count: 255))
        let signature = try judge.withPrivateKey("-decrypt", block, ["rsa_padding_mode:none"])
        #expect(try card.sign(mechanism, block) == signature)
        #expect(try card.sign(mechanism, Array(block.dropFirst())) == signature)
        try card.verify(mechanism, Array(block.dropFirst()), signature)
        #expect(throws: ReturnCode.signatureInvalid) { try card.verify(mechanism, [7], signature) }
    }

    /// Curves with hashes shorter and longer than their order, of which the leftmost bits count; and every hash function.
    @Test(
        arguments: Curve.allCases.flatMap { [($0, CKM_ECDSA, nil, 20), ($0, CKM_ECDSA, nil, 64)] }
            + [
                (.p256, CKM_ECDSA_SHA1, .sha1, 100), (.p384, CKM_ECDSA_SHA224, .sha224, 100),
                (.p256, CKM_ECDSA_SHA256, .sha256, 100), (.p384, CKM_ECDSA_SHA384, .sha384, 100),
                (.p521, CKM_ECDSA_SHA512, .sha512, 100), (.p256, CKM_ECDSA_SHA3_224, .sha3_224, 100),
                (.p384, CKM_ECDSA_SHA3_256, .sha3_256, 100), (.p256, CKM_ECDSA_SHA3_384, .sha3_384, 100),
                (.p521, CKM_ECDSA_SHA3_512, .sha3_512, 100),
            ] as [(Curve, UInt, Digest?, Int)])
    func ecdsaSignatures(_ curve: Curve, _ type: UInt, _ digest: Digest?, _ count: Int) throws {
        let card = try CardWithKey(.ec(curve), verifiesAll: true)
        let judge = try OpenSSLJudge(card.token.key)
        let data = [UInt8](repeating: 0xA7, count: count)
        let hash = try digest?.hash(data) ?? data
        let signature = try card.sign(Mechanism(type), data)
        let der = try ECDSASignature(fixedWidth: signature, fieldSize: curve.fieldSize).der
        #expect(try judge.verifies(der, hash))
        let theirs = try ECDSASignature(der: judge.withPrivateKey("-sign", hash), fieldSize: curve.fieldSize)
        try card.verify(Mechanism(type), data, theirs.fixedWidth)
        #expect(throws: ReturnCode.signatureInvalid) {
            try card.verify(Mechanism(type), data.map { $0 ^ 0x80 }, theirs.fixedWidth)
        }
    }

    /// Bits beyond the order's length do not count.
    @Test func dataLongerThanTheOrderAreCutOff() throws {
        let card = try CardWithKey(.ec(.p521))
        let data = [UInt8](repeating: 0xA7, count: 66)
        let signature = try card.sign(Mechanism(CKM_ECDSA), data + [1, 2, 3])
        try card.verify(Mechanism(CKM_ECDSA), data, signature)
        try card.verify(Mechanism(CKM_ECDSA), data.dropLast() + [0x91], signature)
        #expect(throws: ReturnCode.signatureInvalid) {
            try card.verify(Mechanism(CKM_ECDSA), data.dropLast() + [0x27], signature)
        }
    }

    /// Ed25519 is without parameters, and Ed448 has them.
    @Test(
        arguments: [
            (.ed25519, Mechanism(CKM_EDDSA)), (.ed448, Mechanism(CKM_EDDSA, .edDSA(preHashed: false, context: []))),
        ] as [(KeyType, Mechanism)])
    func edDSASignatures(_ type: KeyType, _ pure: Mechanism) throws {
        let card = try CardWithKey(type, verifiesAll: true)
        let judge = try OpenSSLJudge(card.token.key)
        let signature = try card.sign(pure, Self.message)
        #expect(try judge.withPrivateKey("-sign", Self.message, isRaw: true) == signature)
        try card.verify(pure, Self.message, signature)
        // Beyond what a card is given in one piece the host still verifies.
        let long = [UInt8](repeating: 5, count: 100_000)
        #expect(throws: ReturnCode.dataLengthRange) { try card.sign(pure, long) }
        try card.verify(pure, long, judge.withPrivateKey("-sign", long, isRaw: true))
    }

    /// A signature that does not verify gives a key away; it does not leave.
    @Test(
        arguments: [
            (.rsa(bits: 1024), Mechanism(CKM_RSA_PKCS), false), (.rsa(bits: 1024), Mechanism(CKM_RSA_X_509), false),
            (.rsa(bits: 1024), pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32), false),
            (.ec(.p256), Mechanism(CKM_ECDSA), true), (.ed25519, Mechanism(CKM_EDDSA), true),
        ] as [(KeyType, Mechanism, Bool)])
    func wrongSignaturesAreWithheld(_ type: KeyType, _ mechanism: Mechanism, _ isSetting: Bool) throws {
        for verifiesAll in [false, true] {
            let card = try CardWithKey(type, verifiesAll: verifiesAll)
            card.token.distortion = { $0.dropLast() + [$0[$0.count - 1] ^ 1] }
            let isWithheld = verifiesAll || !isSetting
            #expect(code { _ = try card.sign(mechanism, Self.message) } == (isWithheld ? .deviceError : nil))
        }
    }
}
