import ISO7816
import Testing

@testable import VirtualCard

@Suite("OpenPGP: selection, two applications, life cycle")
struct OpenPGPSelectionTests {
    static let scripts = [
        Script(
            "SELECT by a part of the name, by all of it", .openPGP34,
            [
                ("00CA004F00", "6D00"), (Say.selectOpenPGP, "9000"),
                ("00A4040010D276000124010304000F123456780000", "9000"),
                ("00CA004F00", "D276000124010304000F123456780000 9000"),
                ("00A4040006D27600012402", "6A82"), ("00A4040005A000000308", "6A82"),
            ]),
        Script(
            "an old card", .openPGP20,
            [
                (Say.selectOpenPGP, "9000"), ("00CA004F00", "D27600012401 0200 F517 12345678 0000 9000"),
                ("00CA5F5200", "00318473800180059000 9000"), ("00CA00F900", "6A88"), ("00CA00FA00", "6A88"),
                ("00CA00D600", "6A88"), ("00CA00DE00", "6A88"), ("00CA7F7400", "6A88"), ("00CA7F6600", "6A88"),
                ("00A500040660045C027F21", "6D00"), ("00CC7F2100", "6D00"), ("002241A403830102", "6D00"),
                ("0020FF82", "6B00"), ("00CA004F000000", "6700"),
                (Say.administratorPIN, "9000"), ("00DA00C106010800002000", "6A88"), ("00DA00D60100", "6A88"),
                ("00DA00D510" + String(repeating: "00", count: 16), "6A88"), ("00DA00F903810100", "6A88"),
                ("002A868001 00", "6B00"),
            ]),
        Script(
            "classes and unknown instructions", .openPGP34,
            [
                (Say.selectOpenPGP, "9000"), ("80CA004F00", "6E00"), ("0CCA004F00", "6882"), ("00CB004F00", "6D00"),
                ("00F1000000", "6D00"), ("00F2000003030303", "6D00"), ("00B0000000", "6D00"),
            ]),
        Script(
            "switching the application ends the other's PIN", .yubiKey57Both,
            [
                (Say.select, Say.selected), (Say.verify, "9000"), (Say.status, "9000"),
                (Say.selectOpenPGP, "9000"), (Say.userPIN, "9000"), ("00200082", "9000"), ("00200080", "6B00"),
                (Say.select, Say.selected), (Say.status, "63C3"), ("00200082", "6A88"),
                (Say.selectOpenPGP, "9000"), ("00200082", "63C3"),
                ("00A4040008A000000527471117", "5669727475616C..",), ("00200082", "6D00"),
            ]),
        Script(
            "a name that nobody has leaves OpenPGP selected and verified", .yubiKey57Both,
            [
                (Say.selectOpenPGP, "9000"), (Say.userPIN, "9000"), ("00A4040005A000000309", "6A82"),
                ("00200082", "9000"), (Say.selectOpenPGP, "9000"), ("00200082", "9000"),
            ]),
        Script(
            "a YubiKey's version and tries", .yubiKey57Both,
            [
                (Say.selectOpenPGP, "9000"), ("00F1000000", "0507019000"), ("00F2000003050607", "6982"),
                (Say.administratorPIN, "9000"), ("00F2000003050007", "6A80"), ("00F2000003050607", "9000"),
                ("00CA00C400", "017F7F7F050007 9000"), ("00CA00C500", "6B00"),
            ]),
        Script(
            "TERMINATE DF and ACTIVATE FILE after PW3", .openPGP34,
            [
                (Say.selectOpenPGP, "9000"), ("00E60000", "6982"), ("00440000", "9000"), (Say.administratorPIN, "9000"),
                ("00DA005B03414243", "9000"), ("00E60001", "6B00"), ("00E60000", "9000"), ("00CA004F00", "6285"),
                (Say.userPIN, "6285"), (Say.selectOpenPGP, "6285"), ("00440001", "6B00"), ("00440000", "9000"),
                (Say.selectOpenPGP, "9000"), ("00CA006500", "5B00 5F2D00 5F3500 9000"), ("00200083", "63C3"),
            ]),
        Script(
            "TERMINATE DF where both passwords are blocked", .openPGP34,
            [(Say.selectOpenPGP, "9000")]
                + [(command: String, answer: String)](repeating: (Say.wrongUserPIN, "6982"), count: 3)
                + [("00E60000", "6982"), (Say.userPIN, "6983"), ("00200082", "6983")]
                + [(command: String, answer: String)](repeating: (Say.wrongAdministratorPIN, "6982"), count: 3)
                + [("00200083", "6983"), ("00E60000", "9000"), ("00440000", "9000"), (Say.userPIN, "9000")]),
    ]

    @Test(arguments: scripts)
    func dialogue(_ script: Script) throws { try script.play() }

    @Test("PIV alone stays PIV alone", arguments: CardProfile.all.filter { !$0.hasOpenPGP })
    func noOpenPGP(_ profile: CardProfile) throws {
        let card = VirtualCard(state: CardState(profile: profile, serialNumber: 1))
        #expect(card.process([0x00, 0xA4, 0x04, 0x00, 0x06, 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01]) == [0x6A, 0x82])
    }

    /// What a YubiKey 5 NFC answered to GET DATA 6E: the test `test_tlv_yubi5` of the Rust crate openpgp-card
    /// (codeberg.org/openpgp-card/openpgp-card). Its serial number is 16019180; PW1 is kept as on newer ones.
    @Test func aYubiKeysApplicationRelatedData() throws {
        let zeros = { (count: Int) in String(repeating: "00", count: count) }
        let real =
            "6e8201374f10d27600012401030400061601918000005f520800730000e00590007f740381012073820110"
            + "c00a7d000bfe080000ff0000c106010800001100c206010800001100c306010800001100da06010800001100"
            + "c407" + "01" + "7f7f7f030003" + "c550" + zeros(80) + "c650" + zeros(80) + "cd10" + zeros(16)
            + "de0801000200030081027f660802020bfe02020bfed6020020d7020020d8020020d9020020"
        let card = VirtualCard(state: CardState(profile: .yubiKey57Both, serialNumber: 16_019_180))
        try card.selectOpenPGP()
        #expect(hexadecimal(try card.getData(0x6E).data) == real)
    }

    @Test func powerEndsEverything() throws {
        let card = try VirtualCard.openPGP()
        try card.verify(.user, .administrator)
        card.reset()
        try card.selectOpenPGP()
        #expect(card.process([0x00, 0x20, 0x00, 0x82]) == [0x63, 0xC3])
        #expect(card.process([0x00, 0x20, 0x00, 0x83]) == [0x63, 0xC3])
    }
}
