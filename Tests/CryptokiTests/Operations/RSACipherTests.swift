import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// RSA encryption with public keys on the host and decryption by the card, crossed with OpenSSL both ways.
@Suite struct RSACipherTests {
    private let card: CardWithKey

    init() throws { card = try CardWithKey(.rsa(bits: 2048)) }

    private static let message = [UInt8]("a secret".utf8)

    private static func oaep(
        _ hash: UInt, _ mask: UInt, source: UInt = CKZ_DATA_SPECIFIED, label: [UInt8] = []
    ) -> Mechanism {
        Mechanism(CKM_RSA_PKCS_OAEP, .oaep(OAEPFields(hash: hash, mask: mask, source: source, label: label)))
    }

    /// A mechanism, OpenSSL's options, and the most bytes of plaintext.
    private static let rows: [(mechanism: Mechanism, options: [String], most: Int)] =
        [
            (Mechanism(CKM_RSA_PKCS), ["rsa_padding_mode:pkcs1"], 245),
            (oaep(CKM_SHA_1, CKG_MGF1_SHA1, source: 0), ["rsa_padding_mode:oaep"], 214),
            (
                oaep(CKM_SHA256, CKG_MGF1_SHA1, label: [0xAB, 0xCD]),
                [
                    "rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha1", "rsa_oaep_label:abcd",
                ], 190
            ),
        ]
        + [
            (CKM_SHA_1, CKG_MGF1_SHA1, "sha1", 20), (CKM_SHA224, CKG_MGF1_SHA224, "sha224", 28),
            (CKM_SHA256, CKG_MGF1_SHA256, "sha256", 32), (CKM_SHA384, CKG_MGF1_SHA384, "sha384", 48),
            (CKM_SHA512, CKG_MGF1_SHA512, "sha512", 64), (CKM_SHA3_224, CKG_MGF1_SHA3_224, "sha3-224", 28),
            (CKM_SHA3_256, CKG_MGF1_SHA3_256, "sha3-256", 32), (CKM_SHA3_384, CKG_MGF1_SHA3_384, "sha3-384", 48),
            (CKM_SHA3_512, CKG_MGF1_SHA3_512, "sha3-512", 64),
        ].map { (hash: UInt, mask: UInt, name: String, size: Int) in
            (
                oaep(hash, mask), ["rsa_padding_mode:oaep", "rsa_oaep_md:\(name)", "rsa_mgf1_md:\(name)"],
                254 - 2 * size
            )
        }

    @Test(arguments: rows.indices)
    func goAndComeBack(_ index: Int) throws {
        let (mechanism, options, most) = Self.rows[index]
        let judge = try OpenSSLJudge(card.token.key)
        for message in [[], Self.message, [UInt8](repeating: 9, count: most)] {
            #expect(try judge.withPrivateKey("-decrypt", card.encrypt(mechanism, message), options) == message)
            #expect(try card.decrypt(mechanism, judge.withPublicKey("-encrypt", message, options)) == message)
        }
        #expect(throws: ReturnCode.dataLengthRange) {
            try card.encrypt(mechanism, [UInt8](repeating: 9, count: most + 1))
        }
    }

    @Test func rawNumbers() throws {
        let judge = try OpenSSLJudge(card.token.key)
        let (mechanism, block) = (Mechanism(CKM_RSA_X_509), [0] + [UInt8](repeating: 7, count: 255))
        let ciphertext = try judge.withPublicKey("-encrypt", block, ["rsa_padding_mode:none"])
        #expect(try card.encrypt(mechanism, Array(block.dropFirst())) == ciphertext)
        #expect(try card.decrypt(mechanism, ciphertext) == block)
    }

    @Test func messagesInPartsAndShortBuffers() throws {
        let (library, session, mechanism) = (card.library, card.session, Mechanism(CKM_RSA_PKCS))
        try library.encryptInit(session, mechanism: mechanism, key: card.publicKey)
        #expect(try library.encrypt(session, Self.message, capacity: nil) == .length(256))
        #expect(try library.encrypt(session, Self.message, capacity: 255) == .tooSmall(256))
        let ciphertext = try library.encrypt(session, Self.message, capacity: 256).content
        try library.decryptInit(session, mechanism: mechanism, key: card.privateKey)
        for part in [ciphertext.prefix(100), ciphertext.dropFirst(100)] {
            #expect(try library.decryptUpdate(session, Array(part)) == .bytes([]))
        }
        #expect(try library.decryptFinal(session, capacity: 1000).content == Self.message)
    }

    /// What is wrong with the padding shows nowhere: not in the code, not in the log, and the card is asked all the same.
    @Test(
        arguments: [
            (Mechanism(CKM_RSA_PKCS), [0, 1]), (Mechanism(CKM_RSA_PKCS), [1, 2]), (Mechanism(CKM_RSA_PKCS), [0, 2, 0]),
            (Mechanism(CKM_RSA_PKCS), [0, 2, 1, 1, 1, 1, 1, 1, 1, 0]), (Mechanism(CKM_RSA_PKCS), [0, 2]),
            (oaep(CKM_SHA_1, CKG_MGF1_SHA1), [0]), (oaep(CKM_SHA_1, CKG_MGF1_SHA1), [1]),
            (oaep(CKM_SHA512, CKG_MGF1_SHA1, label: [1]), [0]),
        ] as [(Mechanism, [UInt8])])
    func wrongPaddingsAreOne(_ mechanism: Mechanism, _ start: [UInt8]) throws {
        let lines = Lines()
        let card = try CardWithKey(.rsa(bits: 2048), log: Log { lines.add($0) })
        let block = start + [UInt8](repeating: 3, count: 256 - start.count)
        let ciphertext = try card.token.key.publicKey.rsaPublicOperation(block)
        #expect(throws: ReturnCode.encryptedDataInvalid) { try card.decrypt(mechanism, ciphertext) }
        #expect(card.uses == 1)
        #expect(lines.all.isEmpty)
    }

    /// The same where the card takes the padding off, whether the key is decrypted or unwrapped.
    @Test func aCardsWordOnPaddingsIsInNoLog() throws {
        let lines = Lines()
        let card = try CardWithKey(.rsa(bits: 2048), padsRSA: true, log: Log { lines.add($0) })
        let publicKey = card.token.key.publicKey
        let wrong = try publicKey.rsaPublicOperation([0, 1] + [UInt8](repeating: 3, count: 254))
        let short = try publicKey.encryptPKCS1([1, 2, 3])
        let template: [Attribute] = [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_AES)]
        #expect(throws: ReturnCode.encryptedDataInvalid) { try card.decrypt(Mechanism(CKM_RSA_PKCS), wrong) }
        for wrapped in [wrong, short] {
            #expect(throws: ReturnCode.wrappedKeyInvalid) {
                try card.library.unwrapKey(
                    card.session, mechanism: Mechanism(CKM_RSA_PKCS), unwrappingKey: card.privateKey,
                    wrapped: wrapped.span.bytes, template)
            }
        }
        #expect(card.uses == 3)
        #expect(lines.all.isEmpty)
        card.token.failure = .failed("broken")
        #expect(throws: ReturnCode.deviceError) { try card.decrypt(Mechanism(CKM_RSA_PKCS), wrong) }
        #expect(lines.all.count == 1)
    }

    /// A result that did not fit is that of its own ciphertext, which the card decrypts once.
    @Test func heldOutputBelongsToItsCiphertext() throws {
        let (library, session, mechanism) = (card.library, card.session, Mechanism(CKM_RSA_PKCS))
        let one = try card.encrypt(mechanism, Self.message), other = try card.encrypt(mechanism, [7, 7, 7])
        let uses = card.uses
        try library.decryptInit(session, mechanism: mechanism, key: card.privateKey)
        for _ in 0..<2 { #expect(try library.decrypt(session, one, capacity: 1) == .tooSmall(Self.message.count)) }
        #expect(card.uses == uses + 1)
        #expect(try library.decrypt(session, other).content == [7, 7, 7])
        #expect(card.uses == uses + 2)
    }

    /// What can be told before the card is asked costs no use of its key.
    @Test(
        arguments: [
            (Mechanism(CKM_RSA_PKCS), 255, .encryptedDataLengthRange),
            (Mechanism(CKM_RSA_PKCS), 257, .encryptedDataLengthRange),
            (Mechanism(CKM_RSA_X_509), 256, .encryptedDataInvalid),
            (Mechanism(CKM_RSA_PKCS), 256, .encryptedDataInvalid),
            (Mechanism(CKM_RSA_PKCS, .number(1)), 256, .mechanismParameterInvalid),
            (Mechanism(CKM_RSA_PKCS_OAEP), 256, .mechanismParameterInvalid),
            (oaep(CKM_SHA256, 99), 256, .mechanismParameterInvalid),
            (oaep(CKM_RSA_PKCS, CKG_MGF1_SHA1), 256, .mechanismParameterInvalid),
            (oaep(CKM_SHA256, CKG_MGF1_SHA1, source: 2), 256, .mechanismParameterInvalid),
            (oaep(CKM_SHA256, CKG_MGF1_SHA1, source: 0, label: [1]), 256, .mechanismParameterInvalid),
            (Mechanism(CKM_SHA256_RSA_PKCS), 256, .mechanismInvalid), (Mechanism(CKM_ECDSA), 256, .mechanismInvalid),
        ] as [(Mechanism, Int, ReturnCode)])
    func whatIsWrongBeforehand(_ mechanism: Mechanism, _ count: Int, _ expected: ReturnCode) throws {
        let card = try CardWithKey(.rsa(bits: 2048))
        #expect(throws: expected) { try card.decrypt(mechanism, [UInt8](repeating: 0xFF, count: count)) }
        #expect(card.uses == 0)
    }

    @Test func keysThatDoNotFit() throws {
        let curve = try CardWithKey(.ec(.p256))
        #expect(throws: ReturnCode.keyTypeInconsistent) { try curve.decrypt(Mechanism(CKM_RSA_PKCS), []) }
        #expect(throws: ReturnCode.keyTypeInconsistent) { try curve.encrypt(Mechanism(CKM_RSA_PKCS), []) }
        let small = try CardWithKey(.rsa(bits: 1024))
        #expect(throws: ReturnCode.keySizeRange) { try small.decrypt(Self.oaep(CKM_SHA512, CKG_MGF1_SHA1), []) }
        #expect(throws: ReturnCode.keySizeRange) { try small.encrypt(Self.oaep(CKM_SHA512, CKG_MGF1_SHA1), []) }
        let signer = try CardWithKey(.rsa(bits: 1024), uses: .sign)
        #expect(throws: ReturnCode.keyFunctionNotPermitted) { try signer.decrypt(Mechanism(CKM_RSA_PKCS), []) }
    }
}
