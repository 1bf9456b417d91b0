import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing

/// A buffer that is too small keeps the operation (PKCS#11 3.2, section 5.2), and what comes out afterwards belongs to the
/// data that are given then, whatever they were before.
@Suite struct HeldOutputTests {
    private let library: Library
    private let session: UInt
    private let key: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
        key = try library.makeAESKey(session)
    }

    private static let iv = [UInt8](0..<16)

    /// Mechanisms with the length of a message, as in `CipherTests`; no message is empty, for no buffer is too small for it.
    private static let mechanisms = CipherTests.mechanisms.filter { $0.1 > 0 }

    private func ciphertext(_ mechanism: Mechanism, _ message: [UInt8]) throws -> [UInt8] {
        try library.encryptInit(session, mechanism: mechanism, key: key)
        return try library.encrypt(session, message).content
    }

    /// Gives the first data to a function with all buffers that are too small for the result.
    private func isRefused(_ result: [UInt8], _ function: (Int) throws -> Output) throws {
        for capacity in Set([0, result.count / 2, result.count - 1]) {
            guard case .tooSmall(let size) = try function(capacity) else {
                Issue.record("a buffer of \(capacity) bytes was filled")
                return
            }
            #expect(size >= result.count)
        }
    }

    @Test(arguments: mechanisms)
    func otherDataAreDecrypted(_ mechanism: Mechanism, _ count: Int, _ size: Int) throws {
        let (one, other) = (try Random.bytes(count), try Random.bytes(count))
        let (first, second) = (try ciphertext(mechanism, one), try ciphertext(mechanism, other))
        for step in [nil, 1, 16, 64] {
            try library.decryptInit(session, mechanism: mechanism, key: key)
            try isRefused(one) { try library.decrypt(session, first, capacity: $0) }
            guard let step else {
                #expect(try library.decrypt(session, second).content == other)
                continue
            }
            var plaintext: [UInt8] = []
            for start in stride(from: 0, to: second.count, by: step) {
                let part = Array(second[start..<min(start + step, second.count)])
                plaintext += try library.decryptUpdate(session, part).content
            }
            #expect(try plaintext + library.decryptFinal(session, capacity: 1000).content == other)
        }
    }

    @Test(arguments: mechanisms)
    func otherDataAreEncrypted(_ mechanism: Mechanism, _ count: Int, _ size: Int) throws {
        let (one, other) = (try Random.bytes(count), try Random.bytes(count))
        let (first, second) = (try ciphertext(mechanism, one), try ciphertext(mechanism, other))
        for isInParts in [false, true] {
            try library.encryptInit(session, mechanism: mechanism, key: key)
            try isRefused(first) { try library.encrypt(session, one, capacity: $0) }
            guard isInParts else {
                #expect(try library.encrypt(session, other).content == second)
                continue
            }
            let start = try library.encryptUpdate(session, other).content
            #expect(try start + library.encryptFinal(session, capacity: 1000).content == second)
        }
    }

    /// Ciphertexts that cannot be decrypted, after one that can: nothing of the first comes out.
    @Test func wrongDataAreNot() throws {
        let mechanism = Mechanism(CKM_AES_CBC_PAD, .bytes(Self.iv))
        let first = try ciphertext(mechanism, [UInt8](repeating: 1, count: 40))
        for wrong in [[UInt8](repeating: 0, count: 48), [UInt8](repeating: 0, count: 16)] {
            try library.decryptInit(session, mechanism: mechanism, key: key)
            try isRefused([UInt8](repeating: 1, count: 40)) { try library.decrypt(session, first, capacity: $0) }
            #expect(throws: ReturnCode.encryptedDataInvalid) { try library.decrypt(session, wrong) }
            #expect(throws: ReturnCode.operationNotInitialized) { try library.decrypt(session, first) }
        }
    }

    /// The result that did not fit goes with the data that it was computed of, and is there once.
    @Test func theHeldPlaintextIsGivenOutOnce() throws {
        let mechanism = Mechanism(CKM_AES_CBC_PAD, .bytes(Self.iv))
        let message = [UInt8](repeating: 1, count: 40)
        let first = try ciphertext(mechanism, message)
        try library.decryptInit(session, mechanism: mechanism, key: key)
        #expect(try library.decrypt(session, first, capacity: 39) == .tooSmall(40))
        #expect(try library.decrypt(session, first, capacity: nil) == .length(48))
        #expect(try library.decrypt(session, first, capacity: 40).content == message)
        #expect(throws: ReturnCode.operationNotInitialized) { try library.decrypt(session, first) }
    }

    /// A last part that did not fit stays the last part.
    @Test func theLastHeldBlockIsGivenOutLast() throws {
        let mechanism = Mechanism(CKM_AES_CBC_PAD, .bytes(Self.iv))
        let message = [UInt8](repeating: 1, count: 40)
        let ciphertext = try ciphertext(mechanism, message)
        try library.decryptInit(session, mechanism: mechanism, key: key)
        let start = try library.decryptUpdate(session, ciphertext).content
        #expect(try library.decryptFinal(session, capacity: 7) == .tooSmall(8))
        #expect(try start + library.decryptFinal(session, capacity: 8).content == message)
    }

    /// Every other function with one key, by which the card or the host computes.
    @Test(arguments: [true, false])
    func otherDataAreSignedRecoveredAndHashed(_ isPadding: Bool) throws {
        let card = try CardWithKey(.rsa(bits: 2048), padsRSA: isPadding)
        let (library, session) = (card.library, card.session)
        let (one, other) = ([UInt8](repeating: 1, count: 20), [UInt8](repeating: 2, count: 21))
        let pkcs1 = Mechanism(CKM_RSA_PKCS)

        try library.signInit(session, mechanism: pkcs1, key: card.privateKey)
        try isRefused([UInt8](repeating: 0, count: 256)) {
            try library.sign(session, data: one.span.bytes, capacity: $0)
        }
        let signature = try library.sign(session, data: other.span.bytes, capacity: 256).content
        try card.verify(pkcs1, other, signature)

        try library.signRecoverInit(session, mechanism: pkcs1, key: card.privateKey)
        try isRefused([UInt8](repeating: 0, count: 256)) {
            try library.signRecover(session, data: one.span.bytes, capacity: $0)
        }
        #expect(try library.signRecover(session, data: other.span.bytes, capacity: 256).content == signature)

        let before = try card.sign(pkcs1, one)
        try library.verifyRecoverInit(session, mechanism: pkcs1, key: card.publicKey)
        try isRefused(one) { try library.verifyRecover(session, signature: before.span.bytes, capacity: $0) }
        #expect(try library.verifyRecover(session, signature: signature.span.bytes, capacity: 256).content == other)

        try library.messageSignInit(session, mechanism: pkcs1, key: card.privateKey)
        try isRefused(signature) { try library.signMessage(session, data: one.span.bytes, capacity: $0) }
        #expect(try library.signMessage(session, data: other.span.bytes, capacity: 256).content == signature)
        try library.messageSignFinal(session)

        let (first, second) = (try card.encrypt(pkcs1, one), try card.encrypt(pkcs1, other))
        try library.decryptInit(session, mechanism: pkcs1, key: card.privateKey)
        try isRefused(one) { try library.decrypt(session, first, capacity: $0) }
        #expect(try library.decrypt(session, second).content == other)

        try library.digestInit(session, mechanism: Mechanism(CKM_SHA256))
        try isRefused([UInt8](repeating: 0, count: 32)) {
            try library.digest(session, data: one.span.bytes, capacity: $0)
        }
        let hash = try library.digest(session, data: other.span.bytes, capacity: 32).content
        #expect(try hash == Digest.sha256.hash(other))
    }

    /// The AES key of a card.
    @Test func otherDataGoToTheCard() throws {
        let token = try StandInToken(hasSecretKey: true)
        let library = Library(source: StandInReaders(["A": [token]]))
        let session = try library.openReadWrite()
        try library.login(session)
        let key = try #require(try library.find(session, .text(CKA_LABEL, "secret")).first)
        let mechanism = Mechanism(CKM_AES_CBC, .bytes(Self.iv))
        let (one, other) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        try library.encryptInit(session, mechanism: mechanism, key: key)
        try isRefused(one) { try library.encrypt(session, one, capacity: $0) }
        let second = try library.encrypt(session, other).content
        try library.encryptInit(session, mechanism: mechanism, key: key)
        let first = try library.encrypt(session, one).content
        try library.decryptInit(session, mechanism: mechanism, key: key)
        try isRefused(one) { try library.decrypt(session, first, capacity: $0) }
        #expect(try library.decrypt(session, second).content == other)
    }

    /// Wrapping computes in one call, which keeps nothing.
    @Test func otherKeysAreWrapped() throws {
        let (one, other) = (
            try library.makeKey(session, CKK_GENERIC_SECRET, [1, 2, 3], .flag(CKA_EXTRACTABLE, true)),
            try library.makeKey(session, CKK_GENERIC_SECRET, [4, 5, 6], .flag(CKA_EXTRACTABLE, true))
        )
        let mechanism = Mechanism(CKM_AES_CBC_PAD, .bytes(Self.iv))
        let expected = try ciphertext(mechanism, [4, 5, 6])
        try isRefused(expected) {
            try library.wrapKey(session, mechanism: mechanism, wrappingKey: key, key: one, capacity: $0)
        }
        let wrapped = try library.wrapKey(session, mechanism: mechanism, wrappingKey: key, key: other, capacity: 100)
        #expect(wrapped.content == expected)
    }
}
