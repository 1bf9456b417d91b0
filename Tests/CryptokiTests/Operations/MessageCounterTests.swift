import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// Vectors that count (CKG_GENERATE_COUNTER): under one key none comes twice.
@Suite struct MessageCounterTests {
    private static let value = [UInt8](repeating: 0xC5, count: 16)

    private func counter(_ library: Library, _ session: UInt, _ value: [UInt8]) throws -> [UInt8] {
        let key = try library.makeKey(session, CKK_AES, value, .flag(CKA_ENCRYPT, true))
        try library.messageEncryptInit(session, mechanism: Mechanism(CKM_AES_GCM), key: key)
        defer { try? library.messageEncryptFinal(session) }
        let parameters = MessageParameters(
            iv: [UInt8](repeating: 0, count: 12), fixedBits: 32, generator: CKG_GENERATE_COUNTER)
        let plaintext: [UInt8] = [1]
        return try library.encryptMessage(
            session, parameters, authenticating: [], plaintext: plaintext.span.bytes, capacity: 10
        ).1?.iv ?? []
    }

    /// Two objects with one value are one key.
    @Test func objectsWithOneValueCountTogether() throws {
        let library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        let session = try library.openReadWrite()
        let vectors = try (0..<4).map { _ in try counter(library, session, Self.value) }
        #expect(Set(vectors).count == 4)
        let first = try counter(library, session, [UInt8](repeating: 1, count: 16))
        #expect(first.suffix(8) == [0, 0, 0, 0, 0, 0, 0, 0])
    }

    /// The process goes on counting after C_Finalize and C_Initialize.
    @Test func countersOutliveTheLibrary() throws {
        let counters = MessageCounters()
        let vectors = try (0..<3).map { _ in
            let library = Library(source: StandInReaders(["A": [try StandInToken()]]), messageCounters: counters)
            defer { library.shutDown() }
            return try counter(library, library.openReadWrite(), Self.value)
        }
        #expect(vectors.map { $0[11] } == [0, 1, 2])
    }

    /// Where others may count under the same keys, as parent and child of a fork do, a counter begins somewhere.
    @Test func aChildBeginsAtRandom() throws {
        let vectors = try (0..<3).map { _ in
            let counters = MessageCounters(beginsAtRandom: true)
            let library = Library(source: StandInReaders(["A": [try StandInToken()]]), messageCounters: counters)
            let session = try library.openReadWrite()
            let (one, two) = (try counter(library, session, Self.value), try counter(library, session, Self.value))
            #expect(one != two)
            return one
        }
        #expect(Set(vectors).count == 3)
    }
}
