import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing

/// What is wrong with a mechanism, a parameter, a key or the data of a signature is told before the card is asked.
@Suite struct SignatureInputTests {
    private static func pss(_ type: UInt, _ hash: UInt, _ mask: UInt, _ saltSize: UInt) -> Mechanism {
        Mechanism(type, .pss(PSSFields(hash: hash, mask: mask, saltSize: saltSize)))
    }

    @Test(
        arguments: [
            (
                .rsa(bits: 1024), pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA_1, CKG_MGF1_SHA1, 20), 1,
                .mechanismParameterInvalid
            ),
            (.rsa(bits: 1024), pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, 0, 20), 1, .mechanismParameterInvalid),
            (.rsa(bits: 1024), pss(CKM_RSA_PKCS_PSS, CKM_ECDSA, CKG_MGF1_SHA1, 20), 1, .mechanismParameterInvalid),
            (.rsa(bits: 1024), pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, 94), 1, nil),
            (
                .rsa(bits: 1024), pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, 95), 1,
                .mechanismParameterInvalid
            ),
            (
                .rsa(bits: 1024), pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, .max), 1,
                .mechanismParameterInvalid
            ),
            (.rsa(bits: 1024), Mechanism(CKM_SHA256_RSA_PKCS_PSS), 1, .mechanismParameterInvalid),
            (.rsa(bits: 1024), Mechanism(CKM_SHA256_RSA_PKCS, .unknown), 1, .mechanismParameterInvalid),
            (.rsa(bits: 1024), pss(CKM_SHA256_RSA_PKCS, CKM_SHA256, CKG_MGF1_SHA1, 20), 1, .mechanismParameterInvalid),
            (.rsa(bits: 1024), pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, 20), 31, .dataLengthRange),
            (.rsa(bits: 1024), pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA1, 20), 33, .dataLengthRange),
            (.rsa(bits: 1024), Mechanism(CKM_RSA_PKCS), 117, nil),
            (.rsa(bits: 1024), Mechanism(CKM_RSA_PKCS), 118, .dataLengthRange),
            (.rsa(bits: 1024), Mechanism(CKM_RSA_X_509), 127, nil),
            (.rsa(bits: 1024), Mechanism(CKM_RSA_X_509), 128, .dataInvalid),
            (.rsa(bits: 1024), Mechanism(CKM_RSA_X_509), 129, .dataLengthRange),
            (.rsa(bits: 1024), Mechanism(CKM_ECDSA), 32, .keyTypeInconsistent),
            (.rsa(bits: 1024), Mechanism(CKM_RSA_PKCS_OAEP), 32, .mechanismInvalid),
            (.ec(.p256), Mechanism(CKM_ECDSA), 0, .dataLengthRange),
            (.ec(.p256), Mechanism(CKM_ECDSA), 1025, .dataLengthRange),
            (.ec(.p256), Mechanism(CKM_EDDSA), 32, .keyTypeInconsistent),
            (.ed25519, Mechanism(CKM_ECDSA), 32, .keyTypeInconsistent),
            (.ed25519, Mechanism(CKM_EDDSA), 2049, .dataLengthRange),
            (.ed25519, Mechanism(CKM_EDDSA, .edDSA(preHashed: true, context: [])), 1, .mechanismParameterInvalid),
            (.ed25519, Mechanism(CKM_EDDSA, .edDSA(preHashed: false, context: [1])), 1, .mechanismParameterInvalid),
            // Ed25519ctx, whose signatures are others than Ed25519's.
            (.ed25519, Mechanism(CKM_EDDSA, .edDSA(preHashed: false, context: [])), 1, .mechanismParameterInvalid),
            (.ed448, Mechanism(CKM_EDDSA), 1, .mechanismParameterInvalid),
            (.ed448, Mechanism(CKM_EDDSA, .edDSA(preHashed: false, context: [1])), 1, .mechanismParameterInvalid),
        ] as [(KeyType, Mechanism, Int, ReturnCode?)])
    func whatIsWrongBeforehand(_ type: KeyType, _ mechanism: Mechanism, _ count: Int, _ expected: ReturnCode?) throws {
        let card = try CardWithKey(type)
        let data = [UInt8](repeating: 0xFF, count: count)
        #expect(code { _ = try card.sign(mechanism, data) } == expected)
        #expect(card.uses == (expected == nil ? 1 : 0))
        // An error ends the operation, and leaves the session to others.
        #expect(throws: ReturnCode.operationNotInitialized) { try card.library.sign(card.session) }
    }

    /// A hash that the modulus has no room for.
    @Test func theModulusMustHoldTheHash() throws {
        let (library, session) = try { ($0.library, $0.session) }(CardWithKey(.ec(.p256)))
        let modulus = [0xFF] + [UInt8](repeating: 1, count: 63)
        let key = try library.create(
            session,
            [
                .number(CKA_CLASS, CKO_PUBLIC_KEY), .number(CKA_KEY_TYPE, CKK_RSA), Attribute(CKA_MODULUS, modulus),
                Attribute(CKA_PUBLIC_EXPONENT, [1, 0, 1]),
            ])
        for mechanism in [
            Mechanism(CKM_SHA512_RSA_PKCS), Self.pss(CKM_SHA512_RSA_PKCS_PSS, CKM_SHA512, CKG_MGF1_SHA1, 0),
        ] {
            #expect(throws: ReturnCode.keySizeRange) {
                try library.verifyInit(session, mechanism: mechanism, key: key)
            }
        }
    }

    /// A card that pads is asked for nothing that it cannot do.
    @Test func aCardThatPadsHasOnePadding() throws {
        let card = try CardWithKey(.rsa(bits: 2048), padsRSA: true)
        let message = [UInt8](repeating: 4, count: 32)
        let raw = Mechanism(CKM_RSA_X_509), pss = Self.pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32)
        for mechanism in [raw, pss] {
            #expect(throws: ReturnCode.mechanismInvalid) { try card.sign(mechanism, message) }
        }
        let oaep = Mechanism(CKM_RSA_PKCS_OAEP, .oaep(OAEPFields(hash: CKM_SHA_1, mask: CKG_MGF1_SHA1)))
        for mechanism in [raw, oaep] {
            let ciphertext = try card.encrypt(mechanism, message)
            #expect(throws: ReturnCode.mechanismInvalid) { try card.decrypt(mechanism, ciphertext) }
        }
        #expect(throws: ReturnCode.dataLengthRange) {
            try card.sign(Mechanism(CKM_RSA_PKCS), [UInt8](repeating: 4, count: 103))
        }
        let small = try CardWithKey(.rsa(bits: 1024), padsRSA: true)
        #expect(throws: ReturnCode.keySizeRange) { try small.sign(Mechanism(CKM_SHA384_RSA_PKCS), message) }
        #expect(card.uses + small.uses == 0)
        #expect(try card.sign(Mechanism(CKM_RSA_PKCS), [UInt8](repeating: 4, count: 102)).count == 256)
        for mechanism in [CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA3_512_RSA_PKCS] {
            try card.verify(Mechanism(mechanism), message, card.sign(Mechanism(mechanism), message))
        }
        #expect(try card.decrypt(Mechanism(CKM_RSA_PKCS), card.encrypt(Mechanism(CKM_RSA_PKCS), message)) == message)
    }
}
