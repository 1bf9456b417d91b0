import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// Series of messages in Galois/counter mode.
@Suite struct MessageTests {
    private let library: Library
    private let session: UInt
    private let key: UInt
    private static let gcm = Mechanism(CKM_AES_GCM)
    private static let iv = [UInt8](0..<12)
    private static let data: [UInt8] = [8, 9]

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
        key = try library.makeAESKey(session)
    }

    private func encrypt(
        _ message: [UInt8], _ parameters: MessageParameters = MessageParameters(iv: iv)
    ) throws -> ([UInt8], MessageResult) {
        let (output, result) = try library.encryptMessage(
            session, parameters, authenticating: Self.data, plaintext: message.span.bytes, capacity: 1000)
        return (output.content, try #require(result))
    }

    private func decrypt(_ ciphertext: [UInt8], _ result: MessageResult, capacity: Int? = 1000) throws -> Output {
        let parameters = MessageParameters(iv: result.iv, tag: result.tag, tagBits: 8 * result.tag.count)
        return try library.decryptMessage(
            session, parameters, authenticating: Self.data, ciphertext: ciphertext.span.bytes, capacity: capacity)
    }

    /// The same as C_Encrypt makes of it, and back.
    @Test(arguments: [0, 5, 100])
    func messagesGoAndComeBack(_ count: Int) throws {
        let message = [UInt8](repeating: 4, count: count)
        let parameters = GCMParameters(iv: Self.iv, authenticating: Self.data)
        try library.encryptInit(session, mechanism: Mechanism(CKM_AES_GCM, .gcm(parameters)), key: key)
        let expected = try library.encrypt(session, message).content
        try library.messageEncryptInit(session, mechanism: Self.gcm, key: key)
        let query = try library.encryptMessage(
            session, MessageParameters(iv: Self.iv), authenticating: Self.data, plaintext: message.span.bytes,
            capacity: nil)
        #expect(query.0 == .length(count) && query.1 == nil)
        let (ciphertext, result) = try encrypt(message)
        #expect(ciphertext + result.tag == expected && result.iv == Self.iv)

        // In parts.
        let begun = try library.encryptMessageBegin(
            session, MessageParameters(iv: Self.iv), authenticating: Self.data)
        #expect(begun == Self.iv)
        #expect(throws: ReturnCode.operationActive) { try encrypt(message) }
        #expect(throws: ReturnCode.operationActive) { try library.messageEncryptFinal(session) }
        let half = Array(message.prefix(count / 2)), rest = Array(message.dropFirst(count / 2))
        let first = try library.encryptMessageNext(session, part: half.span.bytes, capacity: 1000, flags: 0)
        let second = try library.encryptMessageNext(
            session, part: rest.span.bytes, capacity: 1000, flags: CKF_END_OF_MESSAGE)
        #expect(first.1 == nil && first.0.content + second.0.content + (second.1 ?? []) == expected)
        try library.messageEncryptFinal(session)
        #expect(throws: ReturnCode.operationNotInitialized) { try library.messageEncryptFinal(session) }

        try library.messageDecryptInit(session, mechanism: Self.gcm, key: key)
        #expect(try decrypt(ciphertext, result, capacity: nil) == .length(count))
        #expect(try decrypt(ciphertext, result) == .plaintext(message))
        let given = MessageParameters(iv: Self.iv, tag: result.tag)
        try library.decryptMessageBegin(session, given, authenticating: Self.data)
        let (start, end) = (Array(ciphertext.prefix(count / 2)), Array(ciphertext.dropFirst(count / 2)))
        #expect(
            try library.decryptMessageNext(session, given, part: start.span.bytes, capacity: 0, flags: 0) == .bytes([]))
        let last = { (capacity: Int?) in
            try library.decryptMessageNext(
                session, given, part: end.span.bytes, capacity: capacity, flags: CKF_END_OF_MESSAGE)
        }
        #expect(try last(nil) == .length(count))
        #expect(try last(count) == .plaintext(message))
        try library.messageDecryptFinal(session)
    }

    /// Who makes the vector: its fixed bits stay, and it never comes twice, whatever session asks.
    @Test func vectorsAreMade() throws {
        try library.messageEncryptInit(session, mechanism: Self.gcm, key: key)
        var vectors: [[UInt8]] = []
        for generator in [CKG_GENERATE, CKG_GENERATE_RANDOM, CKG_GENERATE, CKG_GENERATE_RANDOM] {
            let (_, result) = try encrypt([1], MessageParameters(iv: Self.iv, fixedBits: 12, generator: generator))
            #expect(result.iv[0] == 0 && result.iv[1] >> 4 == 0)
            vectors.append(result.iv)
        }
        #expect(Set(vectors).count == vectors.count)
        let counted = { (generator: UInt) in
            try encrypt([1], MessageParameters(iv: Self.iv, fixedBits: 64, generator: generator)).1.iv
        }
        #expect(try counted(CKG_GENERATE_COUNTER) == Array(Self.iv.prefix(8)) + [0, 0, 0, 0])
        #expect(try counted(CKG_GENERATE_COUNTER) == Array(Self.iv.prefix(8)) + [0, 0, 0, 1])
        #expect(try counted(CKG_GENERATE_COUNTER_XOR) == Array(Self.iv.prefix(8)) + [8, 9, 10, 9])
        try library.messageEncryptFinal(session)
        let copy = try library.copy(session, object: key, [])
        try library.messageEncryptInit(session, mechanism: Self.gcm, key: copy)
        #expect(try counted(CKG_GENERATE_COUNTER) == Array(Self.iv.prefix(8)) + [0, 0, 0, 3])
        for parameters in [
            MessageParameters(iv: Self.iv, fixedBits: 96, generator: CKG_GENERATE),
            MessageParameters(iv: Self.iv, fixedBits: 33, generator: CKG_GENERATE),
            MessageParameters(iv: Self.iv, fixedBits: -1, generator: CKG_GENERATE),
            MessageParameters(iv: Self.iv, fixedBits: .max, generator: CKG_GENERATE_COUNTER),
            MessageParameters(iv: Self.iv, generator: 99), MessageParameters(iv: []),
            MessageParameters(iv: Self.iv, tagBits: 7),
        ] {
            #expect(throws: ReturnCode.mechanismParameterInvalid) { try encrypt([1], parameters) }
        }
        // The two bits of a counter are used up.
        let narrow = MessageParameters(iv: Self.iv, fixedBits: 94, generator: CKG_GENERATE_COUNTER)
        #expect(throws: ReturnCode.mechanismParameterInvalid) { try encrypt([1], narrow) }
    }

    @Test func aChangedMessageIsNotDecrypted() throws {
        try library.messageEncryptInit(session, mechanism: Self.gcm, key: key)
        let (ciphertext, result) = try encrypt([1, 2, 3])
        try library.messageEncryptFinal(session)
        try library.messageDecryptInit(session, mechanism: Self.gcm, key: key)
        #expect(throws: ReturnCode.aeadDecryptFailed) { try decrypt([0, 0, 0], result) }
        // The series goes on.
        #expect(try decrypt(ciphertext, result) == .plaintext([1, 2, 3]))
        #expect(throws: ReturnCode.operationActive) {
            try library.digestInit(session, mechanism: Mechanism(CKM_SHA256))
        }
        try library.cancelSession(session, flags: CKF_MESSAGE_DECRYPT)
        #expect(throws: ReturnCode.operationNotInitialized) { try decrypt(ciphertext, result) }
    }

    @Test func keysAndMechanismsAreChecked() throws {
        let idle = try library.makeKey(session, CKK_AES, [UInt8](repeating: 1, count: 16))
        let generic = try library.makeKey(session, CKK_GENERIC_SECRET, [1], .flag(CKA_ENCRYPT, true))
        for (mechanism, key, expected) in [
            (Mechanism(CKM_AES_CBC), key, ReturnCode.mechanismInvalid), (Self.gcm, 4711, .keyHandleInvalid),
            (Mechanism(CKM_AES_GCM, .unknown), key, .mechanismParameterInvalid),
            (Self.gcm, idle, .keyFunctionNotPermitted),
            (Self.gcm, generic, .keyTypeInconsistent),
        ] {
            #expect(throws: expected) { try library.messageEncryptInit(session, mechanism: mechanism, key: key) }
            #expect(throws: expected) { try library.messageDecryptInit(session, mechanism: mechanism, key: key) }
        }
        try library.login(session)
        let secret = try library.makeAESKey(session, .flag(CKA_PRIVATE, true))
        try library.messageEncryptInit(session, mechanism: Self.gcm, key: secret)
        try library.logout(session)
        #expect(throws: ReturnCode.userNotLoggedIn) { try encrypt([1]) }
        #expect(throws: ReturnCode.operationNotInitialized) { try encrypt([1]) }
    }
}
