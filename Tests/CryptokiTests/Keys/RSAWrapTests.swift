import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// Secret keys wrapped with an RSA public key on the host, and unwrapped by the card.
@Suite struct RSAWrapTests {
    private let card: CardWithKey

    init() throws { card = try CardWithKey(.rsa(bits: 2048)) }

    private static let oaep = OAEPFields(hash: CKM_SHA256, mask: CKG_MGF1_SHA1, label: [1, 2])
    private static let rsa = Mechanism(CKM_RSA_PKCS)
    private static let throughAES = Mechanism(CKM_RSA_AES_KEY_WRAP, .rsaAESKeyWrap(aesKeyBits: 256, oaep))
    private static let value = [UInt8](0..<32)
    private static let readable: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]
    private static let template: [Attribute] =
        [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)] + readable

    private func wrap(_ mechanism: Mechanism, _ key: UInt, by wrapping: UInt? = nil, capacity: Int? = 1000) throws
        -> Output
    {
        return try card.library.wrapKey(
            card.session, mechanism: mechanism, wrappingKey: wrapping ?? card.publicKey, key: key, capacity: capacity)
    }

    private func unwrap(
        _ mechanism: Mechanism, _ wrapped: [UInt8], _ template: [Attribute] = template, by key: UInt? = nil
    ) throws -> UInt {
        return try card.library.unwrapKey(
            card.session, mechanism: mechanism, unwrappingKey: key ?? card.privateKey, wrapped: wrapped.span.bytes,
            template)
    }

    private func secret(_ count: Int = 32, _ more: [Attribute] = readable) throws -> UInt {
        return try card.library.create(
            card.session,
            [
                .number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
                Attribute(CKA_VALUE, [UInt8](repeating: 6, count: count)),
            ] + more)
    }

    /// Each mechanism with the length of what comes out, and what OpenSSL makes of it.
    @Test(
        arguments: [
            (rsa, 256, ["rsa_padding_mode:pkcs1"]),
            (
                Mechanism(CKM_RSA_PKCS_OAEP, .oaep(oaep)), 256,
                ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha1", "rsa_oaep_label:0102"]
            ), (throughAES, 256 + 40, nil),
        ] as [(Mechanism, Int, [String]?)])
    func keysGoAndComeBack(_ mechanism: Mechanism, _ size: Int, _ options: [String]?) throws {
        let key = try secret()
        #expect(try wrap(mechanism, key, capacity: nil) == .length(size))
        #expect(try wrap(mechanism, key, capacity: size - 1) == .tooSmall(size))
        let wrapped = try wrap(mechanism, key).content
        #expect(wrapped.count == size)
        let back = try unwrap(mechanism, wrapped)
        #expect(try card.library.value(card.session, back, CKA_VALUE) == [UInt8](repeating: 6, count: 32))
        #expect(try card.library.value(card.session, back, CKA_LOCAL) == [0])
        guard let options else { return }
        let judge = try OpenSSLJudge(card.token.key)
        #expect(try judge.withPrivateKey("-decrypt", wrapped, options) == [UInt8](repeating: 6, count: 32))
        let theirs = try unwrap(mechanism, judge.withPublicKey("-encrypt", Self.value, options))
        #expect(try card.library.value(card.session, theirs, CKA_VALUE) == Self.value)
    }

    /// The two halves of CKM_RSA_AES_KEY_WRAP are OAEP and KWP, which OpenSSL and other tests here know.
    @Test func theAESKeyBetween() throws {
        let wrapped = try wrap(Self.throughAES, secret()).content
        let between = try card.decrypt(Mechanism(CKM_RSA_PKCS_OAEP, .oaep(Self.oaep)), Array(wrapped.prefix(256)))
        #expect(between.count == 32)
        let value = try AESKeyWrap.padded(initialValue: nil).unwrap(
            wrapped.span.bytes.extracting(droppingFirst: 256), key: between.span.bytes)
        #expect(value == [UInt8](repeating: 6, count: 32))
    }

    /// One code for all that can be wrong inside a wrapped key of the right length, whether padding or secret.
    @Test func wrongKeysAreOne() throws {
        let key = card.token.key.publicKey
        let short = try key.encryptPKCS1([1, 2, 3])
        let blocks = try [
            key.rsaPublicOperation([0, 1] + [UInt8](repeating: 3, count: 254)), key.encryptPKCS1([]),
            [UInt8](repeating: 0xFF, count: 256),
        ]
        for block in blocks { #expect(throws: ReturnCode.wrappedKeyInvalid) { try unwrap(Self.rsa, block) } }
        let aes = [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_AES)] + Self.readable
        for template in [aes, Self.template + [.number(CKA_VALUE_LEN, 16)]] {
            #expect(throws: ReturnCode.wrappedKeyInvalid) { try unwrap(Self.rsa, short, template) }
        }
        var wrapped = try wrap(Self.throughAES, secret()).content
        wrapped[290] ^= 1
        #expect(throws: ReturnCode.wrappedKeyInvalid) { try unwrap(Self.throughAES, wrapped) }
        wrapped[0] ^= 1
        #expect(throws: ReturnCode.wrappedKeyInvalid) { try unwrap(Self.throughAES, wrapped) }
    }

    @Test func whatCannotBeWrapped() throws {
        let key = try secret()
        let kept = try secret(32, [.flag(CKA_EXTRACTABLE, false)])
        let trusting = try secret(32, Self.readable + [.flag(CKA_WRAP_WITH_TRUSTED, true)])
        let bits = Mechanism(CKM_RSA_AES_KEY_WRAP, .rsaAESKeyWrap(aesKeyBits: 100, Self.oaep))
        let cases: [(Mechanism, UInt, UInt?, ReturnCode)] = [
            (Self.rsa, kept, nil, .keyUnextractable), (Self.rsa, trusting, nil, .keyNotWrappable),
            (Self.rsa, try secret(246), nil, .keySizeRange), (Self.rsa, card.privateKey, nil, .keyUnextractable),
            (Self.rsa, key, key, .wrappingKeyTypeInconsistent), (Self.rsa, key, 0, .wrappingKeyHandleInvalid),
            (Self.rsa, key, card.privateKey, .wrappingKeyTypeInconsistent),
            (bits, key, nil, .mechanismParameterInvalid),
            (Mechanism(CKM_RSA_PKCS_OAEP), key, nil, .mechanismParameterInvalid),
            (Mechanism(CKM_RSA_X_509), key, nil, .mechanismInvalid),
        ]
        for (mechanism, secret, wrapping, expected) in cases {
            #expect(throws: expected) { try wrap(mechanism, secret, by: wrapping) }
        }
        #expect(try wrap(Self.rsa, secret(245)).content.count == 256)
    }

    /// A modulus of 128 bytes has no room for OAEP with SHA-512, and with SHA-384 for no AES key of 32 bytes.
    @Test func shortKeysAreTold() throws {
        let card = try CardWithKey(.rsa(bits: 1024))
        let direct = Mechanism(CKM_RSA_PKCS_OAEP, .oaep(OAEPFields(hash: CKM_SHA512, mask: CKG_MGF1_SHA1)))
        let throughAES = Mechanism(
            CKM_RSA_AES_KEY_WRAP,
            .rsaAESKeyWrap(aesKeyBits: 256, OAEPFields(hash: CKM_SHA384, mask: CKG_MGF1_SHA1)))
        let key = try card.library.makeAESKey(card.session, .flag(CKA_EXTRACTABLE, true))
        for mechanism in [direct, throughAES] {
            #expect(throws: ReturnCode.wrappingKeySizeRange) {
                try card.library.wrapKey(
                    card.session, mechanism: mechanism, wrappingKey: card.publicKey, key: key, capacity: 1000)
            }
        }
        let wrapped = [UInt8](repeating: 0, count: 128)
        #expect(throws: ReturnCode.unwrappingKeySizeRange) {
            try card.library.unwrapKey(
                card.session, mechanism: direct, unwrappingKey: card.privateKey, wrapped: wrapped.span.bytes,
                Self.template)
        }
        #expect(card.uses == 0)
    }

    /// What is wrong beforehand costs no use of the card's key.
    @Test func whatCannotBeUnwrapped() throws {
        let card = try CardWithKey(.rsa(bits: 2048))
        let key = try card.library.makeAESKey(card.session)
        let onCard = Self.template + [.flag(CKA_TOKEN, true)]
        let block = [UInt8](repeating: 0, count: 256)
        let cases: [(Mechanism, [UInt8], [Attribute], UInt, ReturnCode)] = [
            (Self.rsa, [1], Self.template, card.privateKey, .wrappedKeyLengthRange),
            (Self.throughAES, block, Self.template, card.privateKey, .wrappedKeyLengthRange),
            (Self.rsa, block, onCard, card.privateKey, .templateInconsistent),
            (Self.rsa, block, [], card.privateKey, .templateIncomplete),
            (Self.rsa, block, Self.template, key, .unwrappingKeyTypeInconsistent),
            (Self.rsa, block, Self.template, card.publicKey, .unwrappingKeyTypeInconsistent),
            (Self.rsa, block, Self.template, 0, .unwrappingKeyHandleInvalid),
            (Mechanism(CKM_RSA_PKCS, .number(1)), block, Self.template, card.privateKey, .mechanismParameterInvalid),
        ]
        for (mechanism, wrapped, template, unwrapping, expected) in cases {
            #expect(throws: expected) {
                try card.library.unwrapKey(
                    card.session, mechanism: mechanism, unwrappingKey: unwrapping, wrapped: wrapped.span.bytes, template
                )
            }
        }
        #expect(card.uses == 0)
    }
}
