import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing

/// Two operations of one session at once, and the dual functions that serve them.
@Suite struct DualFunctionTests {
    private let library: Library
    private let session: UInt
    private let key: UInt
    private static let ecb = Mechanism(CKM_AES_ECB)
    private static let hash = Mechanism(CKM_SHA256)
    private static let cmac = Mechanism(CKM_AES_CMAC)

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
        key = try library.makeAESKey(session)
    }

    private func begin(_ operation: UInt) throws {
        switch operation {
        case CKF_DIGEST: try library.digestInit(session, mechanism: Self.hash)
        case CKF_SIGN: try library.signInit(session, mechanism: Self.cmac, key: key)
        case CKF_VERIFY: try library.verifyInit(session, mechanism: Self.cmac, key: key)
        case CKF_ENCRYPT: try library.encryptInit(session, mechanism: Self.ecb, key: key)
        default: try library.decryptInit(session, mechanism: Self.ecb, key: key)
        }
    }

    /// Just the pairs that a dual function serves, in either order, and no third operation.
    @Test func pairsAreAllowed() throws {
        let all = [CKF_DIGEST, CKF_SIGN, CKF_VERIFY, CKF_ENCRYPT, CKF_DECRYPT]
        let pairs: [Set<UInt>] = [
            [CKF_DIGEST, CKF_ENCRYPT], [CKF_DECRYPT, CKF_DIGEST], [CKF_SIGN, CKF_ENCRYPT], [CKF_DECRYPT, CKF_VERIFY],
        ]
        for first in all {
            for second in all {
                try begin(first)
                let isPair = pairs.contains([first, second])
                #expect(code { try begin(second) } == (isPair ? nil : .operationActive))
                if isPair {
                    for third in all { #expect(throws: ReturnCode.operationActive) { try begin(third) } }
                }
                for operation in all { try library.cancelSession(session, flags: operation) }
            }
        }
    }

    /// C_GetOperationState tells an idle session from one whose state cannot be saved.
    @Test func noStateIsSaved() throws {
        #expect(throws: ReturnCode.operationNotInitialized) { try library.saveOperationState(session) }
        for operation in [CKF_DIGEST, CKF_SIGN, CKF_VERIFY, CKF_ENCRYPT, CKF_DECRYPT] {
            try begin(operation)
            #expect(throws: ReturnCode.stateUnsaveable) { try library.saveOperationState(session) }
            try library.cancelSession(session, flags: operation)
        }
        #expect(throws: ReturnCode.operationNotInitialized) { try library.saveOperationState(session) }
    }

    @Test func aPartGoesThroughBoth() throws {
        let message = [UInt8](0..<48), parts = [Array(message.prefix(20)), Array(message.dropFirst(20))]
        try begin(CKF_ENCRYPT)
        let ciphertext = try library.encrypt(session, message).content
        let digest = try Digest.sha256.hash(message)
        try begin(CKF_SIGN)
        let signature = try library.sign(session, data: message.span.bytes, capacity: 16).content

        try begin(CKF_DIGEST)
        try begin(CKF_ENCRYPT)
        #expect(try through(library.digestEncryptUpdate, parts) == ciphertext)
        #expect(try library.digestFinal(session, capacity: 32) == .bytes(digest))
        _ = try library.encryptFinal(session, capacity: 0)

        try begin(CKF_ENCRYPT)
        try begin(CKF_SIGN)
        #expect(try through(library.signEncryptUpdate, parts) == ciphertext)
        #expect(try library.signFinal(session, capacity: 16) == .bytes(signature))
        _ = try library.encryptFinal(session, capacity: 0)

        let encrypted = [Array(ciphertext.prefix(20)), Array(ciphertext.dropFirst(20))]
        try begin(CKF_DECRYPT)
        try begin(CKF_DIGEST)
        #expect(try through(library.decryptDigestUpdate, encrypted) == message)
        #expect(try library.digestFinal(session, capacity: 32) == .bytes(digest))
        _ = try library.decryptFinal(session, capacity: 0)

        try begin(CKF_DECRYPT)
        try begin(CKF_VERIFY)
        #expect(try through(library.decryptVerifyUpdate, encrypted) == message)
        try library.verifyFinal(session, signature: signature.span.bytes)
        _ = try library.decryptFinal(session, capacity: 0)
    }

    /// Puts parts through; a query and a short buffer before each feed neither operation.
    private func through(
        _ update: (UInt, RawSpan, Int?) throws(ReturnCode) -> Output, _ parts: [[UInt8]]
    ) throws -> [UInt8] {
        var output: [UInt8] = []
        for part in parts {
            guard case .length(let size) = try update(session, part.span.bytes, nil) else { return [] }
            #expect(try update(session, part.span.bytes, size - 1) == .tooSmall(size))
            output += try update(session, part.span.bytes, size).content
        }
        return output
    }

    @Test func bothMustBeActive() throws {
        let part: [UInt8] = [1]
        for (operation, update) in [
            (CKF_DIGEST, library.digestEncryptUpdate), (CKF_ENCRYPT, library.digestEncryptUpdate),
            (CKF_ENCRYPT, library.signEncryptUpdate), (CKF_DECRYPT, library.decryptDigestUpdate),
            (CKF_VERIFY, library.decryptVerifyUpdate),
        ] as [(UInt, (UInt, RawSpan, Int?) throws(ReturnCode) -> Output)] {
            try begin(operation)
            #expect(throws: ReturnCode.operationNotInitialized) { try update(session, part.span.bytes, 100) }
            // What was active still is.
            #expect(throws: ReturnCode.operationActive) { try begin(operation) }
            try library.cancelSession(session, flags: operation)
        }
        let flags = try library.tokenInfo(0).flags
        #expect(flags & CKF_DUAL_CRYPTO_OPERATIONS != 0)
    }
}
