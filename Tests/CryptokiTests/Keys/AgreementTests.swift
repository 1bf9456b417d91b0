import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing
import Token

/// C_DeriveKey with a private key of the card.
@Suite struct AgreementTests {
    private static let open: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]
    private static let types: [KeyType] = Curve.allCases.map { .ec($0) } + [.x25519, .x448]

    /// A logged-in session with a token, its key that agrees, and the other side's key.
    private struct Setting {
        let token: StandInToken
        let library: Library
        let session: UInt
        let key: UInt
        let peer: PrivateKey

        init(_ type: KeyType = .ec(.p256), policy: KeyPolicy.PINPolicy = .once, usage: KeyUsage = .derive) throws {
            token = try StandInToken(key: PrivateKey.generate(type))
            (token.policy, token.usage) = (policy, usage)
            library = Library(source: StandInReaders(["A": [token]]))
            session = try library.openReadWrite()
            try library.login(session)
            key = try #require(try library.find(session, .text(CKA_LABEL, "private")).first)
            peer = try PrivateKey.generate(type)
        }

        /// What both sides share, as the other side computes it.
        func secret() throws -> [UInt8] {
            let own = try #require(try library.value(session, key, CKA_PUBLIC_KEY_INFO))
            return try peer.sharedSecret(with: PublicKey(subjectPublicKeyInfo: own))
        }

        func derive(
            _ function: UInt = CKD_NULL, sharedData: [UInt8] = [], point: [UInt8]? = nil, template: [Attribute] = open,
            type: UInt = CKM_ECDH1_DERIVE
        ) throws -> UInt {
            let parameters = AgreementParameters(
                function: function, sharedData: sharedData, publicData: point ?? peer.publicKey.octets)
            return try library.deriveKey(
                session, mechanism: Mechanism(type, .agreement(parameters)), baseKey: key, template)
        }

        func value(_ key: UInt) throws -> [UInt8]? { try library.value(session, key, CKA_VALUE) }
    }

    /// The point of the other side comes bare, or as DER OCTET STRING.
    @Test(arguments: types)
    func bothSidesHaveTheSecret(_ type: KeyType) throws {
        let setting = try Setting(type)
        let bare = setting.peer.publicKey.octets
        let header: [UInt8] = bare.count < 0x80 ? [0x04, UInt8(bare.count)] : [0x04, 0x81, UInt8(bare.count)]
        for point in [bare, header + bare] {
            let derived = try setting.derive(point: point)
            #expect(try setting.value(derived) == setting.secret())
        }
        let cofactor = code { _ = try setting.derive(type: CKM_ECDH1_COFACTOR_DERIVE) }
        if case .ec = type { #expect(cofactor == nil) } else { #expect(cofactor == .keyTypeInconsistent) }
    }

    @Test(
        arguments: [
            (CKD_SHA1_KDF, .x963, .sha1), (CKD_SHA224_KDF, .x963, .sha224), (CKD_SHA256_KDF, .x963, .sha256),
            (CKD_SHA384_KDF, .x963, .sha384), (CKD_SHA512_KDF, .x963, .sha512),
            (CKD_SHA3_224_KDF, .x963, .sha3_224), (CKD_SHA3_256_KDF, .x963, .sha3_256),
            (CKD_SHA3_384_KDF, .x963, .sha3_384), (CKD_SHA3_512_KDF, .x963, .sha3_512),
            (CKD_SHA1_KDF_SP800, .concatenation, .sha1), (CKD_SHA224_KDF_SP800, .concatenation, .sha224),
            (CKD_SHA256_KDF_SP800, .concatenation, .sha256), (CKD_SHA384_KDF_SP800, .concatenation, .sha384),
            (CKD_SHA512_KDF_SP800, .concatenation, .sha512), (CKD_SHA3_224_KDF_SP800, .concatenation, .sha3_224),
            (CKD_SHA3_256_KDF_SP800, .concatenation, .sha3_256), (CKD_SHA3_384_KDF_SP800, .concatenation, .sha3_384),
            (CKD_SHA3_512_KDF_SP800, .concatenation, .sha3_512),
        ] as [(UInt, AgreementKDF, Digest)])
    func functions(_ number: UInt, _ function: AgreementKDF, _ digest: Digest) throws {
        let setting = try Setting()
        let secret = try setting.secret()
        let expected = try function.derive(secret.span.bytes, information: [1, 2], digest: digest, count: 100)
        let long = try setting.derive(number, sharedData: [1, 2], template: Self.open + [.number(CKA_VALUE_LEN, 100)])
        #expect(try setting.value(long) == expected)
        let natural = try setting.derive(number, sharedData: [1, 2])
        #expect(try setting.value(natural) == Array(expected.prefix(digest.size)))
    }

    /// Section 6.3.21: what is too much is taken off the leading end of the secret.
    @Test func theKeyIsWhatTheTemplateSays() throws {
        let setting = try Setting()
        let aes: [Attribute] = [.number(CKA_KEY_TYPE, CKK_AES), .number(CKA_VALUE_LEN, 16), .flag(CKA_ENCRYPT, true)]
        let key = try setting.derive(template: Self.open + aes)
        #expect(try setting.value(key) == Array(setting.secret().suffix(16)))
        #expect(try setting.library.value(setting.session, key, CKA_ENCRYPT) == [1])
        #expect(try setting.library.value(setting.session, key, CKA_LOCAL) == [0])
        let kept = try setting.derive(template: [.flag(CKA_SENSITIVE, true)])
        #expect(try setting.value(kept) == nil)
        // The card does not say that it made its key, so nobody knows where that has been.
        for attribute in [CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE] {
            #expect(try setting.library.value(setting.session, kept, attribute) == [0])
        }
        setting.token.origin = .generated
        let fromCard = try setting.derive(template: [.flag(CKA_SENSITIVE, true)])
        for attribute in [CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE] {
            #expect(try setting.library.value(setting.session, fromCard, attribute) == [1])
        }
    }

    /// What is wrong is told before the card is asked.
    @Test func invalidParametersAreRefusedBeforeTheCardIsAsked() throws {
        let setting = try Setting()
        let point = setting.peer.publicKey.octets
        let off = Array(point.dropLast()) + [(point.last ?? 0) ^ 1]
        let other = try PrivateKey.generate(.ec(.p384)).publicKey.octets
        for (function, sharedData, point, template, expected) in [
            (CKD_NULL, [1], point, [], .mechanismParameterInvalid), (0, [], point, [], .mechanismParameterInvalid),
            (CKD_CPDIVERSIFY_KDF, [], point, [], .mechanismParameterInvalid),
            (CKD_NULL, [], off, [], .publicKeyInvalid),
            (CKD_NULL, [], other, [], .publicKeyInvalid), (CKD_NULL, [], [0], [], .publicKeyInvalid),
            (CKD_NULL, [], [0x40] + point, [], .publicKeyInvalid),
            (CKD_NULL, [], point, [.number(CKA_VALUE_LEN, 33)], .templateInconsistent),
            (CKD_NULL, [], point, [.number(CKA_VALUE_LEN, 0)], .attributeValueInvalid),
            (CKD_NULL, [], point, [.number(CKA_KEY_TYPE, CKK_AES)], .templateIncomplete),
            (CKD_SHA256_KDF, [], point, [.number(CKA_KEY_TYPE, CKK_RSA)], .attributeValueInvalid),
            (CKD_NULL, [], point, [.flag(CKA_TOKEN, true)], .templateInconsistent),
            (CKD_NULL, [], point, [Attribute(CKA_VALUE, [1])], .attributeReadOnly),
            (CKD_NULL, [], point, [Attribute(CKA_MODULUS, [1])], .attributeTypeInvalid),
            (CKD_NULL, [], point, [.number(CKA_CLASS, CKO_DATA)], .templateInconsistent),
        ] as [(UInt, [UInt8], [UInt8], [Attribute], ReturnCode)] {
            #expect(throws: expected, "\(function) \(template)") {
                try setting.derive(function, sharedData: sharedData, point: point, template: template)
            }
        }
        let none = Mechanism(CKM_ECDH1_DERIVE)
        #expect(throws: ReturnCode.mechanismParameterInvalid) {
            try setting.library.deriveKey(setting.session, mechanism: none, baseKey: setting.key, [])
        }
        #expect(!setting.token.questions.contains("sharedSecret"))
    }

    @Test func aKeyThatDoesNotAgreeIsRefused() throws {
        let setting = try Setting(usage: .sign)
        #expect(throws: ReturnCode.keyFunctionNotPermitted) { try setting.derive() }
        #expect(throws: ReturnCode.keyTypeInconsistent) { try Setting(.ed25519, usage: .sign).derive(point: [4]) }
        #expect(try setting.library.value(setting.session, setting.key, CKA_DERIVE) == [0])
        let secret = try setting.library.makeAESKey(setting.session)
        let mechanism = Mechanism(
            CKM_ECDH1_DERIVE,
            .agreement(AgreementParameters(function: CKD_NULL, publicData: setting.peer.publicKey.octets)))
        #expect(throws: ReturnCode.keyFunctionNotPermitted) {
            try setting.library.deriveKey(setting.session, mechanism: mechanism, baseKey: secret, [])
        }
    }

    @Test(arguments: [(.ec(.p384), true), (.x448, false)] as [(KeyType, Bool)])
    func aKeyTellsThatItAgrees(_ type: KeyType, _ hasCofactor: Bool) throws {
        let setting = try Setting(type)
        let derivations = hasCofactor ? [CKM_ECDH1_DERIVE, CKM_ECDH1_COFACTOR_DERIVE] : [CKM_ECDH1_DERIVE]
        let mechanisms = derivations + (hasCofactor ? [CKM_ECDH_AES_KEY_WRAP] : [])
        #expect(try setting.library.value(setting.session, setting.key, CKA_DERIVE) == [1])
        let allowed = try setting.library.value(setting.session, setting.key, CKA_ALLOWED_MECHANISMS)
        #expect(allowed == mechanisms.flatMap { Attribute.number(0, $0).value })
        #expect(try setting.library.value(setting.session, setting.key, CKA_UNWRAP) == [hasCofactor ? 1 : 0])
        for mechanism in derivations {
            let flags = try setting.library.mechanismInfo(mechanism, of: 0).flags
            #expect(flags & (CKF_DERIVE | CKF_HW) == CKF_DERIVE | CKF_HW)
        }
    }

    /// Of a key that wants its PIN each time: the call that is refused is what C_Login(CKU_CONTEXT_SPECIFIC) is for. That
    /// login is good for one use, and for this key.
    @Test func thePINForOneUse() throws {
        let setting = try Setting(policy: .always, usage: [.derive, .sign])
        let (library, session) = (setting.library, setting.session)
        func logIn() throws { try library.login(session, CKU_CONTEXT_SPECIFIC) }
        #expect(throws: ReturnCode.operationNotInitialized) { try logIn() }
        #expect(throws: ReturnCode.userNotLoggedIn) { try setting.derive() }
        try logIn()
        #expect(throws: ReturnCode.operationNotInitialized) { try logIn() }
        // What is wrong with a template costs no login.
        #expect(throws: ReturnCode.attributeReadOnly) { try setting.derive(template: [Attribute(CKA_VALUE, [1])]) }
        #expect(try setting.value(setting.derive()) == setting.secret())
        #expect(throws: ReturnCode.userNotLoggedIn) { try setting.derive() }
        try logIn()
        let other = try #require(try library.find(session, .text(CKA_LABEL, "open")).first)
        let mechanism = Mechanism(
            CKM_ECDH1_DERIVE,
            .agreement(AgreementParameters(function: CKD_NULL, publicData: setting.peer.publicKey.octets)))
        #expect(throws: ReturnCode.userNotLoggedIn) {
            try library.deriveKey(session, mechanism: mechanism, baseKey: other, [])
        }
        #expect(throws: ReturnCode.userNotLoggedIn) { try setting.derive() }
        #expect(setting.token.questions.count { $0 == "authenticate" } == 2)
        // It keeps no operation out, and does not outlive the beginning of one: the login is then that one's.
        try library.signInit(session, mechanism: Mechanism(CKM_ECDSA), key: setting.key)
        try logIn()
        _ = try library.sign(session)
        #expect(throws: ReturnCode.operationNotInitialized) { try logIn() }
    }
}
