import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing
import Token

/// C_GetMechanismList, C_GetMechanismInfo and CKA_ALLOWED_MECHANISMS: what each token and each key can really do.
@Suite struct MechanismTests {
    private static let curve = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS
    private static let verifies = CKF_VERIFY | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE
    private static let signs = CKF_HW | CKF_SIGN | CKF_MESSAGE_SIGN | verifies
    private static let codes = CKF_SIGN | CKF_VERIFY | CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE

    /// The flags and the sizes of keys in the unit that the standard names, on a card with RSA of 1024 to 2048 bits (it
    /// makes those of 2048), P-256, P-384 and X25519: once without padding of its own, once with, and with an AES key.
    @Test(
        arguments: [
            (false, CKM_AES_KEY_GEN, CKF_GENERATE, 16, 32),
            (false, CKM_GENERIC_SECRET_KEY_GEN, CKF_GENERATE, 8, 524_288),
            (false, CKM_SHA256_KEY_GEN, CKF_GENERATE, 1, 65_536),
            (false, CKM_AES_CBC, CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, 16, 32),
            (true, CKM_AES_CBC, CKF_HW | CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, 16, 32),
            (true, CKM_AES_ECB, CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, 16, 32),
            (false, CKM_AES_CTR, CKF_ENCRYPT | CKF_DECRYPT, 16, 32),
            (
                false, CKM_AES_GCM,
                CKF_ENCRYPT | CKF_DECRYPT | CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE, 16, 32
            ),
            (false, CKM_AES_CMAC, codes, 16, 32), (false, CKM_SHA256_HMAC, codes, 1, 65_536),
            (false, CKM_HKDF_DERIVE, CKF_DERIVE, 0, 0), (false, CKM_SHA256, CKF_DIGEST, 0, 0),
            (
                false, CKM_RSA_PKCS,
                signs | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER | CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,
                1024, 2048
            ),
            (
                false, CKM_RSA_X_509, signs | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER | CKF_ENCRYPT | CKF_DECRYPT, 1024,
                2048
            ),
            (false, CKM_SHA3_256_RSA_PKCS_PSS, signs, 1024, 2048),
            (
                false, CKM_RSA_PKCS_OAEP, CKF_HW | CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, 1024, 2048
            ),
            (false, CKM_RSA_AES_KEY_WRAP, CKF_HW | CKF_WRAP | CKF_UNWRAP, 1024, 2048),
            (false, CKM_ECDSA_SHA3_512, signs | curve, 256, 384),
            (
                false, CKM_ECDH1_DERIVE, CKF_HW | CKF_DERIVE | curve | CKF_EC_COMPRESS, 255, 384
            ),
            (
                false, CKM_ECDH1_COFACTOR_DERIVE, CKF_HW | CKF_DERIVE | curve | CKF_EC_COMPRESS, 256, 384
            ),
            (false, CKM_ECDH_AES_KEY_WRAP, CKF_HW | CKF_WRAP | CKF_UNWRAP | curve, 256, 384),
            (false, CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CKF_HW | CKF_GENERATE_KEY_PAIR | CKF_EC_NAMEDCURVE, 255, 255),
            (false, CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_HW | CKF_GENERATE_KEY_PAIR, 2048, 2048),
            // The card of this test has no EdDSA; the host verifies it.
            (false, CKM_EDDSA, verifies | CKF_EC_NAMEDCURVE, 255, 448),
            (
                true, CKM_RSA_PKCS,
                signs | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER | CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,
                1024, 2048
            ),
            (true, CKM_SHA512_RSA_PKCS, signs, 1024, 2048),
            (true, CKM_RSA_X_509, verifies | CKF_VERIFY_RECOVER | CKF_ENCRYPT, 512, 16_384),
            (true, CKM_RSA_PKCS_PSS, verifies, 512, 16_384),
            (true, CKM_RSA_PKCS_OAEP, CKF_ENCRYPT | CKF_WRAP, 512, 16_384),
            (true, CKM_RSA_AES_KEY_WRAP, CKF_WRAP, 512, 16_384),
        ] as [(Bool, UInt, UInt, UInt, UInt)])
    func mechanismsTellOfThemselves(
        _ padsRSA: Bool, _ type: UInt, _ flags: UInt, _ least: UInt, _ most: UInt
    ) throws {
        let token = try StandInToken(padsRSA: padsRSA)
        token.algorithms = CardAlgorithms(
            rsa: 1024...2048, newRSA: 2048...2048, ecdsa: 256...384, agreement: 256...384, montgomery: 255...255,
            hasAES: padsRSA)
        let library = Library(source: StandInReaders(["A": [token]]))
        #expect(try library.mechanisms(of: 0).contains(type))
        let info = try library.mechanismInfo(type, of: 0)
        #expect((info.flags, info.minimumKeySize, info.maximumKeySize) == (flags, least, most))
    }

    @Test func everyMechanismHasOneRow() throws {
        let library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        let all = try library.mechanisms(of: 0)
        #expect(Set(all).count == all.count)
        for type in all { #expect(try library.mechanismInfo(type, of: 0).flags != 0) }
        #expect(throws: ReturnCode.mechanismInvalid) { try library.mechanismInfo(0x8000_0001, of: 0) }
    }

    /// Each key lists the mechanisms that its C_SignInit or C_DecryptInit takes, and no others.
    @Test(
        arguments: [
            (.rsa(bits: 2048), false, [.sign, .decrypt]), (.rsa(bits: 2048), false, .sign),
            (.rsa(bits: 2048), true, [.sign, .decrypt]), (.rsa(bits: 2048), true, .decrypt),
            // A card that pads has no room for the longer hashes.
            (.rsa(bits: 1024), true, .sign), (.ec(.p384), false, .sign),
            (.ec(.p256), true, .sign), (.ed25519, true, .sign), (.ed448, false, .sign), (.x25519, false, .derive),
        ] as [(KeyType, Bool, KeyUsage)])
    func keysAllowWhatTheyCan(_ type: KeyType, _ padsRSA: Bool, _ uses: KeyUsage) throws {
        let card = try CardWithKey(type, padsRSA: padsRSA, uses: uses)
        let (library, session) = (card.library, card.session)
        let allowed = try allowed(card, card.privateKey)
        for mechanism in try library.mechanisms(of: 0) {
            let begun = [
                code {
                    try library.signInit(session, mechanism: .any(mechanism, with: type), key: card.privateKey)
                    try library.cancelSession(session, flags: CKF_SIGN)
                },
                code {
                    try library.decryptInit(session, mechanism: .any(mechanism, with: type), key: card.privateKey)
                    try library.cancelSession(session, flags: CKF_DECRYPT)
                },
            ]
            // What only unwraps or derives has no Init.
            let others = [
                CKM_RSA_AES_KEY_WRAP, CKM_ECDH_AES_KEY_WRAP, CKM_ECDH1_DERIVE, CKM_ECDH1_COFACTOR_DERIVE,
            ]
            let isAllowed = allowed.contains(mechanism) && !others.contains(mechanism)
            #expect(begun.contains(nil) == isAllowed, "\(String(mechanism, radix: 16)): \(begun)")
        }
        #expect(
            allowed.contains(CKM_RSA_AES_KEY_WRAP)
                == (try flag(card, CKA_UNWRAP) && !padsRSA && uses.contains(.decrypt)))
        #expect(allowed.contains(CKM_ECDH1_DERIVE) == uses.contains(.derive))
        #expect(try flag(card, CKA_SIGN_RECOVER) == allowed.contains(CKM_SHA1_RSA_PKCS))
    }

    /// The host does for a public key whatever the card does not do with the private one.
    @Test(arguments: [false, true])
    func publicKeysAllowEverythingOfTheirType(_ padsRSA: Bool) throws {
        let card = try CardWithKey(.rsa(bits: 1024), padsRSA: padsRSA, uses: .sign)
        let allowed = try allowed(card, card.publicKey)
        #expect(
            allowed.isSuperset(of: [
                CKM_RSA_PKCS, CKM_RSA_X_509, CKM_RSA_PKCS_OAEP, CKM_RSA_AES_KEY_WRAP, CKM_SHA3_512_RSA_PKCS_PSS,
            ]))
        #expect(allowed.isDisjoint(with: [CKM_ECDSA, CKM_EDDSA, CKM_AES_CBC, CKM_SHA256]))
        for attribute in [CKA_ENCRYPT, CKA_WRAP, CKA_VERIFY, CKA_VERIFY_RECOVER] {
            #expect(try card.library.value(card.session, card.publicKey, attribute) == [1])
        }
    }

    /// What is not allowed is not in the list of a public key either.
    @Test(arguments: [(.sign, false), (.derive, true)] as [(KeyUsage, Bool)])
    func publicKeysThatAgreeWrap(_ uses: KeyUsage, _ expected: Bool) throws {
        let card = try CardWithKey(.ec(.p256), uses: uses)
        #expect(try allowed(card, card.publicKey).contains(CKM_ECDH_AES_KEY_WRAP) == expected)
        #expect(try card.library.value(card.session, card.publicKey, CKA_WRAP) == [expected ? 1 : 0])
    }

    private func allowed(_ card: CardWithKey, _ key: UInt) throws -> Set<UInt> {
        let value = try #require(try card.library.value(card.session, key, CKA_ALLOWED_MECHANISMS))
        return value.withUnsafeBytes { Set($0.bindMemory(to: UInt.self)) }
    }

    private func flag(_ card: CardWithKey, _ type: AttributeType) throws -> Bool {
        try card.library.value(card.session, card.privateKey, type) == [1]
    }
}

extension Mechanism {
    /// A mechanism with a parameter that it takes, where it is one for signing or decrypting with such a key.
    fileprivate static func any(_ type: UInt, with key: KeyType) -> Mechanism {
        let hashes: [UInt: UInt] = [
            CKM_SHA1_RSA_PKCS_PSS: CKM_SHA_1, CKM_SHA224_RSA_PKCS_PSS: CKM_SHA224, CKM_SHA256_RSA_PKCS_PSS: CKM_SHA256,
            CKM_SHA384_RSA_PKCS_PSS: CKM_SHA384, CKM_SHA512_RSA_PKCS_PSS: CKM_SHA512,
            CKM_SHA3_224_RSA_PKCS_PSS: CKM_SHA3_224, CKM_SHA3_256_RSA_PKCS_PSS: CKM_SHA3_256,
            CKM_SHA3_384_RSA_PKCS_PSS: CKM_SHA3_384, CKM_SHA3_512_RSA_PKCS_PSS: CKM_SHA3_512,
            CKM_RSA_PKCS_PSS: CKM_SHA256,
        ]
        if type == CKM_RSA_PKCS_OAEP {
            return Mechanism(type, .oaep(OAEPFields(hash: CKM_SHA256, mask: CKG_MGF1_SHA256)))
        }
        if type == CKM_EDDSA, key == .ed448 { return Mechanism(type, .edDSA(preHashed: false, context: [])) }
        guard let hash = hashes[type] else { return Mechanism(type) }
        return Mechanism(type, .pss(PSSFields(hash: hash, mask: CKG_MGF1_SHA1, saltSize: 20)))
    }
}
