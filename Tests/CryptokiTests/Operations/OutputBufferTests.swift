import CPKCS11
import HostCrypto
import Platform
import Testing

@testable import Cryptoki

/// Results that stand in the caller's buffer at once, without an array in between: the same bytes, and nothing beside them.
@Suite struct OutputBufferTests {
    private let library: Library
    private let handle: UInt
    private let key: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        handle = try library.openReadWrite()
        key = try library.makeAESKey(handle)
    }

    private static let iv = [UInt8](0..<16)

    static let streams: [Mechanism] = [
        Mechanism(CKM_AES_ECB), Mechanism(CKM_AES_CBC, .bytes(iv)),
        Mechanism(CKM_AES_CTR, .counter(CounterParameters(bits: 128, block: iv))), Mechanism(CKM_AES_OFB, .bytes(iv)),
        Mechanism(CKM_AES_CFB8, .bytes(iv)), Mechanism(CKM_AES_CFB128, .bytes(iv)),
    ]

    /// What a step writes into a buffer of a length, which has room for more behind it.
    private func written(
        _ data: [UInt8], capacity: Int, _ step: (Session, RawSpan, OutputBuffer?) throws -> Output
    ) throws -> [UInt8]? {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity + 32)
        defer { memory.deallocate() }
        memory.initialize(repeating: 0xEE)
        let session = try library.session(handle), start = try #require(memory.baseAddress)
        let buffer = OutputBuffer(start, count: capacity, apartFrom: data.span.bytes)
        guard case .written(let count) = try step(session, data.span.bytes, buffer) else { return nil }
        #expect(memory[count...].allSatisfy { $0 == 0xEE })
        return Array(memory[..<count])
    }

    @Test(arguments: streams) func partsAreWrittenInPlace(_ mechanism: Mechanism) throws {
        let message = try Random.bytes(160)
        try library.encryptInit(handle, mechanism: mechanism, key: key)
        let whole = try library.encrypt(handle, message).content
        for size in [1, 5, 16, 33, 160] {
            var (out, back) = ([UInt8](), [UInt8]())
            let parts = stride(from: 0, to: message.count, by: size).map { Array(message[$0..<min($0 + size, 160)]) }
            try library.encryptInit(handle, mechanism: mechanism, key: key)
            for part in parts {
                out += try #require(
                    try written(part, capacity: 64 + size) {
                        try $0.encryptUpdate(part: $1, capacity: 64 + size, into: $2)
                    })
            }
            _ = try library.encryptFinal(handle, capacity: 0)
            #expect(out == whole)
            try library.decryptInit(handle, mechanism: mechanism, key: key)
            for part in stride(from: 0, to: 160, by: size).map({ Array(whole[$0..<min($0 + size, 160)]) }) {
                back += try #require(
                    try written(part, capacity: 64 + size) {
                        try $0.decryptUpdate(part: $1, capacity: 64 + size, into: $2)
                    })
            }
            _ = try library.decryptFinal(handle, capacity: 0)
            #expect(back == message)
        }
    }

    @Test(arguments: streams) func aMessageIsWrittenInPlace(_ mechanism: Mechanism) throws {
        let message = try Random.bytes(160)
        try library.encryptInit(handle, mechanism: mechanism, key: key)
        let whole = try library.encrypt(handle, message).content
        try library.encryptInit(handle, mechanism: mechanism, key: key)
        #expect(
            try written(message, capacity: 160) { try $0.encrypt(data: $1, capacity: 160, into: $2) } == whole)
        try library.decryptInit(handle, mechanism: mechanism, key: key)
        #expect(
            try written(whole, capacity: 200) { try $0.decrypt(ciphertext: $1, capacity: 200, into: $2) } == message)
    }

    /// A buffer that is too small learns its length, and nothing is written.
    @Test func aShortBufferIsLeftAlone() throws {
        try library.encryptInit(handle, mechanism: Mechanism(CKM_AES_ECB), key: key)
        let data = [UInt8](repeating: 1, count: 32)
        #expect(try written(data, capacity: 31) { try $0.encryptUpdate(part: $1, capacity: 31, into: $2) } == nil)
        #expect(try library.encryptUpdate(handle, data, capacity: 31) == .tooSmall(32))
        #expect(try written(data, capacity: 32) { try $0.encryptUpdate(part: $1, capacity: 32, into: $2) }?.count == 32)
    }

    /// Data that lie in the buffer, in part or whole, are not written over before they are read.
    @Test(arguments: [(0, false), (1, false), (15, false), (16, true), (-15, false), (-16, true)])
    func dataInTheBufferAreNotWrittenOver(_ distance: Int, _ isApart: Bool) throws {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64)
        defer { memory.deallocate() }
        let start = try #require(memory.baseAddress) + 24
        let data = RawSpan(_unsafeStart: start + distance, byteCount: 16)
        #expect((OutputBuffer(start, count: 16, apartFrom: data) != nil) == isApart)
    }
}
