import ISO7816
import TestSupport
import Testing

/// The module's reader and writer against what the standards print.
@Suite struct BERVectorTests {
    private static func text(_ bytes: some Collection<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    @Test("Reads the standards' examples of BER-TLV", arguments: BERVectors.readable)
    func reads(_ vector: BERVectors.Vector) throws {
        let found = try TLVReader(bytes(vector.bytes)).all()
        #expect(found.map(\.tag) == vector.objects.map(\.tag))
        #expect(found.map { Self.text($0.value) } == vector.objects.map(\.value))
    }

    @Test("Writes the standards' examples of BER-TLV", arguments: BERVectors.readable.filter(\.isShortest))
    func writes(_ vector: BERVectors.Vector) {
        #expect(vector.objects.flatMap { [UInt8](tag: $0.tag, bytes($0.value)) } == bytes(vector.bytes))
    }

    @Test("Refuses malformed BER-TLV", arguments: BERVectors.unreadable)
    func refuses(_ source: String, _ text: String) {
        #expect(throws: TLVError.self) { try TLVReader(bytes(text)).all() }
    }
}
