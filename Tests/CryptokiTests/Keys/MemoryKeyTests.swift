import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing
import Token

/// Private keys in memory: generated, imported or unwrapped, used by the host, and never given away.
@Suite struct MemoryKeyTests {
    private let token: StandInToken
    private let library: Library
    private let session: UInt

    init() throws {
        token = try StandInToken()
        token.algorithms = CardAlgorithms(
            rsa: 1024...2048, ecdsa: 256...521, edDSA: 255...448, agreement: 256...521, montgomery: 255...448)
        library = Library(source: StandInReaders(["A": [token]]))
        session = try library.openReadWrite()
    }

    private typealias Pair = (publicKey: UInt, privateKey: UInt)

    private static let curves: [KeyType] = Curve.allCases.map { .ec($0) }

    private func generate(
        _ type: KeyType, _ publicKey: [Attribute] = [], _ privateKey: [Attribute] = []
    ) throws -> Pair {
        let (mechanism, size): (UInt, Attribute) =
            switch type {
            case .rsa(let bits): (CKM_RSA_PKCS_KEY_PAIR_GEN, .number(CKA_MODULUS_BITS, UInt(bits)))
            case .ec: (CKM_EC_KEY_PAIR_GEN, Attribute(CKA_EC_PARAMS, type.curveIdentifier ?? []))
            case .edwards: (CKM_EC_EDWARDS_KEY_PAIR_GEN, Attribute(CKA_EC_PARAMS, type.curveIdentifier ?? []))
            case .montgomery: (CKM_EC_MONTGOMERY_KEY_PAIR_GEN, Attribute(CKA_EC_PARAMS, type.curveIdentifier ?? []))
            }
        return try library.generateKeyPair(
            session, mechanism: Mechanism(mechanism), publicKey: [size] + publicKey, privateKey: privateKey)
    }

    private func publicKey(_ pair: Pair) throws -> PublicKey {
        try PublicKey(
            subjectPublicKeyInfo: #require(try library.value(session, pair.publicKey, CKA_PUBLIC_KEY_INFO)))
    }

    private func sign(_ key: UInt, _ mechanism: Mechanism, _ data: [UInt8]) throws -> [UInt8] {
        try library.signInit(session, mechanism: mechanism, key: key)
        return try library.sign(session, data: data.span.bytes, capacity: 1000).content
    }

    /// What a pair says of itself, in both halves.
    @Test(arguments: [.rsa(bits: 1024), .ed25519, .ed448, .x25519, .x448] + curves)
    func aPairIsMade(_ type: KeyType) throws {
        let pair = try generate(type)
        #expect(try publicKey(pair).type == type)
        for object in [pair.publicKey, pair.privateKey] {
            for (attribute, value) in [CKA_TOKEN: [0], CKA_PRIVATE: [0], CKA_LOCAL: [1]] as [AttributeType: [UInt8]] {
                #expect(try library.value(session, object, attribute) == value)
            }
        }
        for attribute in [CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_PUBLIC_KEY_INFO, CKA_KEY_GEN_MECHANISM] {
            let value = try library.value(session, pair.privateKey, attribute)
            #expect(try library.value(session, pair.publicKey, attribute) == value)
        }
        for attribute in [CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE] {
            #expect(try library.value(session, pair.privateKey, attribute) == [1])
            #expect(try library.attributes(session, of: pair.publicKey, types: [attribute]) == [.absent])
        }
        #expect(try library.find(session, .flag(CKA_TOKEN, false)) == [pair.publicKey, pair.privateKey])
        #expect(token.requests.isEmpty)
    }

    /// Secrets are not given away, nor is what the other type of key has.
    @Test(arguments: [KeyType.rsa(bits: 1024), .ec(.p256), .ed25519])
    func privateNumbersStay(_ type: KeyType) throws {
        let pair = try generate(type)
        let copy = try library.copy(session, object: pair.privateKey, [.text(CKA_LABEL, "copy")])
        let rsa = [
            CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
        ]
        let isRSA = if case .rsa = type { true } else { false }
        for key in [pair.privateKey, copy] {
            #expect(
                try library.attributes(session, of: key, types: rsa + [CKA_VALUE])
                    == rsa.map { _ in isRSA ? .sensitive : .absent } + [isRSA ? .absent : .sensitive])
            for change in [Attribute.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true), Attribute(rsa[1], [1])] {
                #expect(throws: (any Error).self) { try library.setAttributes(session, of: key, [change]) }
            }
        }
        let wrapping = try library.makeAESKey(session)
        #expect(throws: ReturnCode.keyUnextractable) {
            try library.wrapKey(
                session, mechanism: Mechanism(CKM_AES_KEY_WRAP_KWP), wrappingKey: wrapping, key: copy, capacity: 5000)
        }
    }

    private static let data = [UInt8]("signed".utf8)

    /// With padding, with PSS, and with the message in it.
    @Test func signaturesOfRSA() throws {
        let pair = try generate(.rsa(bits: 2048), [], [.flag(CKA_SIGN_RECOVER, true)])
        let key = try publicKey(pair)
        let pkcs1 = try sign(pair.privateKey, Mechanism(CKM_SHA256_RSA_PKCS), Self.data)
        let hash = try Digest.sha256.hash(Self.data)
        #expect(try key.verifyPKCS1(pkcs1, hash: hash, digest: .sha256))
        let fields = PSSFields(hash: CKM_SHA256, mask: CKG_MGF1_SHA256, saltSize: 32)
        let pss = try sign(pair.privateKey, Mechanism(CKM_SHA256_RSA_PKCS_PSS, .pss(fields)), Self.data)
        let parameters = PSSParameters(digest: .sha256, maskDigest: .sha256, saltSize: 32)
        #expect(try key.verifyPSS(pss, hash: hash, parameters: parameters))
        try library.signRecoverInit(session, mechanism: Mechanism(CKM_RSA_PKCS), key: pair.privateKey)
        let recoverable = try library.signRecover(session, data: Self.data.span.bytes, capacity: 256).content
        #expect(try key.verifyPKCS1(recoverable, data: Self.data))
    }

    @Test(arguments: curves)
    func signaturesOfECDSA(_ type: KeyType) throws {
        guard case .ec(let curve) = type else { return }
        let pair = try generate(type)
        let fixed = try sign(pair.privateKey, Mechanism(CKM_ECDSA_SHA256), Self.data)
        let signature = try ECDSASignature(fixedWidth: fixed, fieldSize: curve.fieldSize)
        #expect(try publicKey(pair).verifyECDSA(signature, hash: Digest.sha256.hash(Self.data)))
        // The public half verifies as well, and finds other data wrong.
        try library.verifyInit(session, mechanism: Mechanism(CKM_ECDSA_SHA256), key: pair.publicKey)
        try library.verify(session, data: Self.data.span.bytes, signature: fixed.span.bytes)
        try library.verifyInit(session, mechanism: Mechanism(CKM_ECDSA_SHA256), key: pair.publicKey)
        #expect(throws: ReturnCode.signatureInvalid) {
            try library.verify(session, data: fixed.span.bytes, signature: fixed.span.bytes)
        }
    }

    /// A message longer than a card would take.
    @Test(
        arguments: [
            (.ed25519, Mechanism(CKM_EDDSA)), (.ed448, Mechanism(CKM_EDDSA, .edDSA(preHashed: false, context: []))),
        ] as [(KeyType, Mechanism)])
    func signaturesOfEdDSA(_ type: KeyType, _ mechanism: Mechanism) throws {
        let pair = try generate(type)
        let message = [UInt8](repeating: 9, count: 5000)
        let signature = try sign(pair.privateKey, mechanism, message)
        #expect(try publicKey(pair).verifyEdDSA(signature, message: message))
    }

    private static let oaep = OAEPFields(hash: CKM_SHA256, mask: CKG_MGF1_SHA1, label: [])

    /// What the public half encrypts and wraps, the private one decrypts and unwraps.
    @Test func encryptedWithRSA() throws {
        let pair = try generate(
            .rsa(bits: 2048), [.flag(CKA_ENCRYPT, true), .flag(CKA_WRAP, true)],
            [.flag(CKA_DECRYPT, true), .flag(CKA_UNWRAP, true)])
        for mechanism in [Mechanism(CKM_RSA_PKCS), Mechanism(CKM_RSA_PKCS_OAEP, .oaep(Self.oaep))] {
            try library.encryptInit(session, mechanism: mechanism, key: pair.publicKey)
            let ciphertext = try library.encrypt(session, Self.data).content
            try library.decryptInit(session, mechanism: mechanism, key: pair.privateKey)
            #expect(try library.decrypt(session, ciphertext).content == Self.data)
        }
        try library.decryptInit(session, mechanism: Mechanism(CKM_RSA_PKCS), key: pair.privateKey)
        #expect(throws: ReturnCode.encryptedDataInvalid) {
            try library.decrypt(session, [UInt8](repeating: 1, count: 256))
        }
        let secret = try library.makeAESKey(session, .flag(CKA_EXTRACTABLE, true))
        let wrapping = Mechanism(CKM_RSA_AES_KEY_WRAP, .rsaAESKeyWrap(aesKeyBits: 256, Self.oaep))
        let wrapped = try library.wrapKey(
            session, mechanism: wrapping, wrappingKey: pair.publicKey, key: secret, capacity: 1000
        ).content
        let back = try library.unwrapKey(
            session, mechanism: wrapping, unwrappingKey: pair.privateKey, wrapped: wrapped.span.bytes,
            [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_AES)])
        #expect(
            try library.value(session, back, CKA_CHECK_VALUE) == library.value(session, secret, CKA_CHECK_VALUE))
    }

    @Test(arguments: [.x25519, .x448] + curves)
    func bothSidesHaveTheSecret(_ type: KeyType) throws {
        let pair = try generate(type, [], [.flag(CKA_DERIVE, true)])
        let peer = try PrivateKey.generate(type)
        let parameters = AgreementParameters(function: CKD_NULL, publicData: peer.publicKey.octets)
        func derive(_ more: Attribute...) throws -> UInt {
            try library.deriveKey(
                session, mechanism: Mechanism(CKM_ECDH1_DERIVE, .agreement(parameters)), baseKey: pair.privateKey, more)
        }
        let open = try derive(.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true))
        #expect(try library.value(session, open, CKA_VALUE) == peer.sharedSecret(with: publicKey(pair)))
        let kept = try derive(.flag(CKA_SENSITIVE, true))
        #expect(try library.value(session, kept, CKA_ALWAYS_SENSITIVE) == [1])
    }

    /// Each use without its attribute, and with it but without the mechanism among CKA_ALLOWED_MECHANISMS.
    @Test func flagsAreObeyed() throws {
        let peer = try PrivateKey.generate(.ec(.p256)).publicKey.octets
        let agreement = Mechanism(
            CKM_ECDH1_DERIVE, .agreement(AgreementParameters(function: CKD_NULL, publicData: peer)))
        let secret: [Attribute] = [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET)]
        let rsa = KeyType.rsa(bits: 1024)
        let pkcs1 = Mechanism(CKM_RSA_PKCS)
        let wrapped = [UInt8](repeating: 1, count: 128)
        let uses: [(AttributeType, KeyType, (UInt) throws -> Void)] = [
            (CKA_SIGN, rsa, { try library.signInit(session, mechanism: pkcs1, key: $0) }),
            (CKA_SIGN_RECOVER, rsa, { try library.signRecoverInit(session, mechanism: pkcs1, key: $0) }),
            (CKA_DECRYPT, rsa, { try library.decryptInit(session, mechanism: pkcs1, key: $0) }),
            (
                CKA_UNWRAP, rsa,
                {
                    _ = try library.unwrapKey(
                        session, mechanism: pkcs1, unwrappingKey: $0, wrapped: wrapped.span.bytes, secret)
                }
            ),
            (
                CKA_DERIVE, .ec(.p256),
                { _ = try library.deriveKey(session, mechanism: agreement, baseKey: $0, []) }
            ),
        ]
        for (flag, type, use) in uses {
            let without = try generate(type, [], [.flag(flag, false)]).privateKey
            #expect(code { try use(without) } == .keyFunctionNotPermitted)
            let others = try generate(
                type, [], [.flag(flag, true), .number(CKA_ALLOWED_MECHANISMS, CKM_SHA1_RSA_PKCS)]
            ).privateKey
            #expect(code { try use(others) } == .mechanismInvalid)
        }
    }

    /// A private object is the user's: it is made and used after the login, and an operation does not outlive that.
    @Test func aPrivateKeyObjectNeedsTheLogin() throws {
        let isPrivate = [Attribute.flag(CKA_PRIVATE, true)]
        #expect(throws: ReturnCode.userNotLoggedIn) { try generate(.ec(.p256), [], isPrivate) }
        #expect(try library.find(session, .flag(CKA_TOKEN, false)).isEmpty)
        try library.login(session)
        let pair = try generate(.ec(.p256), [], isPrivate)
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: pair.privateKey)
        try library.logout(session)
        #expect(throws: (any Error).self) { try library.sign(session) }
        #expect(throws: ReturnCode.objectHandleInvalid) { try library.value(session, pair.privateKey, CKA_CLASS) }
    }

    @Test func keysEndWithTheSession() throws {
        let other = try library.openSession(0, flags: CKF_SERIAL_SESSION)
        let pair = try library.generateKeyPair(
            other, mechanism: Mechanism(CKM_EC_KEY_PAIR_GEN), publicKey: [Attribute(CKA_EC_PARAMS, Curve.p256.oid)],
            privateKey: [])
        try library.closeSession(other)
        #expect(throws: ReturnCode.keyHandleInvalid) {
            try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: pair.privateKey)
        }
    }

    /// What no pair comes out of; nothing of it is left.
    @Test(
        arguments: [
            (.ec(.p256), [], [.flag(CKA_SENSITIVE, false)], .templateInconsistent),
            (.ec(.p256), [], [.flag(CKA_EXTRACTABLE, true)], .templateInconsistent),
            (.ec(.p256), [], [.flag(CKA_ALWAYS_AUTHENTICATE, true)], .templateInconsistent),
            (.ec(.p256), [.flag(CKA_TOKEN, true)], [], .templateInconsistent),
            (.ec(.p256), [.number(CKA_KEY_TYPE, CKK_RSA)], [], .templateInconsistent),
            (.ec(.p256), [], [.number(CKA_CLASS, CKO_SECRET_KEY)], .templateInconsistent),
            (.ec(.p256), [Attribute(CKA_EC_POINT, [4])], [], .attributeReadOnly),
            (.ec(.p256), [], [Attribute(CKA_VALUE, [4])], .attributeReadOnly),
            (.ec(.p256), [], [.flag(CKA_LOCAL, true)], .attributeReadOnly),
            (.ec(.p256), [], [.flag(CKA_VERIFY, true)], .attributeTypeInvalid),
            (.rsa(bits: 1024), [Attribute(CKA_PUBLIC_EXPONENT, [3])], [], .attributeValueInvalid),
            // The card has none of these lengths, and no length that is not whole bytes exists here.
            (.rsa(bits: 4096), [], [], .keySizeRange), (.rsa(bits: 512), [], [], .keySizeRange),
            (.rsa(bits: 1025), [], [], .keySizeRange),
        ] as [(KeyType, [Attribute], [Attribute], ReturnCode)])
    func templatesAreChecked(
        _ type: KeyType, _ publicKey: [Attribute], _ privateKey: [Attribute], _ expected: ReturnCode
    ) throws {
        #expect(throws: expected) { try generate(type, publicKey, privateKey) }
        #expect(try library.find(session, .flag(CKA_TOKEN, false)).isEmpty)
    }

    /// A key in memory serves what the card's keys could, as C_GetMechanismInfo tells.
    @Test func theCardsKindsOfKeysAreOffered() throws {
        token.algorithms = CardAlgorithms(rsa: nil, ecdsa: 256...384, edDSA: 255...255, montgomery: 255...255)
        for type in [KeyType.ec(.p521), .ed448, .x448] {
            #expect(throws: ReturnCode.curveNotSupported) { try generate(type) }
        }
        #expect(throws: ReturnCode.keySizeRange) { try generate(.rsa(bits: 2048)) }
        let padding = try CardWithKey(.rsa(bits: 2048), padsRSA: true)
        let pair = try padding.library.generateKeyPair(
            padding.session, mechanism: Mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN),
            publicKey: [.number(CKA_MODULUS_BITS, 1024)], privateKey: [])
        let raw = Mechanism(CKM_RSA_X_509)
        #expect(throws: ReturnCode.mechanismInvalid) {
            try padding.library.signInit(padding.session, mechanism: raw, key: pair.privateKey)
        }
        try padding.library.signInit(padding.session, mechanism: Mechanism(CKM_RSA_PKCS), key: pair.privateKey)
        let signature = try padding.library.sign(padding.session, data: Self.data.span.bytes, capacity: 128).content
        try padding.library.verifyInit(padding.session, mechanism: Mechanism(CKM_RSA_PKCS), key: pair.publicKey)
        try padding.library.verify(padding.session, data: Self.data.span.bytes, signature: signature.span.bytes)
        #expect(padding.uses == 0)
    }

    /// C_CreateObject and C_UnwrapKey: the key works, and has been elsewhere.
    @Test(arguments: [KeyType.ec(.p256), .ed25519, .rsa(bits: 1024)])
    func keysAreImported(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        let objectClass = Attribute.number(CKA_CLASS, CKO_PRIVATE_KEY)
        let (kind, numbers, mechanism): (UInt, [Attribute], UInt) =
            switch type {
            case .rsa:
                (
                    CKK_RSA,
                    zip([CKA_PRIME_1, CKA_PRIME_2], try key.numbers().values).map { Attribute($0, $1) }
                        + [Attribute(CKA_PUBLIC_EXPONENT, [1, 0, 1])], CKM_RSA_PKCS
                )
            case .ec:
                (
                    CKK_EC,
                    [
                        Attribute(CKA_EC_PARAMS, type.curveIdentifier ?? []),
                        Attribute(CKA_VALUE, try key.numbers().values[0]),
                    ],
                    CKM_ECDSA
                )
            default:
                (
                    CKK_EC_EDWARDS,
                    [
                        Attribute(CKA_EC_PARAMS, type.curveIdentifier ?? []),
                        Attribute(CKA_VALUE, try key.numbers().values[0]),
                    ],
                    CKM_EDDSA
                )
            }
        let template = [objectClass, .number(CKA_KEY_TYPE, kind)]
        let wrapping = try library.makeAESKey(session)
        let der = try key.pkcs8()
        let aes = [UInt8](repeating: 7, count: 16)
        let wrapped = try AESKeyWrap.padded(initialValue: nil).wrap(der.span.bytes, key: aes.span.bytes)
        let imported = [
            try library.create(session, template + numbers),
            try library.unwrapKey(
                session, mechanism: Mechanism(CKM_AES_KEY_WRAP_KWP), unwrappingKey: wrapping,
                wrapped: wrapped.span.bytes, template),
        ]
        for object in imported {
            #expect(
                try library.value(session, object, CKA_PUBLIC_KEY_INFO) == key.publicKey.subjectPublicKeyInfo)
            for attribute in [CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_EXTRACTABLE] {
                #expect(try library.value(session, object, attribute) == [0])
            }
            let signature = try sign(object, Mechanism(mechanism), Self.data)
            switch key.publicKey {
            case .rsa: #expect(try key.publicKey.verifyPKCS1(signature, data: Self.data))
            case .ec:
                let pair = try ECDSASignature(fixedWidth: signature, fieldSize: 32)
                #expect(
                    try key.publicKey.verifyECDSA(
                        pair, hash: [UInt8](repeating: 0, count: 32 - Self.data.count) + Self.data))
            default: #expect(try key.publicKey.verifyEdDSA(signature, message: Self.data))
            }
        }
        #expect(token.imported.isEmpty)
    }
}
