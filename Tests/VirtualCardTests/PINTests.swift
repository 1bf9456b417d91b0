import Testing

@testable import VirtualCard

@Suite("PIN, PUK and their counters")
struct PINTests {
    static let scripts = [
        Script(
            "status, wrong, right",
            [
                (Say.select, Say.selected), (Say.status, "63C3"), (Say.verifyWrong, "63C2"),
                (Say.status, "63C2"),
                (Say.verify, "9000"), (Say.status, "9000"), (Say.verifyWrong, "63C2"), (Say.status, "63C2"),
                (Say.verify, "9000"), ("0020FF80", "9000"), (Say.status, "63C3"),
            ]),
        Script(
            "blocked, and unblocked by the PUK",
            [
                (Say.select, Say.selected), (Say.verifyWrong, "63C2"), (Say.verifyWrong, "63C1"),
                (Say.verifyWrong, "63C0"), (Say.verify, "6983"), (Say.status, "6983"),
                ("002C008010 3939393939393939 363534333231FFFF", "63C2"),
                ("002C008010 3132333435363738 363534333231FFFF", "9000"), (Say.status, "63C3"),
                (Say.verify, "63C2"),
                ("0020008008363534333231FFFF", "9000"),
            ]),
        Script(
            "lengths and references",
            [
                (Say.select, Say.selected), ("0020008006313233343536", "6A80"),
                ("00200080093132333435363738FF", "6A80"),
                ("0020008108313233343536FFFF", "6A88"), ("00200000", "6A88"), ("00200096", "6A88"),
                ("0020018008313233343536FFFF", "6A86"), ("0020FF8008313233343536FFFF", "6A80"),
                (Say.status, "63C3"),
                ("0024008008313233343536FFFF", "6A80"),
                ("0024009910313233343536FFFF363534333231FFFF", "6A88"),
            ]),
        Script(
            "a new PIN too short: Yubico's status, after the old one was compared",
            [
                (Say.select, Say.selected), ("0024008010 313233343536FFFF 3132333435FFFFFF", "6985"),
                ("0024008010 393939393939FFFF 3132333435FFFFFF", "63C2"),
                ("0024008010 313233343536FFFF FFFFFFFFFFFFFFFF", "6985"),
                ("0024008010 313233343536FFFF 313233FF343536FF", "6985"), (Say.verify, "9000"),
            ]),
        Script(
            "CHANGE REFERENCE DATA for PIN and PUK",
            [
                (Say.select, Say.selected), ("0024008010 313233343536FFFF 363534333231FFFF", "9000"),
                (Say.status, "9000"), ("0020008008363534333231FFFF", "9000"),
                ("0024008110 3132333435363738 3837363534333231", "9000"),
                ("0024008110 3132333435363738 3837363534333231", "63C2"),
                ("00F7008100", "0101FF 050100 06020302 9000"),
                ("00F7008000", "0101FF 050100 06020303 9000"),
            ]),
        Script(
            "tries need the management key and the PIN",
            [
                (Say.select, Say.selected), (Say.verify, "9000"), ("00FA0505", "6982"),
                ("00FA0005", "6A86"),
            ]),
        Script(
            "RESET needs both blocked",
            [
                (Say.select, Say.selected), ("00FB0000", "6985"), (Say.verifyWrong, "63C2"),
                (Say.verifyWrong, "63C1"),
                (Say.verifyWrong, "63C0"), ("00FB0000", "6985"),
                ("002C008010 3939393939393939 363534333231FFFF", "63C2"),
                ("002C008010 3939393939393939 363534333231FFFF", "63C1"),
                ("002C008010 3939393939393939 363534333231FFFF", "63C0"),
                ("002C008010 3132333435363738 363534333231FFFF", "6983"), ("00FB0000", "9000"),
                (Say.verify, "9000"),
            ]),
        Script(
            "a PIN that is not digits costs no try on a plain card", .plain,
            [
                (Say.select, "6155"), ("0020008008414243444546FFFF", "6A80"),
                ("00200080083132333435FFFFFF", "6A80"),
                (Say.status, "63C3"), (Say.verifyWrong, "63C2"), ("00200000", "6A88"),
            ]),
        Script(
            "the global PIN", .plainGlobal,
            [
                (Say.select, "6155"), ("00CB3FFF035C017E", "6114"),
                ("00C0000014", "7E124F0BA0000003080000100001005F2F0260209000"), ("00200000", "63C3"),
                ("0020000008363534333231FFFF", "9000"), ("00200000", "9000"), (Say.status, "63C3"),
            ]),
    ]

    @Test(arguments: scripts)
    func dialogue(_ script: Script) throws { try script.play() }

    @Test func aTryIsPutAwayBeforeTheAnswer() throws {
        var saved: [Int] = []
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1)) {
            saved.append($0.applicationPIN.triesLeft)
        }
        try card.selectPIV()
        try card.verifyPIN()
        #expect(saved == [2, 3])
    }

    @Test func aCardThatCannotSaveComparesNothing() throws {
        struct Full: Error {}
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1)) { _ in
            throw Full()
        }
        try card.selectPIV()
        #expect(
            card.process([0x00, 0x20, 0x00, 0x80, 0x08] + ReferenceData.padded("123456")) == [0x65, 0x81])
        #expect(card.process([0x00, 0x20, 0x00, 0x80]) == [0x63, 0xC3])
    }

    @Test func triesCanBeSet() throws {
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1))
        try card.selectPIV()
        try card.authenticateAdministrator()
        #expect(try card.send(0xFA, 5, 20).status == .securityStatusNotSatisfied)
        try card.verifyPIN()
        #expect(try card.send(0xFA, 5, 20).status == .success)
        #expect(card.process([0x00, 0x20, 0x00, 0x80]) == [0x63, 0xC5])
        #expect(try card.send(0xF7, 0, 0x81).data.suffix(2) == [20, 20])
    }
}
