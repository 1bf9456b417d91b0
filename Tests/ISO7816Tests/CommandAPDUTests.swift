import ISO7816
import Testing

@Suite struct CommandAPDUTests {
    /// ISO/IEC 7816-3, section 12.1.3: the cases 1 to 4, short (S) and extended (E).
    @Test(arguments: [
        ("1", "00A40400", 0, 0, false), ("2S", "00C0000010", 0, 16, false), ("2S, all", "00C0000000", 0, 256, false),
        ("3S", "0020008002AABB", 2, 0, false), ("4S", "0087079A02AABB00", 2, 256, false),
        ("2E", "00CB3FFF000100", 0, 256, true), ("2E, all", "00CB3FFF000000", 0, 65_536, true),
        ("3E", "0087079A000003AABBCC", 3, 0, true), ("4E", "0087079A000003AABBCC0000", 3, 65_536, true),
    ])
    func parsesAndEncodes(_ name: String, _ text: String, _ nc: Int, _ ne: Int, _ isExtended: Bool) throws {
        let command = try #require(CommandAPDU(parsing: bytes(text)))
        #expect(command.data.count == nc)
        #expect(command.ne == ne)
        #expect(command.isExtended == isExtended)
        #expect(hex(command.encoded) == text)
    }

    @Test(arguments: [
        "", "00", "00A404", "00A4040002AA", "00A4040002AABBCCDD", "00A40400000002AA", "00A40400000002AABBCC",
        "00A404000000", "00A404000000000000",
    ])
    func refusesWrongLengths(_ text: String) {
        #expect(CommandAPDU(parsing: bytes(text)) == nil)
    }

    @Test(arguments: [
        // ISO/IEC 7816-3 ATRs as real cards send them: YubiKey 5, YubiKey NEO, YubiKey 4, OpenPGP card 3.4, none.
        ("3BFD1300008131FE158073C021C057597562694B657940", true, true),
        ("3BFC1300008131FE15597562696B65794E454F7233E1", false, false),
        ("3BF81300008131FE15597562696B657934D4", false, false),
        ("3BDA18FF81B1FE751F030031F573C001600090001C", true, false), ("", false, false), ("3B", false, false),
        ("3BFF", false, false), ("3B8F", false, false),
    ])
    func readsHistoricalBytes(_ atr: String, _ extended: Bool, _ isYubiKey5: Bool) {
        let historical = HistoricalBytes(answerToReset: bytes(atr))
        #expect(historical.supportsExtendedLength == extended)
        #expect(historical.contains("YubiKey") == isYubiKey5)
    }
}
