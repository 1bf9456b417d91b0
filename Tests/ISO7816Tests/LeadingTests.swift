import ISO7816
import Testing

/// The data object that an answer begins with, whatever follows it, and whatever its length field says.
@Suite struct LeadingTests {
    @Test(
        arguments: [
            ("FA03C10101", 0xFA, "C10101"), ("FA05C10101", 0xFA, "C10101"), ("FA02C10101", 0xFA, "C101"),
            ("FA8101AA", 0xFA, "AA"), ("FA820003AA", 0xFA, "AA"), ("FA00", 0xFA, ""), ("FA7F", 0xFA, ""),
            ("FA83FFFFFFAABB", 0xFA, "AABB"), ("7F2102AABBCC", 0x7F21, "AABB"),
        ] as [(String, UInt32, String)])
    func reads(_ text: String, _ tag: UInt32, _ value: String) {
        #expect(TLVReader(bytes(text)).leading(tag).map { Array($0) } == bytes(value))
    }

    @Test(
        arguments: [
            ("", 0xFA), ("FA", 0xFA), ("C10101", 0xFA), ("FA82", 0xFA), ("FA8200", 0xFA), ("FA80AA0000", 0xFA),
            ("FA85", 0xFA),
        ] as [(String, UInt32)])
    func findsNone(_ text: String, _ tag: UInt32) {
        #expect(TLVReader(bytes(text)).leading(tag) == nil)
    }
}
