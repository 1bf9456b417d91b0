import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing
import Token

/// CKM_ECDH_AES_KEY_WRAP: wrapped with a public key on the host, unwrapped by the card.
@Suite struct AgreementWrapTests {
    private static let readable: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]
    private static let template: [Attribute] =
        [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)] + readable
    private static let mechanism = Mechanism(
        CKM_ECDH_AES_KEY_WRAP, .agreementKeyWrap(aesKeyBits: 256, function: CKD_SHA256_KDF, sharedData: [1, 2]))

    private func secret(_ card: CardWithKey, _ more: [Attribute] = readable) throws -> UInt {
        try card.library.create(card.session, Self.template.prefix(2) + [Attribute(CKA_VALUE, Self.value)] + more)
    }

    private static let value = [UInt8](0..<33)

    private func wrap(_ card: CardWithKey, _ mechanism: Mechanism = mechanism, capacity: Int? = 1000) throws -> Output {
        try card.library.wrapKey(
            card.session, mechanism: mechanism, wrappingKey: card.publicKey, key: secret(card), capacity: capacity)
    }

    private func unwrap(
        _ card: CardWithKey, _ wrapped: [UInt8], _ mechanism: Mechanism = mechanism, _ more: [Attribute] = []
    ) throws -> UInt {
        try card.library.unwrapKey(
            card.session, mechanism: mechanism, unwrappingKey: card.privateKey, wrapped: wrapped.span.bytes,
            Self.template + more)
    }

    @Test(
        arguments: Curve.allCases,
        [(UInt(128), CKD_NULL, []), (192, CKD_SHA512_KDF, [1]), (256, CKD_SHA3_256_KDF_SP800, [])]
            as [(
                UInt, UInt, [UInt8]
            )])
    func keysGoAndComeBack(_ curve: Curve, _ parameter: (bits: UInt, function: UInt, data: [UInt8])) throws {
        let card = try CardWithKey(.ec(curve), uses: .derive)
        let mechanism = Mechanism(
            CKM_ECDH_AES_KEY_WRAP,
            .agreementKeyWrap(
                aesKeyBits: parameter.bits, function: parameter.function, sharedData: parameter.data))
        // KWP makes six half blocks of 33 bytes.
        let size = curve.pointSize + 48
        #expect(try wrap(card, mechanism, capacity: nil) == .length(size))
        #expect(try wrap(card, mechanism, capacity: size - 1) == .tooSmall(size))
        let wrapped = try wrap(card, mechanism).content
        #expect(wrapped.count == size && wrapped.first == 4)
        #expect(card.uses == 0)
        let back = try unwrap(card, wrapped, mechanism)
        #expect(try card.library.value(card.session, back, CKA_VALUE) == Self.value)
        #expect(card.uses == 1)
    }

    /// Put together here from the mechanism's steps.
    @Test func itIsWhatTheStandardSays() throws {
        let card = try CardWithKey(.ec(.p256), uses: .derive)
        let pair = try PrivateKey.generate(.ec(.p256))
        let own = try #require(try card.library.value(card.session, card.publicKey, CKA_PUBLIC_KEY_INFO))
        let shared = try pair.sharedSecret(with: PublicKey(subjectPublicKeyInfo: own))
        let between = try AgreementKDF.x963.derive(
            shared.span.bytes, information: [1, 2], digest: .sha256, count: 32)
        let rest = try AESKeyWrap.padded(initialValue: nil).wrap(Self.value.span.bytes, key: between.span.bytes)
        let back = try unwrap(card, pair.publicKey.octets + rest)
        #expect(try card.library.value(card.session, back, CKA_VALUE) == Self.value)
    }

    /// Another point, another length, another key between: each told by one code, the first two before the card is asked.
    @Test func aMalformedWrappedKeyIsRefused() throws {
        let card = try CardWithKey(.ec(.p256), uses: .derive)
        var wrapped = try wrap(card).content
        for short in [[], Array(wrapped.prefix(65)), Array(wrapped.dropLast())] {
            #expect(throws: ReturnCode.wrappedKeyLengthRange) { try unwrap(card, short) }
        }
        wrapped[10] ^= 1
        #expect(throws: ReturnCode.wrappedKeyInvalid) { try unwrap(card, wrapped) }
        #expect(card.uses == 0)
        wrapped[10] ^= 1
        wrapped[70] ^= 1
        #expect(throws: ReturnCode.wrappedKeyInvalid) { try unwrap(card, wrapped) }
        wrapped[70] ^= 1
        #expect(throws: ReturnCode.wrappedKeyInvalid) {
            try unwrap(card, wrapped, Self.mechanism, [.number(CKA_VALUE_LEN, 32)])
        }
    }

    @Test(
        arguments: [
            .none, .agreementKeyWrap(aesKeyBits: 129, function: CKD_NULL, sharedData: []),
            .agreementKeyWrap(aesKeyBits: 128, function: 99, sharedData: []),
            .agreementKeyWrap(aesKeyBits: 128, function: CKD_NULL, sharedData: [1]),
        ] as [Mechanism.Parameter])
    func parametersAreChecked(_ parameter: Mechanism.Parameter) throws {
        let card = try CardWithKey(.ec(.p256), uses: .derive)
        let mechanism = Mechanism(CKM_ECDH_AES_KEY_WRAP, parameter)
        #expect(throws: ReturnCode.mechanismParameterInvalid) { try wrap(card, mechanism) }
        #expect(throws: ReturnCode.mechanismParameterInvalid) {
            try unwrap(card, [UInt8](repeating: 4, count: 113), mechanism)
        }
    }

    /// Keys of other types, and keys that only sign.
    @Test(
        arguments: [
            (.x25519, .derive, .wrappingKeyTypeInconsistent, .unwrappingKeyTypeInconsistent),
            (.rsa(bits: 1024), .decrypt, .wrappingKeyTypeInconsistent, .unwrappingKeyTypeInconsistent),
            (.ec(.p256), .sign, .keyFunctionNotPermitted, .keyFunctionNotPermitted),
        ] as [(KeyType, KeyUsage, ReturnCode, ReturnCode)])
    func otherKeysAreRefused(_ type: KeyType, _ usage: KeyUsage, _ wrapping: ReturnCode, _ unwrapping: ReturnCode)
        throws
    {
        let card = try CardWithKey(type, uses: usage)
        #expect(throws: wrapping) { try wrap(card) }
        #expect(throws: unwrapping) { try unwrap(card, [UInt8](repeating: 4, count: 113)) }
    }
}
