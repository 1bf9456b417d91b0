import Testing

@testable import VirtualCard

@Suite("Selection, classes, framing")
struct SelectionTests {
    static let scripts = [
        Script(
            "SELECT by a part of the name, by all of it, again",
            [
                (Say.select, Say.selected),
                ("00A404000BA000000308000010000100", Say.selected),
                ("00A4040009A0000003080000100000", Say.selected),
            ]),
        Script(
            "nothing is selected after power on",
            [
                ("00CB3FFF035C017E", "6D00"), ("00FD000000", "6D00"), (Say.select, Say.selected),
                ("00FD000000", "0507019000"),
            ]),
        Script(
            "a name that nobody has leaves PIV selected and verified",
            [
                (Say.select, Say.selected), (Say.verify, "9000"), ("00A4040006D27600012401", "6A82"),
                (Say.status, "9000"),
                ("00A4040004A0000003", "6A82"), (Say.status, "9000"),
            ]),
        Script(
            "selecting PIV again keeps its status, another application ends it",
            [
                (Say.select, Say.selected), (Say.verify, "9000"), (Say.select, Say.selected),
                (Say.status, "9000"),
                (
                    "00A4040008A000000527471117",
                    "5669727475616C206D6772202D2046572076657273696F6E20352E372E319000"
                ),
                (Say.status, "6D00"), (Say.select, Say.selected), (Say.status, "63C3"),
            ]),
        Script(
            "classes",
            [
                (Say.select, Say.selected), ("8020008000", "6E00"), ("0C20008000", "6882"),
                ("0420008000", "6882"),
                ("FF20008000", "6E00"),
            ]),
        Script(
            "bytes that are no command",
            [
                ("", "6700"), ("00", "6700"), ("0020", "6700"), ("00200080083132", "6700"),
                ("0020008000000000", "6700"),
            ]),
        Script(
            "unknown instructions",
            [(Say.select, Say.selected), ("00010000", "6D00"), ("00B0000000", "6D00")]),
        Script(
            "SELECT with other parameters",
            [("00A4000005A000000308", "6A86"), ("00A4040C05A000000308", "6A86")]),
        Script(
            "Le shorter than the answer: the rest waits",
            [
                (Say.select + "05", "61114F0600610E"), ("00C0000004", "001000 01 610A"),
                (
                    "00C0000000",
                    "0079074F05A0000003089000"
                ), ("00C0000000", "6A80"),
            ]),
        Script(
            "another command drops what waits",
            [
                (Say.select + "05", "61114F0600610E"), ("00FD000000", "0507019000"), ("00C0000000", "6A80"),
            ]),
        Script(
            "extended length",
            [
                ("00A4040000 0005 A000000308 0000", Say.selected), ("00FD0000000000", "0507019000"),
            ]),
        Script(
            "no extended length", .yubiKeyShort,
            [
                ("00A4040000 0005 A000000308 0000", "6700"), (Say.select, Say.selected),
                ("00FD0000000000", "6700"),
            ]),
        Script(
            "a chain",
            [
                (Say.select, Say.selected), ("1020008004 31323334", "9000"),
                ("0020008004 3536FFFF", "9000"),
                (Say.status, "9000"),
            ]),
        Script(
            "a chain that another command breaks",
            [
                (Say.select, Say.selected), ("1020008004 31323334", "9000"), ("00FD000000", "0507019000"),
                ("0020008004 3536FFFF", "6A80"), (Say.status, "63C3"),
            ]),
        Script(
            "T=0: answers to commands with data are fetched, wrong lengths corrected", .plain,
            [
                (Say.select, "6155"), ("00C0000055", "61534F06000010000100.."), (Say.select, "6155"),
                ("00C0000000", "6C55"),
                ("00C0000010", "61534F0600001000010079074F05A0006145"),
                ("00CB3FFF035C017E", "6114"),
                ("00C0000014", "7E124F0BA0000003080000100001005F2F0240009000"),
                ("00CB3FFF055C035FC107", "6A82"),
            ]),
        Script(
            "a plain card has nothing of Yubico's", .plain,
            [
                (Say.select, "6155"), ("00FD000000", "6D00"), ("00F8000000", "6D00"),
                ("00F7009A00", "6D00"),
                ("00FB000000", "6D00"), ("00F99A0000", "6D00"), ("00F6FF9A", "6D00"),
            ]),
        Script(
            "firmware 4.3.5", .yubiKey4,
            [
                (Say.select, Say.selected), ("00FD000000", "0403059000"), ("00F8000000", "6D00"),
                ("00F7009A00", "6D00"),
                ("00F6FF9A", "6D00"), ("00F99A0000", "6A80"),
            ]),
        Script(
            "firmware 5.7",
            [
                (Say.select, Say.selected), ("00F8000000", "123456789000"), ("00F7009A00", "6A88"),
                ("00F7008000", "0101FF 050101 06020303 9000"),
                ("00F7008100", "0101FF 050101 06020303 9000"),
                ("00F7009B00", "01010A 02020001 050101 9000"),
            ]),
    ]

    /// A YubiKey's management application, as Yubico's SDK manual has it ("Get device information"): a byte of length, and
    /// elements of a byte of tag and a byte of length.
    static let management = [
        Script(
            "the management application tells of the device, a page at a time", .yubiKey57Both,
            [
                ("001D000000", "6D00"), (Say.select, Say.selected), ("001D000000", "6D00"),
                ("00A4040008A000000527471117", "5669727475616C.."),
                (
                    "001D000000",
                    """
                    32 01020018 020412345678 03020018 040101 0503050701 06020000 07010F 080100 0A0100
                    14020000 15020000 160100 18020000 9000
                    """
                ),
                ("001D010000", "6A86"), ("001C000000", "6D00"), (Say.select, Say.selected), ("001D000000", "6D00"),
            ]),
        Script(
            "of a FIPS key with PIN complexity", .yubiKey57Complex,
            [
                ("00A4040008A000000527471117", "5669727475616C.."),
                (
                    "001D000000",
                    """
                    32 01020018 020412345678 03020018 040181 0503050704 06020000 07010F 080100 0A0100
                    14020006 15020000 160101 18020000 9000
                    """
                ),
            ]),
        Script(
            "of firmware 5.2, which has less to tell", .yubiKey52,
            [
                ("00A4040008A000000527471117", "5669727475616C.."),
                (
                    "001D000000",
                    "23 01020010 020412345678 03020010 040101 0503050207 06020000 07010F 080100 0A0100 9000"
                ),
            ]),
        Script(
            "of a YubiKey 4, whose capabilities are one byte", .yubiKey435,
            [
                ("00A4040008A000000527471117", "5669727475616C.."),
                ("001D000000", "11 010118 020412345678 0503040305 0A0100 9000"),
            ]),
        Script(
            "a NEO tells nothing", .yubiKeyNEO,
            [("00A4040008A000000527471117", "5669727475616C.."), ("001D000000", "6D00")]),
    ]

    @Test(arguments: scripts + management)
    func dialogue(_ script: Script) throws { try script.play() }

    @Test func powerEndsEverything() throws {
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1))
        try card.selectPIV()
        try card.verifyPIN()
        card.reset()
        #expect(card.process([0x00, 0x20, 0x00, 0x80]) == [0x6D, 0x00])
        try card.selectPIV()
        #expect(card.process([0x00, 0x20, 0x00, 0x80]) == [0x63, 0xC3])
    }

    @Test(arguments: CardProfile.all.filter(\.hasPIV))
    func chainsAreBounded(_ profile: CardProfile) throws {
        let card = VirtualCard(state: CardState(profile: profile, serialNumber: 1))
        try card.selectPIV()
        let part: [UInt8] = [0x10, 0x87, 0x07, 0x9A, 0xFF] + [UInt8](repeating: 0x7C, count: 255)
        let answers = (0..<100).map { _ in card.process(part) }
        #expect(answers.contains([0x67, 0x00]))
    }

    @Test(arguments: CardProfile.all)
    func answerToResetIsWellFormed(_ profile: CardProfile) {
        // ISO/IEC 7816-3, section 8.2.5: TCK makes the exclusive or of all bytes but TS zero; T=0 alone has no TCK.
        let atr = profile.answerToReset
        #expect((2...33).contains(atr.count))
        if !profile.isT0 { #expect(atr.dropFirst().reduce(0, ^) == 0) }
    }
}
