import TestSupport
import Testing

@testable import VirtualCard

/// The simulated card's own reader and writer against what the standards print.
@Suite struct BERTests {
    private static func octets(_ text: String) throws -> [UInt8] {
        try #require(bytes(hexadecimal: text.filter { $0 != " " }))
    }

    @Test("Reads what the standards write", arguments: BERVectors.readable)
    func reads(_ vector: BERVectors.Vector) throws {
        let found = try BER.objects(in: Self.octets(vector.bytes)[...])
        #expect(found.map(\.tag) == vector.objects.map(\.tag))
        #expect(found.map { hexadecimal($0.value).uppercased() } == vector.objects.map(\.value))
    }

    @Test("Writes what the standards write", arguments: BERVectors.readable.filter(\.isShortest))
    func writes(_ vector: BERVectors.Vector) throws {
        let written = try vector.objects.flatMap { BER.object($0.tag, try Self.octets($0.value)) }
        #expect(written == (try Self.octets(vector.bytes)))
    }

    @Test("Refuses what is none", arguments: BERVectors.unreadable)
    func refuses(_ source: String, _ text: String) throws {
        let bytes = try Self.octets(text)
        #expect(throws: BERError.self) { try BER.objects(in: bytes[...]) }
    }

    @Test("A command's length may have five bytes (ISO/IEC 7816-4, table 8)")
    func fiveBytes() throws {
        #expect(try BER.objects(in: Self.octets("538400000001AA")[...]).map { Array($0.value) } == [[0xAA]])
        #expect(throws: BERError.cutOff) { try BER.objects(in: Self.octets("5384FFFFFFFFAA")[...]) }
    }

    @Test(
        "Which thing is wrong",
        arguments: [
            ("00", BERError.invalidTag), ("0000", .invalidTag), ("5FC18100", .invalidTag), ("5380", .invalidLength),
            ("5385", .invalidLength), ("5381", .cutOff), ("53", .cutOff), ("5301", .cutOff),
        ])
    func errors(_ text: String, _ error: BERError) throws {
        let bytes = try Self.octets(text)
        #expect(throws: error) { try BER.objects(in: bytes[...]) }
    }
}
