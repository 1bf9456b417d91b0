import Testing

@testable import PCSC

@Suite("What a reader says of itself")
struct ReaderFeaturesTests {
    @Test(
        "The control code for the properties is found among the features",
        arguments: [
            ([0x12, 4, 0x42, 0x33, 0x00, 0x12], 0x4233_0012),
            ([0x06, 4, 0, 0, 0, 1, 0x12, 4, 0x42, 0x33, 0x00, 0x12, 0x13, 4, 0, 0, 0, 2], 0x4233_0012),
            ([0x06, 4, 0, 0, 0, 1], nil),
            ([], nil),
            ([0x12], nil),
            ([0x12, 4], nil),
            ([0x12, 4, 1, 2, 3], nil),
            ([0x12, 3, 1, 2, 3], nil),
            ([0x12, 0], nil),
            ([0x06, 0xFF, 0x12, 4, 0x42, 0x33, 0x00, 0x12], nil),
        ] as [([UInt8], UInt32?)])
    func propertiesCode(answer: [UInt8], code: UInt32?) {
        #expect(ReaderFeatures.code(of: .properties, in: answer) == code)
    }

    @Test(
        "The data size of the properties becomes the size of a whole command",
        arguments: [
            ([0x0A, 4, 0, 0, 0, 0], 261),
            ([0x0A, 4, 0xFF, 0, 0, 0], 261),
            ([0x0A, 4, 0x00, 0x01, 0, 0], 265),
            ([0x0A, 4, 0xFF, 0xFF, 0, 0], 65_544),
            ([0x0A, 4, 0x00, 0x00, 0x01, 0x00], 65_544),
            ([0x0A, 4, 0xFF, 0xFF, 0xFF, 0xFF], 65_544),
            ([0x01, 2, 0, 0, 0x0A, 4, 0xF6, 0x0B, 0, 0, 0x0B, 2, 0x50, 0x10], 3071),
            ([0x0B, 2, 0x50, 0x10], nil),
            ([], nil),
            ([0x0A], nil),
            ([0x0A, 4, 0, 0, 1], nil),
            ([0x0A, 2, 0, 1], nil),
            ([0x0A, 8, 0, 1, 0, 0], nil),
            ([0x0A, 8, 0, 1, 0, 0, 0, 0, 0, 0], nil),
            ([0x08, 200, 0x0A, 4, 0, 1, 0, 0], nil),
        ] as [([UInt8], Int?)])
    func maximumCommandSize(answer: [UInt8], size: Int?) {
        #expect(ReaderFeatures.maximumCommandSize(inProperties: answer) == size)
    }

    @Test("Malformed features and properties never trap")
    func hostileBytes() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let answer = (0..<Int.random(in: 0...24)).map { _ in [0x0A, 0x12, 4, 0, 255].randomElement() ?? 0 }
                .map { Bool.random() ? $0 : UInt8.random(in: 0...255, using: &generator) }
            let size = ReaderFeatures.maximumCommandSize(inProperties: answer)
            #expect(size.map { (261...65_544).contains($0) } ?? true, "\(answer)")
            _ = ReaderFeatures.code(of: .properties, in: answer)
        }
    }

    @Test(
        "The names of readers are split out of a multi-string",
        arguments: [
            ("A\0B b\0\0", ["A", "B b"]), ("A\0\0garbage\0", ["A"]), ("\0", []), ("", []),
            ("A", ["A"]), ("A\0B", ["A", "B"]), ("\0\0A\0", []),
        ])
    func multiString(text: String, names: [String]) {
        #expect(ReaderName.split(multiString: text.utf8).map(\.description) == names)
    }

    @Test(
        "Only an extended command gets room for a long answer",
        arguments: [
            ([0, 0xA4, 4, 0], false), ([0, 0xCB, 0x3F, 0xFF, 0], false), ([0, 0xA4, 4, 0, 1, 0xA0], false),
            ([0, 0xCB, 0x3F, 0xFF, 0, 0, 0], true), ([0, 0xCB, 0x3F, 0xFF, 0, 0, 1, 0x5C, 0, 0], true),
            ([], false), ([0], false),
        ] as [([UInt8], Bool)])
    func capacity(command: [UInt8], extended: Bool) {
        let capacity = AnswerCapacity.bytes(for: command.span.bytes)
        #expect(extended ? capacity == 65_538 : (258..<4096).contains(capacity))
    }
}
