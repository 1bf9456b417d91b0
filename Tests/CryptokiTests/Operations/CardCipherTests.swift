import CPKCS11
import Cryptoki
import HostCrypto
import Testing
import Token

/// C_Encrypt and C_Decrypt with an AES key of the card.
@Suite struct CardCipherTests {
    private let token: StandInToken
    private let library: Library
    private let session: UInt
    private let key: UInt
    private let iv = [UInt8](1...16)

    init() throws {
        token = try StandInToken(hasSecretKey: true)
        library = Library(source: StandInReaders(["A": [token]]))
        session = try library.openReadWrite()
        #expect(try library.find(session, .number(CKA_CLASS, CKO_SECRET_KEY)).isEmpty)
        try library.login(session)
        key = try #require(try library.find(session, .number(CKA_CLASS, CKO_SECRET_KEY)).first)
    }

    private var cbc: Mechanism { Mechanism(CKM_AES_CBC, .bytes(iv)) }
    private var commands: Int { token.questions.count { $0 == "cipher" } }

    private func expected(_ message: [UInt8]) throws -> [UInt8] {
        try BlockCipher.aes128.encrypt(message, key: [UInt8](repeating: 7, count: 16), mode: .cbc(iv: iv))
    }

    @Test func itEncryptsAndDecrypts() throws {
        let message = [UInt8](0..<48)
        try library.encryptInit(session, mechanism: cbc, key: key)
        #expect(try library.encrypt(session, message, capacity: nil) == .length(48))
        #expect(try library.encrypt(session, message, capacity: 47) == .tooSmall(48))
        #expect(commands == 0)
        let ciphertext = try library.encrypt(session, message).content
        #expect(try ciphertext == expected(message))
        try library.decryptInit(session, mechanism: cbc, key: key)
        for part in [ciphertext.prefix(5), ciphertext.suffix(43)] {
            #expect(try library.decryptUpdate(session, Array(part)).content.isEmpty)
        }
        #expect(try library.decryptFinal(session, capacity: 100).content == message)
        #expect(commands == 2)
    }

    /// What is wrong is told before the card is asked.
    @Test func lengthsAreChecked() throws {
        for count in [15, 17, 16_400] {
            let data = [UInt8](repeating: 1, count: count)
            try library.encryptInit(session, mechanism: cbc, key: key)
            #expect(throws: ReturnCode.dataLengthRange) { try library.encrypt(session, data) }
            try library.decryptInit(session, mechanism: cbc, key: key)
            #expect(throws: ReturnCode.encryptedDataLengthRange) { try library.decrypt(session, data) }
        }
        try library.encryptInit(session, mechanism: cbc, key: key)
        #expect(try library.encrypt(session, []).content.isEmpty)
        #expect(commands == 0)
    }

    @Test(
        arguments: [
            (Mechanism(CKM_AES_CBC), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_CBC, .bytes([1])), .mechanismParameterInvalid),
            (Mechanism(CKM_AES_ECB), .mechanismInvalid), (Mechanism(CKM_AES_KEY_WRAP), .mechanismInvalid),
        ] as [(Mechanism, ReturnCode)])
    func onlyWhatTheCardDoesIsOffered(_ mechanism: Mechanism, _ expected: ReturnCode) {
        #expect(throws: expected) { try library.encryptInit(session, mechanism: mechanism, key: key) }
        #expect(throws: expected) { try library.decryptInit(session, mechanism: mechanism, key: key) }
    }

    /// It does not leave the card, and does nothing else.
    @Test func itStaysOnTheCard() throws {
        let wrapping = try library.makeAESKey(session)
        let wrap = Mechanism(CKM_AES_KEY_WRAP_KWP)
        #expect(throws: ReturnCode.keyUnextractable) {
            try library.wrapKey(session, mechanism: wrap, wrappingKey: wrapping, key: key, capacity: 100)
        }
        #expect(throws: ReturnCode.wrappingKeyTypeInconsistent) {
            try library.wrapKey(session, mechanism: wrap, wrappingKey: key, key: wrapping, capacity: 100)
        }
        try library.digestInit(session, mechanism: Mechanism(CKM_SHA256))
        #expect(throws: ReturnCode.keyIndigestible) { try library.digestKey(session, key: key) }
    }

    @Test func itsAttributes() throws {
        for (type, expected) in [
            (CKA_KEY_TYPE, CKK_AES.bytes), (CKA_TOKEN, [1]), (CKA_PRIVATE, [1]), (CKA_SENSITIVE, [1]),
            (CKA_EXTRACTABLE, [0]), (CKA_ENCRYPT, [1]), (CKA_DECRYPT, [1]), (CKA_WRAP, [0]), (CKA_COPYABLE, [0]),
            (CKA_NEVER_EXTRACTABLE, [0]), (CKA_LOCAL, [0]), (CKA_ALLOWED_MECHANISMS, CKM_AES_CBC.bytes),
            (CKA_CHECK_VALUE, nil), (CKA_VALUE_LEN, nil), (CKA_VALUE, nil),
        ] as [(AttributeType, [UInt8]?)] {
            #expect(try library.value(session, key, type) == expected, "\(type)")
        }
        guard case .sensitive? = try library.attributes(session, of: key, types: [CKA_VALUE]).first else {
            Issue.record("CKA_VALUE is not called sensitive")
            return
        }
        // The card may want a touch for each use of the key.
        #expect(commands == 0)
    }

    /// The operation does not outlive the login.
    @Test func aLogoutEndsIt() throws {
        try library.encryptInit(session, mechanism: cbc, key: key)
        try library.logout(session)
        #expect(throws: ReturnCode.userNotLoggedIn) { try library.encrypt(session, [UInt8](0..<16)) }
        #expect(commands == 0)
    }
}
