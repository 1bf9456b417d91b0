import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Platform
import TestSupport
import Testing
import Token

/// A library with one token whose keys are all the same pair, a session that is logged in, and the pair's handles.
struct CardWithKey {
    let token: StandInToken
    let library: Library
    let session: UInt
    let privateKey: UInt
    let publicKey: UInt

    init(
        _ type: KeyType, padsRSA: Bool = false, uses: KeyUsage = [.sign, .decrypt], verifiesAll: Bool = false,
        log: Log = .silent, roles: KeyRoles = .standard
    ) throws {
        token = try StandInToken(key: KnownKeys.key(type), padsRSA: padsRSA)
        token.usage = uses
        library = Library(
            source: StandInReaders(["A": [token]]), log: log, signatureCheck: verifiesAll ? .all : .rsa,
            keyRoles: roles)
        session = try library.openReadWrite()
        try library.login(session)
        privateKey = try #require(try library.find(session, .text(CKA_LABEL, "private")).first)
        publicKey = try #require(try library.find(session, .text(CKA_LABEL, "public")).first)
    }

    /// How often the card was asked to use its key.
    var uses: Int { token.questions.filter { ["sign", "decipher", "sharedSecret"].contains($0) }.count }

    func sign(_ mechanism: Mechanism, _ data: [UInt8]) throws -> [UInt8] {
        try library.signInit(session, mechanism: mechanism, key: privateKey)
        return try library.sign(session, data: data.span.bytes, capacity: 1000).content
    }

    func signInParts(_ mechanism: Mechanism, _ parts: [[UInt8]]) throws -> [UInt8] {
        try library.signInit(session, mechanism: mechanism, key: privateKey)
        for part in parts { try library.signUpdate(session, part: part.span.bytes) }
        return try library.signFinal(session, capacity: 1000).content
    }

    func verify(_ mechanism: Mechanism, _ data: [UInt8], _ signature: [UInt8]) throws {
        try library.verifyInit(session, mechanism: mechanism, key: publicKey)
        try library.verify(session, data: data.span.bytes, signature: signature.span.bytes)
    }

    func encrypt(_ mechanism: Mechanism, _ data: [UInt8]) throws -> [UInt8] {
        try library.encryptInit(session, mechanism: mechanism, key: publicKey)
        return try library.encrypt(session, data).content
    }

    func decrypt(_ mechanism: Mechanism, _ data: [UInt8]) throws -> [UInt8] {
        try library.decryptInit(session, mechanism: mechanism, key: privateKey)
        return try library.decrypt(session, data).content
    }
}

/// Key pairs that many tests share: making an RSA key takes longer than a test.
private enum KnownKeys {
    private static let known = Guarded<[KeyType: PrivateKey]>([:])

    static func key(_ type: KeyType) throws -> PrivateKey {
        try known.withLock { known in
            if let key = known[type] { return key }
            let key = try PrivateKey.generate(type)
            known[type] = key
            return key
        }
    }
}
