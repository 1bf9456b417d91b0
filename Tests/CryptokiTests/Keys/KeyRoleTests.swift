import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// The known attacks on keys that may be wrapped, and what the setting `key-roles` makes of them. Without it they work, for
/// the standard has it so; keys that may not be extracted stay in anyway.
@Suite struct KeyRoleTests {
    /// A key that is sensitive and may be wrapped.
    private static let secret = [UInt8](repeating: 0x5E, count: 16)
    private static let kept: [Attribute] = [.flag(CKA_SENSITIVE, true), .flag(CKA_EXTRACTABLE, true)]
    private static let ecb = Mechanism(CKM_AES_ECB)
    private static let unwrapped: [Attribute] = [
        .number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_AES),
    ]

    /// What a program does to read the secret.
    enum Attack: CaseIterable {
        /// One key wraps the secret, and decrypts what came out.
        case wrapAndDecrypt
        /// The same, by a role that the key gets later, or as a copy.
        case changeTheRole, copyWithTheRole
        /// A key of the program's own is brought in by one key that encrypts and unwraps, and wraps the secret.
        case encryptAndUnwrap
        /// A key that the program knows wraps the secret.
        case knownKey, knownPublicKey
        /// The secret is wrapped, and comes back as one that may be read.
        case comeBackReadable
        /// A key wraps a longer one, and is easier to guess.
        case shorterKey
        /// What the card's key wraps it decrypts.
        case cardKey
        /// The halves of a pair, in memory.
        case pair
    }

    private struct Program {
        let library: Library
        let session: UInt
        let card: CardWithKey
        let secret: UInt

        init(_ roles: KeyRoles) throws {
            card = try CardWithKey(.rsa(bits: 2048), roles: roles)
            (library, session) = (card.library, card.session)
            secret = try library.makeKey(
                session, CKK_AES, KeyRoleTests.secret, KeyRoleTests.kept[0], KeyRoleTests.kept[1])
        }

        func generate(_ uses: AttributeType..., count: UInt = 16, more: [Attribute] = []) throws -> UInt {
            try library.generateKey(
                session, mechanism: Mechanism(CKM_AES_KEY_GEN),
                [.number(CKA_VALUE_LEN, count)] + uses.map { .flag($0, true) } + more)
        }

        func wrap(_ key: UInt, with wrapping: UInt, _ mechanism: Mechanism = ecb) throws -> [UInt8] {
            try library.wrapKey(session, mechanism: mechanism, wrappingKey: wrapping, key: key, capacity: 1000).content
        }

        func decrypt(_ ciphertext: [UInt8], with key: UInt, _ mechanism: Mechanism = ecb) throws -> [UInt8] {
            try library.decryptInit(session, mechanism: mechanism, key: key)
            return try library.decrypt(session, ciphertext).content
        }

        func unwrap(_ wrapped: [UInt8], with key: UInt, _ more: [Attribute]) throws -> UInt {
            try library.unwrapKey(
                session, mechanism: ecb, unwrappingKey: key, wrapped: wrapped.span.bytes,
                KeyRoleTests.unwrapped + [.number(CKA_VALUE_LEN, 16)] + more)
        }

        /// What the attack finds.
        func run(_ attack: Attack) throws -> [UInt8]? {
            let known = [UInt8](repeating: 9, count: 16)
            switch attack {
            case .wrapAndDecrypt:
                let key = try generate(CKA_WRAP, CKA_DECRYPT)
                return try decrypt(wrap(secret, with: key), with: key)
            case .changeTheRole:
                let key = try generate(CKA_WRAP)
                let wrapped = try wrap(secret, with: key)
                try library.setAttributes(session, of: key, [.flag(CKA_WRAP, false)])
                try library.setAttributes(session, of: key, [.flag(CKA_DECRYPT, true)])
                return try decrypt(wrapped, with: key)
            case .copyWithTheRole:
                let key = try generate(CKA_WRAP)
                let copy = try library.copy(session, object: key, [.flag(CKA_WRAP, false), .flag(CKA_DECRYPT, true)])
                return try decrypt(wrap(secret, with: key), with: copy)
            case .encryptAndUnwrap:
                let key = try generate(CKA_ENCRYPT, CKA_UNWRAP)
                try library.encryptInit(session, mechanism: ecb, key: key)
                let own = try unwrap(library.encrypt(session, known).content, with: key, [.flag(CKA_WRAP, true)])
                return try opened(wrap(secret, with: own), known)
            case .knownKey:
                let own = try library.makeKey(session, CKK_AES, known, .flag(CKA_WRAP, true))
                return try opened(wrap(secret, with: own), known)
            case .knownPublicKey:
                let pair = try PrivateKey.generate(.rsa(bits: 1024))
                guard case .rsa(let modulus, let exponent) = pair.publicKey else { return nil }
                let own = try library.create(
                    session,
                    [
                        .number(CKA_CLASS, CKO_PUBLIC_KEY), .number(CKA_KEY_TYPE, CKK_RSA), .flag(CKA_WRAP, true),
                        Attribute(CKA_MODULUS, modulus), Attribute(CKA_PUBLIC_EXPONENT, exponent),
                    ])
                let block = try pair.rsaPrivateOperation(wrap(secret, with: own, Mechanism(CKM_RSA_PKCS)))
                return try RSAPadding.pkcs1Message(in: block)
            case .comeBackReadable:
                let key = try generate(CKA_WRAP, CKA_UNWRAP)
                let back = try unwrap(wrap(secret, with: key), with: key, [.flag(CKA_SENSITIVE, false)])
                return try library.value(session, back, CKA_VALUE)
            case .shorterKey:
                let long = try generate(count: 32, more: KeyRoleTests.kept)
                _ = try wrap(long, with: generate(CKA_WRAP, count: 16))
                // The program would now try keys.
                return KeyRoleTests.secret
            case .cardKey:
                return try decrypt(
                    wrap(secret, with: card.publicKey, Mechanism(CKM_RSA_PKCS)), with: card.privateKey,
                    Mechanism(CKM_RSA_PKCS))
            case .pair:
                let pair = try library.generateKeyPair(
                    session, mechanism: Mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN),
                    publicKey: [.number(CKA_MODULUS_BITS, 1024), .flag(CKA_WRAP, true)],
                    privateKey: [.flag(CKA_DECRYPT, true)])
                return try decrypt(
                    wrap(secret, with: pair.publicKey, Mechanism(CKM_RSA_PKCS)), with: pair.privateKey,
                    Mechanism(CKM_RSA_PKCS))
            }
        }

        private func opened(_ wrapped: [UInt8], _ key: [UInt8]) throws -> [UInt8] {
            try BlockCipher.aes128.decrypt(wrapped, key: key, mode: .ecb)
        }
    }

    /// What the standard leaves open works: a case that does not would prove nothing of the setting.
    @Test(arguments: Attack.allCases) func worksByTheStandard(_ attack: Attack) throws {
        #expect(try Program(.standard).run(attack) == Self.secret)
    }

    @Test(arguments: Attack.allCases) func failsWithSeparateRoles(_ attack: Attack) throws {
        let program = try Program(.separate)
        #expect(throws: ReturnCode.self) { try program.run(attack) }
    }

    /// What keys are for they are still for.
    @Test func rolesOfTheirOwnWork() throws {
        let program = try Program(.separate)
        let wrapping = try program.generate(CKA_WRAP, CKA_UNWRAP)
        let back = try program.unwrap(
            program.wrap(program.secret, with: wrapping), with: wrapping,
            [.flag(CKA_SENSITIVE, true), .flag(CKA_ENCRYPT, true), .flag(CKA_DECRYPT, true)])
        try program.library.encryptInit(program.session, mechanism: Self.ecb, key: back)
        let ciphertext = try program.library.encrypt(program.session, [UInt8](repeating: 1, count: 16)).content
        #expect(try program.decrypt(ciphertext, with: back) == [UInt8](repeating: 1, count: 16))
    }
}
