import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// C_Encrypt… and C_Decrypt… with AES keys in memory.
@Suite struct CipherTests {
    private let library: Library
    private let session: UInt
    private let key: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
        key = try library.makeAESKey(session)
    }

    private static let iv = [UInt8](0..<16)
    private static let gcm = Mechanism(CKM_AES_GCM, .gcm(GCMParameters(iv: iv, authenticating: [1, 2], tagBits: 96)))
    private static let counter = Mechanism(CKM_AES_CTR, .counter(CounterParameters(bits: 128, block: iv)))

    private static func ccm(_ count: Int) -> Mechanism {
        let parameters = CCMParameters(dataCount: count, nonce: Array(iv.prefix(11)), authenticating: [3], tagSize: 8)
        return Mechanism(CKM_AES_CCM, .ccm(parameters))
    }

    /// Mechanisms with the length of a message, and of its ciphertext.
    static let mechanisms: [(Mechanism, Int, Int)] = [
        (Mechanism(CKM_AES_ECB), 48, 48), (Mechanism(CKM_AES_CBC, .bytes(iv)), 48, 48),
        (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), 48, 64), (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), 47, 48),
        (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), 0, 16), (counter, 47, 47),
        (Mechanism(CKM_AES_OFB, .bytes(iv)), 47, 47),
        (Mechanism(CKM_AES_CFB8, .bytes(iv)), 47, 47), (Mechanism(CKM_AES_CFB128, .bytes(iv)), 47, 47),
        (gcm, 47, 59), (gcm, 0, 12), (ccm(47), 47, 55), (ccm(0), 0, 8), (Mechanism(CKM_AES_KEY_WRAP), 24, 32),
        (Mechanism(CKM_AES_KEY_WRAP, .bytes([UInt8](repeating: 9, count: 8))), 24, 32),
        (Mechanism(CKM_AES_KEY_WRAP_KWP), 47, 56), (Mechanism(CKM_AES_KEY_WRAP_PAD), 1, 16),
        (Mechanism(CKM_AES_KEY_WRAP_PKCS7), 47, 56), (Mechanism(CKM_AES_KEY_WRAP_PKCS7), 48, 64),
    ]

    /// What goes in comes out again, at once or in parts of any size; the parts give the same ciphertext.
    @Test(arguments: mechanisms)
    func roundTrips(_ mechanism: Mechanism, _ count: Int, _ size: Int) throws {
        let message = try Random.bytes(count)
        try library.encryptInit(session, mechanism: mechanism, key: key)
        let ciphertext = try library.encrypt(session, message).content
        #expect(ciphertext.count == size)
        try library.decryptInit(session, mechanism: mechanism, key: key)
        #expect(try library.decrypt(session, ciphertext) == .plaintext(message))
        for step in [1, 5, 16, 17, 33, 64] {
            #expect(try inParts(mechanism, message, step, isEncrypting: true) == ciphertext)
            #expect(try inParts(mechanism, ciphertext, step, isEncrypting: false) == message)
        }
    }

    private func inParts(
        _ mechanism: Mechanism, _ data: [UInt8], _ step: Int, isEncrypting: Bool
    ) throws -> [UInt8] {
        if isEncrypting {
            try library.encryptInit(session, mechanism: mechanism, key: key)
        } else {
            try library.decryptInit(session, mechanism: mechanism, key: key)
        }
        let update = isEncrypting ? library.encryptUpdate(_:_:capacity:) : library.decryptUpdate(_:_:capacity:)
        let finish = isEncrypting ? library.encryptFinal(_:capacity:) : library.decryptFinal(_:capacity:)
        var output: [UInt8] = []
        for start in stride(from: 0, to: data.count, by: step) {
            let part = Array(data[start..<min(start + step, data.count)])
            // A query tells the length that then comes, and changes nothing.
            guard case .length(let size) = try update(session, part, nil) else { return [] }
            if size > 0 { #expect(try update(session, part, size - 1) == .tooSmall(size)) }
            let bytes = try update(session, part, size).content
            #expect(bytes.count == size)
            output += bytes
        }
        guard case .length(let size) = try finish(session, nil) else { return [] }
        let last = try finish(session, size).content
        #expect(last.count <= size)
        #expect(throws: ReturnCode.operationNotInitialized) { try finish(session, 100) }
        return output + last
    }

    /// A query and a short buffer keep the operation, and say what is needed.
    @Test(arguments: mechanisms)
    func shortBuffersLearnTheLength(_ mechanism: Mechanism, _ count: Int, _ size: Int) throws {
        let message = [UInt8](repeating: 5, count: count)
        try library.encryptInit(session, mechanism: mechanism, key: key)
        #expect(try library.encrypt(session, message, capacity: nil) == .length(size))
        if size > 0 { #expect(try library.encrypt(session, message, capacity: size - 1) == .tooSmall(size)) }
        let ciphertext = try library.encrypt(session, message, capacity: size).content
        #expect(throws: ReturnCode.operationNotInitialized) { try library.encrypt(session, message) }
        try library.decryptInit(session, mechanism: mechanism, key: key)
        guard case .length(let most) = try library.decrypt(session, ciphertext, capacity: nil) else { return }
        #expect((count...size).contains(most))
        if count > 0 {
            guard case .tooSmall(let needed) = try library.decrypt(session, ciphertext, capacity: count - 1) else {
                Issue.record("too small a buffer was filled")
                return
            }
            #expect((count...size).contains(needed))
        }
        #expect(try library.decrypt(session, ciphertext, capacity: count) == .plaintext(message))
    }

    /// Data that the mechanism cannot take, with the codes for encryption and decryption; nil where it can.
    @Test(
        arguments: [
            (Mechanism(CKM_AES_ECB), 17, .dataLengthRange, .encryptedDataLengthRange),
            (Mechanism(CKM_AES_ECB), 0, nil, nil),
            (Mechanism(CKM_AES_CBC, .bytes(iv)), 15, .dataLengthRange, .encryptedDataLengthRange),
            (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), 15, nil, .encryptedDataLengthRange),
            (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), 0, nil, .encryptedDataLengthRange),
            (Mechanism(CKM_AES_CBC_PAD, .bytes(iv)), 32, nil, .encryptedDataInvalid),
            (gcm, 11, nil, .encryptedDataLengthRange), (gcm, 12, nil, .encryptedDataInvalid),
            (ccm(8), 7, .dataLengthRange, .encryptedDataLengthRange),
            (ccm(8), 16, .dataLengthRange, .encryptedDataInvalid),
            (Mechanism(CKM_AES_KEY_WRAP), 8, .dataLengthRange, .encryptedDataLengthRange),
            (Mechanism(CKM_AES_KEY_WRAP), 25, .dataLengthRange, .encryptedDataLengthRange),
            (Mechanism(CKM_AES_KEY_WRAP), 24, nil, .encryptedDataInvalid),
            (Mechanism(CKM_AES_KEY_WRAP_KWP), 0, .dataLengthRange, .encryptedDataLengthRange),
            (Mechanism(CKM_AES_KEY_WRAP_KWP), 16, nil, .encryptedDataInvalid),
            (Mechanism(CKM_AES_KEY_WRAP_PKCS7), 24, nil, .encryptedDataInvalid),
            // Two counters of two bits are left from 2 on, and with 121 bits more than there is data.
            (
                Mechanism(CKM_AES_CTR, .counter(CounterParameters(bits: 2, block: [UInt8](repeating: 2, count: 16)))),
                33,
                .dataLengthRange, .dataLengthRange
            ),
            (
                Mechanism(CKM_AES_CTR, .counter(CounterParameters(bits: 2, block: [UInt8](repeating: 2, count: 16)))),
                32,
                nil, nil
            ),
            (Mechanism(CKM_AES_CTR, .counter(CounterParameters(bits: 121, block: iv))), 4096, nil, nil),
            (
                Mechanism(
                    CKM_AES_CTR, .counter(CounterParameters(bits: 128, block: [UInt8](repeating: 255, count: 16)))),
                17, .dataLengthRange, .dataLengthRange
            ),
        ] as [(Mechanism, Int, ReturnCode?, ReturnCode?)])
    func lengthsAreChecked(
        _ mechanism: Mechanism, _ count: Int, _ encryption: ReturnCode?, _ decryption: ReturnCode?
    ) throws {
        let data = [UInt8](repeating: 0, count: count)
        for isInParts in [false, true] {
            try library.encryptInit(session, mechanism: mechanism, key: key)
            let found = code {
                guard isInParts else { return _ = try library.encrypt(session, data) }
                _ = try library.encryptUpdate(session, data)
                _ = try library.encryptFinal(session, capacity: 1 << 20)
            }
            #expect(found == encryption)
            #expect(throws: ReturnCode.operationNotInitialized) { try library.encrypt(session, data) }
            try library.decryptInit(session, mechanism: mechanism, key: key)
            let other = code {
                guard isInParts else { return _ = try library.decrypt(session, data) }
                _ = try library.decryptUpdate(session, data)
                _ = try library.decryptFinal(session, capacity: 1 << 20)
            }
            #expect(other == decryption)
        }
    }

    /// Mechanisms and parameters that are none.
    @Test(
        arguments: [
            (Mechanism(CKM_RSA_PKCS_PSS), .mechanismInvalid), (Mechanism(0x8000_0001), .mechanismInvalid),
            (Mechanism(CKM_AES_CMAC), .mechanismInvalid),
            (Mechanism(CKM_AES_ECB, .unknown), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_ECB, .bytes(iv)), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_CBC), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_CBC, .bytes(Array(iv.dropLast()))), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_CTR, .bytes(iv)), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_CTR, .counter(CounterParameters(bits: 0, block: iv))), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_CTR, .counter(CounterParameters(bits: 129, block: iv))), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_GCM), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_GCM, .gcm(GCMParameters(iv: []))), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_GCM, .gcm(GCMParameters(iv: iv, tagBits: 0))), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_GCM, .gcm(GCMParameters(iv: iv, tagBits: 100))), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_GCM, .gcm(GCMParameters(iv: iv, tagBits: .max))), .mechanismParameterInvalid),
            (
                Mechanism(CKM_AES_CCM, .ccm(CCMParameters(dataCount: 0, nonce: iv, tagSize: 8))),
                .mechanismParameterInvalid
            ),
            (
                Mechanism(CKM_AES_CCM, .ccm(CCMParameters(dataCount: .max, nonce: Array(iv.prefix(7)), tagSize: 8))),
                .mechanismParameterInvalid
            ),
            (
                Mechanism(CKM_AES_CCM, .ccm(CCMParameters(dataCount: 0, nonce: Array(iv.prefix(7)), tagSize: 5))),
                .mechanismParameterInvalid
            ),
            (Mechanism(CKM_AES_KEY_WRAP, .bytes([1])), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_KEY_WRAP_KWP, .bytes([UInt8](0..<8))), .mechanismParameterInvalid),
        ] as [(Mechanism, ReturnCode)])
    func parametersAreChecked(_ mechanism: Mechanism, _ expected: ReturnCode) throws {
        #expect(throws: expected) { try library.encryptInit(session, mechanism: mechanism, key: key) }
        #expect(throws: expected) { try library.decryptInit(session, mechanism: mechanism, key: key) }
        #expect(throws: ReturnCode.operationNotInitialized) { try library.encrypt(session, []) }
    }

    /// Keys that a cipher does not take.
    @Test func keysAreChecked() throws {
        let ecb = Mechanism(CKM_AES_ECB)
        let publicKey = try #require(try library.find(session, .number(CKA_CLASS, CKO_PUBLIC_KEY)).first)
        let certificate = try #require(try library.find(session, .number(CKA_CLASS, CKO_CERTIFICATE)).first)
        let generic = try library.makeKey(session, CKK_GENERIC_SECRET, [1, 2], .flag(CKA_ENCRYPT, true))
        let forbidden = try library.makeAESKey(session, .flag(CKA_COPYABLE, true))
        try library.setAttributes(session, of: forbidden, [.flag(CKA_ENCRYPT, false), .flag(CKA_DECRYPT, false)])
        let narrow = try library.makeAESKey(session, Attribute(CKA_ALLOWED_MECHANISMS, CKM_AES_CBC.bytes))
        let useless = try library.makeAESKey(session, Attribute(CKA_ALLOWED_MECHANISMS, []))
        for (key, expected) in [
            (4711, ReturnCode.keyHandleInvalid), (certificate, .keyHandleInvalid), (publicKey, .keyTypeInconsistent),
            (generic, .keyTypeInconsistent), (forbidden, .keyFunctionNotPermitted), (narrow, .mechanismInvalid),
            (useless, .mechanismInvalid),
        ] {
            #expect(throws: expected) { try library.encryptInit(session, mechanism: ecb, key: key) }
            #expect(throws: expected) { try library.decryptInit(session, mechanism: ecb, key: key) }
        }
        try library.encryptInit(session, mechanism: Mechanism(CKM_AES_CBC, .bytes(Self.iv)), key: narrow)
    }

    @Test func aChangedMessageIsNotDecrypted() throws {
        try library.encryptInit(session, mechanism: Self.gcm, key: key)
        let ciphertext = try library.encrypt(session, [UInt8](repeating: 1, count: 40)).content
        for position in [0, 39, 40, 51] {
            var changed = ciphertext
            changed[position] ^= 1
            try library.decryptInit(session, mechanism: Self.gcm, key: key)
            // Nothing comes out before the tag was looked at.
            #expect(try library.decryptUpdate(session, changed) == .bytes([]))
            #expect(throws: ReturnCode.encryptedDataInvalid) { try library.decryptFinal(session, capacity: 100) }
        }
    }

    /// Data that cannot be encrypted have no length of a ciphertext, however much room there is for one.
    @Test(
        arguments: [
            (Mechanism(CKM_AES_KEY_WRAP), 7), (Mechanism(CKM_AES_KEY_WRAP), 0), (Mechanism(CKM_AES_KEY_WRAP_KWP), 0),
            (Mechanism(CKM_AES_CCM, .ccm(CCMParameters(dataCount: 5, nonce: [UInt8](0..<12), tagSize: 16))), 6),
            (Mechanism(CKM_AES_CBC, .bytes(iv)), 15), (Mechanism(CKM_AES_ECB), 17),
        ] as [(Mechanism, Int)])
    func whatCannotBeEncryptedHasNoLength(_ mechanism: Mechanism, _ count: Int) throws {
        for capacity in [nil, 0, 1000] {
            try library.encryptInit(session, mechanism: mechanism, key: key)
            let data = [UInt8](repeating: 1, count: count)
            #expect(throws: ReturnCode.dataLengthRange) { try library.encrypt(session, data, capacity: capacity) }
        }
    }

    /// An operation in parts and one at once exclude each other, and an operation ends with the login that its key needed.
    @Test func operationsKeepToTheirRules() throws {
        try library.encryptInit(session, mechanism: Mechanism(CKM_AES_ECB), key: key)
        _ = try library.encryptUpdate(session, [1])
        #expect(throws: ReturnCode.operationActive) { try library.encrypt(session, []) }
        try library.login(session)
        let secret = try library.makeAESKey(session, .flag(CKA_PRIVATE, true))
        try library.encryptInit(session, mechanism: Mechanism(CKM_AES_ECB), key: secret)
        try library.logout(session)
        #expect(throws: ReturnCode.userNotLoggedIn) { try library.encryptUpdate(session, [1]) }
        try library.encryptInit(session, mechanism: Mechanism(CKM_AES_ECB), key: key)
        try library.destroy(session, object: key)
        // The operation has the key; the object is gone.
        #expect(try library.encrypt(session, Self.iv).content.count == 16)
        #expect(throws: ReturnCode.keyHandleInvalid) {
            try library.encryptInit(session, mechanism: Mechanism(CKM_AES_ECB), key: key)
        }
    }
}

extension UInt {
    var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}
