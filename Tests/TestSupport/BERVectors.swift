/// Data objects as the standards write them, for each reader of BER-TLV in this package: the module's and the simulated
/// card's. Neither of them made these bytes.
public enum BERVectors {
    /// Bytes that are data objects.
    public struct Vector: Sendable, CustomStringConvertible {
        /// Where the bytes stand.
        public let source: String
        /// In hexadecimal.
        public let bytes: String
        /// Each object's tag and value.
        public let objects: [(tag: UInt32, value: String)]
        /// Whether the length fields have the fewest bytes, so that a writer makes the same.
        public let isShortest: Bool

        /// The source.
        public var description: String { source }

        init(_ source: String, _ bytes: String, _ objects: [(UInt32, String)], isShortest: Bool = true) {
            self.source = source
            self.bytes = bytes
            self.objects = objects.map { (tag: $0, value: $1) }
            self.isShortest = isShortest
        }
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "00", count: count) }

    /// What is to be read.
    public static let readable = [
        Vector("X.690, 8.2.2: BOOLEAN TRUE", "0101FF", [(0x01, "FF")]),
        Vector("X.690, 8.6.4.2: BIT STRING", "0307040A3B5F291CD0", [(0x03, "040A3B5F291CD0")]),
        Vector("X.690, 8.8.2: NULL", "0500", [(0x05, "")]),
        Vector(
            "X.690, 8.9.3: SEQUENCE {\"Smith\", TRUE}", "300A1605536D6974680101FF",
            [(0x30, "1605536D6974680101FF")]),
        Vector("X.690, 8.9.3, its inside", "1605536D6974680101FF", [(0x16, "536D697468"), (0x01, "FF")]),
        Vector("X.690, 8.14.3: [APPLICATION 3] IMPLICIT", "43054A6F6E6573", [(0x43, "4A6F6E6573")]),
        Vector("X.690, 8.14.3: [2] EXPLICIT", "A20743054A6F6E6573", [(0xA2, "43054A6F6E6573")]),
        Vector("X.690, 8.14.3: [APPLICATION 7] IMPLICIT", "670743054A6F6E6573", [(0x67, "43054A6F6E6573")]),
        Vector("X.690, 8.1.3.5: length 201 in the long form", "0481C9" + zeros(201), [(0x04, zeros(201))]),
        Vector("ISO/IEC 7816-4, table 8: 127 in one byte", "537F" + zeros(127), [(0x53, zeros(127))]),
        Vector("ISO/IEC 7816-4, table 8: 128 in two", "538180" + zeros(128), [(0x53, zeros(128))]),
        Vector("ISO/IEC 7816-4, table 8: 255 in two", "5381FF" + zeros(255), [(0x53, zeros(255))]),
        Vector("ISO/IEC 7816-4, table 8: 256 in three", "53820100" + zeros(256), [(0x53, zeros(256))]),
        Vector("ISO/IEC 7816-4, table 8: 258 in three", "53820102" + zeros(258), [(0x53, zeros(258))]),
        Vector("ISO/IEC 7816-4, table 8: 65536 in four", "5383010000" + zeros(65_536), [(0x53, zeros(65_536))]),
        Vector("X.690, 8.1.3.5, note 2: more bytes than needed", "53820001AA", [(0x53, "AA")], isShortest: false),
        Vector(
            "X.690, 8.1.3.5, note 2: long form of 5", "53830000051122334455", [(0x53, "1122334455")], isShortest: false),
        Vector("ISO/IEC 7816-4, table 7: tags of two bytes", "5F2D02656E7F4900", [(0x5F2D, "656E"), (0x7F49, "")]),
        Vector("SP 800-73-5 part 1, table 3: tag of three bytes", "5FC10501AA", [(0x5FC105, "AA")]),
        Vector(
            "SP 800-73-5 part 2, 3.1.2: tag list of the discovery object", "5C017E", [(0x5C, "7E")]),
        Vector("no objects", "", []),
    ]

    /// What is no sequence of data objects, or of a form that cards do not use.
    public static let unreadable: [(source: String, bytes: String)] = [
        ("X.690, 8.6.4.2: BIT STRING of indefinite length", "2380030300 0A3B0305045F291CD00000"),
        ("X.690, 8.1.3.5 c: FF as first length byte", "04FF00"),
        ("ISO/IEC 7816-4, 5.2.2.2: a length of five bytes", "0485000000000100"),
        ("ISO/IEC 7816-4, 5.2.2.1: a tag of four bytes", "5FC1818001AA"),
        ("a tag alone", "53"), ("half a tag", "7F"), ("two thirds of a tag", "5FC1"), ("half a length", "5381"),
        ("a length that says more than there is", "5302AA"), ("255 where 2 are", "5381FFAAAA"),
        ("65535 where 1 is", "5382FFFFAA"), ("16777215 where none is", "5383FFFFFF"),
        ("an object, then half of one", "0500040201"),
    ]
}
