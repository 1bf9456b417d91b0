import ISO7816
import Testing

@Suite struct TLVTests {
    @Test(arguments: [
        ("5A00", [UInt32(0x5A)], [0]), ("5C035FC1057E00", [0x5C, 0x7E], [3, 0]), ("7F4982000101", [0x7F49], [1]),
        ("5FC1058101AA", [0x5FC105], [1]), ("538300000101", [0x53], [1]), ("", [], []),
    ])
    func reads(_ text: String, _ tags: [UInt32], _ lengths: [Int]) throws {
        let objects = try TLVReader(bytes(text)).all()
        #expect(objects.map(\.tag) == tags)
        #expect(objects.map(\.value.count) == lengths)
    }

    @Test(arguments: [
        ("5F", TLVError.truncated), ("5A", .truncated), ("5A02AA", .truncated), ("5A81", .truncated),
        ("5A8200", .truncated), ("5A83FFFFFF", .truncated), ("5A80AA0000", .unsupported),
        ("5A8400000001AA", .unsupported),
        ("5FFFFFFF0100", .unsupported), ("5AFF", .unsupported),
    ])
    func refuses(_ text: String, _ expected: TLVError) {
        #expect(throws: expected) { try TLVReader(bytes(text)).all() }
    }

    @Test(arguments: [0, 1, 127, 128, 255, 256, 65_535, 65_536])
    func roundTrips(_ length: Int) throws {
        for tag in [0x53, 0x7F49, 0x5FC105] as [UInt32] {
            let value = [UInt8](repeating: 7, count: length)
            let object = try #require(try TLVReader([UInt8](tag: tag, value)).all().first)
            #expect(object.tag == tag)
            #expect(Array(object.value) == value)
        }
    }

    @Test func firstPassesOverOthersAndStopsAtRubbish() {
        let reader = TLVReader(bytes("5A0101 53021122 530133 5AFF"))
        #expect(reader.first(0x53).map { Array($0.value) } == [0x11, 0x22])
        #expect(reader.first(0x99) == nil)
    }
}
