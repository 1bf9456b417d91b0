import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Platform
import Testing

/// What a program does to read a secret key that is sensitive and may be wrapped.
enum KeyRoleAttack: CaseIterable {
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
    /// A key wraps a longer one, and is easier to guess; or it wraps it through a shorter one between.
    case shorterKey, shorterKeyBetween, shorterAgreedKey
    /// What the card's key wraps it decrypts; the same with a copy of its public half.
    case cardKey, copiedCardKey
    /// The halves of a pair, in memory: the private one decrypts, signs without padding, or agrees on what wrapped the secret.
    case pair, pairThatSigns, pairThatAgrees
    /// The key that wraps may be read.
    case readableKey
    /// The key that wraps leaves by another one, and comes back as one that decrypts.
    case wrappingKeyComesBack
    /// A key that decrypts is derived from the one that wraps, and has the same value.
    case deriveByXOR, deriveByExtraction, deriveByConcatenation, deriveLater
    /// The first bytes of what was wrapped become keys, each by a byte longer than the one before.
    case pieces
    /// Whether the padding of a changed ciphertext is right tells what is in it.
    case paddingOracle
}

/// A program with such a key.
struct KeyRoleProgram {
    static let secret = [UInt8](repeating: 0x5E, count: 16)
    static let kept: [Attribute] = [.flag(CKA_SENSITIVE, true), .flag(CKA_EXTRACTABLE, true)]
    static let readable: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]
    /// What no setting refuses.
    static let wrapping = Mechanism(CKM_AES_KEY_WRAP)
    private static let rsa = Mechanism(CKM_RSA_PKCS)

    let library: Library
    let session: UInt
    let card: CardWithKey
    let secret: UInt

    init(_ roles: KeyRoles) throws {
        card = try CardWithKey(.rsa(bits: 2048), roles: roles)
        (library, session) = (card.library, card.session)
        secret = try library.makeKey(session, CKK_AES, Self.secret, Self.kept[0], Self.kept[1])
    }

    func generate(_ uses: AttributeType..., count: UInt = 16, more: [Attribute] = []) throws -> UInt {
        try library.generateKey(
            session, mechanism: Mechanism(CKM_AES_KEY_GEN),
            [.number(CKA_VALUE_LEN, count)] + uses.map { .flag($0, true) } + more)
    }

    /// A pair whose public half wraps.
    func generatePair(for use: AttributeType, signs: Bool = false) throws -> (publicKey: UInt, privateKey: UInt) {
        try library.generateKeyPair(
            session, mechanism: Mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN),
            publicKey: [.number(CKA_MODULUS_BITS, 1024), .flag(CKA_WRAP, true)],
            privateKey: [.flag(CKA_SIGN, signs), .flag(use, true)])
    }

    /// The same with a curve.
    func generateCurvePair(for use: AttributeType) throws -> (publicKey: UInt, privateKey: UInt) {
        try library.generateKeyPair(
            session, mechanism: Mechanism(CKM_EC_KEY_PAIR_GEN),
            publicKey: [Attribute(CKA_EC_PARAMS, Curve.p256.oid), .flag(CKA_WRAP, true)],
            privateKey: [.flag(CKA_SIGN, false), .flag(use, true)])
    }

    func wrap(_ key: UInt, with other: UInt, _ mechanism: Mechanism = wrapping) throws -> [UInt8] {
        try library.wrapKey(session, mechanism: mechanism, wrappingKey: other, key: key, capacity: 1000).content
    }

    func unwrap(
        _ wrapped: [UInt8], with key: UInt, _ more: [Attribute], _ mechanism: Mechanism = wrapping, type: UInt = CKK_AES
    ) throws -> UInt {
        try library.unwrapKey(
            session, mechanism: mechanism, unwrappingKey: key, wrapped: wrapped.span.bytes,
            [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, type)] + more)
    }

    func decrypt(_ ciphertext: [UInt8], with key: UInt, _ mechanism: Mechanism = wrapping) throws -> [UInt8] {
        try library.decryptInit(session, mechanism: mechanism, key: key)
        return try library.decrypt(session, ciphertext).content
    }

    func derive(_ mechanism: Mechanism, from key: UInt) throws -> UInt {
        try library.deriveKey(
            session, mechanism: mechanism, baseKey: key,
            [.number(CKA_KEY_TYPE, CKK_AES), .number(CKA_VALUE_LEN, 16), .flag(CKA_DECRYPT, true)])
    }

    /// What the attack finds.
    func run(_ attack: KeyRoleAttack) throws -> [UInt8]? {
        switch attack {
        case .wrapAndDecrypt, .changeTheRole, .copyWithTheRole, .encryptAndUnwrap: try runRoles(attack)
        case .deriveByXOR, .deriveByExtraction, .deriveByConcatenation, .deriveLater: try runDerivation(attack)
        case .knownKey, .knownPublicKey, .readableKey: try runKnownKeys(attack)
        case .cardKey, .copiedCardKey, .pair, .pairThatSigns, .pairThatAgrees: try runPairs(attack)
        case .shorterKey, .shorterKeyBetween, .shorterAgreedKey: try runShorterKeys(attack)
        case .comeBackReadable, .wrappingKeyComesBack, .pieces, .paddingOracle: try runUnwrapping(attack)
        }
    }

    private func runRoles(_ attack: KeyRoleAttack) throws -> [UInt8] {
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
        default:
            let known = [UInt8](repeating: 9, count: 16)
            let key = try generate(CKA_ENCRYPT, CKA_UNWRAP)
            try library.encryptInit(session, mechanism: Self.wrapping, key: key)
            let own = try unwrap(
                library.encrypt(session, known).content, with: key,
                [.flag(CKA_WRAP, true), .flag(CKA_SENSITIVE, true), .flag(CKA_EXTRACTABLE, false)])
            return try opened(wrap(secret, with: own), known)
        }
    }

    private func runDerivation(_ attack: KeyRoleAttack) throws -> [UInt8] {
        let key = attack == .deriveLater ? try generate(CKA_WRAP) : try generate(CKA_WRAP, CKA_DERIVE)
        if attack == .deriveLater { try library.setAttributes(session, of: key, [.flag(CKA_DERIVE, true)]) }
        let mechanism =
            switch attack {
            case .deriveByExtraction: Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(0))
            case .deriveByConcatenation: Mechanism(CKM_CONCATENATE_BASE_AND_DATA, .bytes([1]))
            default: Mechanism(CKM_XOR_BASE_AND_DATA, .bytes([UInt8](repeating: 0, count: 16)))
            }
        return try decrypt(wrap(secret, with: key), with: derive(mechanism, from: key))
    }

    private func runKnownKeys(_ attack: KeyRoleAttack) throws -> [UInt8]? {
        switch attack {
        case .knownKey:
            let known = [UInt8](repeating: 9, count: 16)
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
            let block = try pair.rsaPrivateOperation(wrap(secret, with: own, Self.rsa))
            return try RSAPadding.pkcs1Message(in: block)
        default:
            let key = try generate(CKA_WRAP, more: Self.readable)
            let value = try #require(try library.value(session, key, CKA_VALUE))
            return try opened(wrap(secret, with: key), value)
        }
    }

    private func runPairs(_ attack: KeyRoleAttack) throws -> [UInt8] {
        switch attack {
        case .cardKey: return try decrypt(wrap(secret, with: card.publicKey, Self.rsa), with: card.privateKey, Self.rsa)
        case .copiedCardKey:
            let copy = try library.copy(session, object: card.publicKey, [])
            return try decrypt(wrap(secret, with: copy, Self.rsa), with: card.privateKey, Self.rsa)
        case .pair:
            let pair = try generatePair(for: CKA_DECRYPT)
            return try decrypt(wrap(secret, with: pair.publicKey, Self.rsa), with: pair.privateKey, Self.rsa)
        case .pairThatSigns:
            let pair = try generatePair(for: CKA_UNWRAP, signs: true)
            let wrapped = try wrap(secret, with: pair.publicKey, Self.rsa)
            try library.signInit(session, mechanism: Mechanism(CKM_RSA_X_509), key: pair.privateKey)
            let block = try library.sign(session, data: wrapped.span.bytes, capacity: 1000).content
            return try RSAPadding.pkcs1Message(in: block)
        default:
            let pair = try generateCurvePair(for: CKA_DERIVE)
            let wrapped = try wrap(
                secret, with: pair.publicKey,
                Mechanism(
                    CKM_ECDH_AES_KEY_WRAP,
                    .agreementKeyWrap(aesKeyBits: 128, function: CKD_SHA256_KDF, sharedData: [])))
            let point = Array(wrapped.prefix(Curve.p256.pointSize))
            let between = try derive(
                Mechanism(
                    CKM_ECDH1_DERIVE,
                    .agreement(AgreementParameters(function: CKD_SHA256_KDF, publicData: point))),
                from: pair.privateKey)
            return try decrypt(
                Array(wrapped.dropFirst(point.count)), with: between, Mechanism(CKM_AES_KEY_WRAP_KWP))
        }
    }

    private func runShorterKeys(_ attack: KeyRoleAttack) throws -> [UInt8] {
        let long = try generate(count: 32, more: Self.kept)
        switch attack {
        case .shorterKey: _ = try wrap(long, with: generate(CKA_WRAP, count: 16))
        case .shorterKeyBetween:
            let oaep = OAEPFields(hash: CKM_SHA_1, mask: CKG_MGF1_SHA1)
            _ = try wrap(
                long, with: generatePair(for: CKA_UNWRAP).publicKey,
                Mechanism(CKM_RSA_AES_KEY_WRAP, .rsaAESKeyWrap(aesKeyBits: 128, oaep)))
        default:
            _ = try wrap(
                long, with: generateCurvePair(for: CKA_UNWRAP).publicKey,
                Mechanism(
                    CKM_ECDH_AES_KEY_WRAP,
                    .agreementKeyWrap(aesKeyBits: 128, function: CKD_SHA256_KDF, sharedData: [])))
        }
        // The program would now try keys.
        return Self.secret
    }

    private func runUnwrapping(_ attack: KeyRoleAttack) throws -> [UInt8]? {
        let key = try generate(CKA_WRAP, CKA_UNWRAP)
        switch attack {
        case .comeBackReadable:
            let back = try unwrap(wrap(secret, with: key), with: key, [.flag(CKA_SENSITIVE, false)])
            return try library.value(session, back, CKA_VALUE)
        case .wrappingKeyComesBack:
            let other = try generate(CKA_WRAP, more: Self.kept)
            let back = try unwrap(
                wrap(other, with: key), with: key, [.flag(CKA_SENSITIVE, true), .flag(CKA_DECRYPT, true)])
            return try decrypt(wrap(secret, with: other), with: back)
        case .pieces: return try guessed(from: wrap(secret, with: key, Mechanism(CKM_AES_ECB)), key)
        default:
            let wrapped = try wrap(secret, with: key, Mechanism(CKM_AES_CBC_PAD, .bytes(Self.noVector)))
            return try asked(of: Array(wrapped.prefix(16)), key)
        }
    }

    private static let noVector = [UInt8](repeating: 0, count: 16)

    /// Guesses byte after byte by the codes of keys that have one more each.
    private func guessed(from wrapped: [UInt8], _ key: UInt) throws -> [UInt8] {
        var known: [UInt8] = []
        while known.count < Self.secret.count {
            let piece = try unwrap(
                wrapped, with: key,
                [.number(CKA_VALUE_LEN, UInt(known.count + 1)), .flag(CKA_SENSITIVE, true), .flag(CKA_SIGN, true)],
                Mechanism(CKM_AES_ECB), type: CKK_GENERIC_SECRET)
            try library.signInit(session, mechanism: Mechanism(CKM_SHA256_HMAC), key: piece)
            let code = try library.sign(session, data: known.span.bytes, capacity: 32).content
            let next = try (UInt8.min...UInt8.max).first { guess in
                let value = known + [guess]
                return try MACContext.code(.hmac(.sha256), key: value.span.bytes, of: [known]) == code
            }
            known.append(try #require(next))
        }
        return known
    }

    /// Finds the bytes from the last one on, by vectors with which their padding is right (Vaudenay 2002).
    private func asked(of block: [UInt8], _ key: UInt) throws -> [UInt8] {
        var known: [UInt8] = []
        while known.count < block.count {
            let padding = UInt8(known.count + 1)
            let next = try (UInt8.min...UInt8.max).first { guess in
                let tail = ([guess] + known).map { $0 ^ padding }
                let vector = [UInt8](repeating: 0, count: block.count - tail.count) + tail
                let answer = code {
                    _ = try unwrap(
                        block, with: key, [.flag(CKA_SENSITIVE, true)], Mechanism(CKM_AES_CBC_PAD, .bytes(vector)),
                        type: CKK_GENERIC_SECRET)
                }
                if answer == .mechanismInvalid { throw ReturnCode.mechanismInvalid }
                // Where the padding fills the block, a key of no bytes is refused for that.
                return answer != .wrappedKeyInvalid
            }
            known.insert(try #require(next), at: 0)
        }
        return known
    }

    private func opened(_ wrapped: [UInt8], _ key: [UInt8]) throws -> [UInt8] {
        try AESKeyWrap.plain(initialValue: nil).unwrap(wrapped.span.bytes, key: key.span.bytes)
    }
}
