import HostCrypto
import ISO7816
import Keys
import Testing

@testable import VirtualCard

@Suite("OpenPGP: PW1, PW3, resetting code")
struct OpenPGPPasswordTests {
    static let scripts = [
        Script(
            "VERIFY and its status", .openPGP34,
            [
                (Say.selectOpenPGP, "9000"), ("00200081", "63C3"), ("00200082", "63C3"), ("00200083", "63C3"),
                (Say.signaturePIN, "9000"), ("00200081", "9000"), ("00200082", "63C3"), (Say.wrongUserPIN, "6982"),
                ("00200081", "9000"), ("00200082", "63C2"), ("00CA00C400", "007F7F7F020003 9000"),
                (Say.userPIN, "9000"), ("00CA00C400", "007F7F7F030003 9000"), (Say.wrongUserPIN, "6982"),
                ("00200082", "63C2"),
            ]),
        Script(
            "VERIFY with P1 = FF", .openPGP34,
            [
                (Say.selectOpenPGP, "9000"), (Say.userPIN, "9000"), (Say.signaturePIN, "9000"), ("0020FF82", "9000"),
                ("00200082", "63C3"), ("00200081", "9000"), ("0020FF8201 00", "6700"), ("00200182", "6B00"),
                ("00200084", "6B00"),
            ]),
        Script(
            "CHANGE REFERENCE DATA", .openPGP34,
            [
                (Say.selectOpenPGP, "9000"), ("002400810C 393939393939 373737373737", "6982"), ("00200081", "63C2"),
                ("002400810B 313233343536 3737373737", "6A80"), ("00200081", "63C3"),
                ("002400820C 313233343536 373737373737", "6B00"), ("002401810C 313233343536 373737373737", "6B00"),
                ("002400810D 313233343536 37373737373737", "9000"), (Say.userPIN, "6982"),
                ("0020008207 37373737373737", "9000"),
                ("002400830F 3132333435363738 37373737373737", "6A80"),
                ("0024008310 3132333435363738 3737373737373737", "9000"), (Say.administratorPIN, "6982"),
                ("0020008308 3737373737373737", "9000"), ("0024008105 3737373737", "6982"),
            ]),
        Script(
            "RESET RETRY COUNTER by PW3", .openPGP34,
            [(Say.selectOpenPGP, "9000")]
                + [(command: String, answer: String)](repeating: (Say.wrongUserPIN, "6982"), count: 3)
                + [
                    (Say.userPIN, "6983"), ("002C028106 373737373737", "6982"), (Say.administratorPIN, "9000"),
                    ("002C028105 3737373737", "6A80"), ("002C028106 373737373737", "9000"), ("00200082", "63C3"),
                    ("0020008206 373737373737", "9000"), ("002C018106 373737373737", "6B00"),
                    ("002C028206 373737373737", "6B00"),
                ]),
        Script(
            "RESET RETRY COUNTER by the resetting code", .openPGP34,
            [
                (Say.selectOpenPGP, "9000"), ("002C00810E 3838383838383838 373737373737", "6983"),
                ("00DA00D308 3838383838383838", "6982"), (Say.administratorPIN, "9000"),
                ("00DA00D307 38383838383838", "6A80"), ("00DA00D308 3838383838383838", "9000"),
                ("00CA00C400", "007F7F7F030303 9000"), ("002C00810E 3939393939393939 373737373737", "6982"),
                ("00CA00C400", "007F7F7F030203 9000"), ("002C00810E 3838383838383838 373737373737", "9000"),
                ("0020008206 373737373737", "9000"), ("00CA00C400", "007F7F7F030303 9000"), ("00DA00D3", "9000"),
                ("00CA00C400", "007F7F7F030003 9000"), ("002C00810E 3838383838383838 373737373737", "6983"),
                ("00CA00D300", "6A88"),
            ]),
        Script(
            "an old card's passwords have 32 bytes at most", .openPGP20,
            [
                (Say.selectOpenPGP, "9000"), ("00CA00C400", "00202020030003 9000"),
                ("0024008127 313233343536" + String(repeating: "37", count: 33), "6A80"),
                ("0024008126 313233343536" + String(repeating: "37", count: 32), "9000"),
            ]),
    ]

    @Test(arguments: scripts)
    func dialogue(_ script: Script) throws { try script.play() }

    /// The KDF-DO with the hashes of the initial passwords (section 4.3.2).
    private static func derivation(salt: UInt8) throws -> (content: [UInt8], user: [UInt8], administrator: [UInt8]) {
        let salts = (0..<3).map { [UInt8](repeating: salt + $0, count: 8) }
        let user = try Digest.sha256.hash(salts[0] + Array("123456".utf8))
        let administrator = try Digest.sha256.hash(salts[2] + Array("12345678".utf8))
        let content: [UInt8] =
            [0x81, 0x01, 0x03, 0x82, 0x01, 0x08, 0x83, 0x04, 0x00, 0x00, 0x00, 0x0E]
            + [UInt8](tag: 0x84, salts[0]) + [UInt8](tag: 0x85, salts[1]) + [UInt8](tag: 0x86, salts[2])
            + [UInt8](tag: 0x87, user) + [UInt8](tag: 0x88, administrator)
        return (content, user, administrator)
    }

    @Test("The KDF-DO brings the passwords with it", arguments: [CardProfile.openPGP34, .yubiKey57Both])
    func derivedPasswords(_ profile: CardProfile) throws {
        let card = try VirtualCard.openPGP(profile)
        #expect(try card.getData(0xF9).data == [0x81, 0x01, 0x00])
        let (content, user, administrator) = try Self.derivation(salt: 0x30)
        #expect(try card.putData(0xF9, content) == .securityStatusNotSatisfied)
        try card.verify(.administrator)
        #expect(try card.putData(0xD3, Array("88888888".utf8)) == .success)
        #expect(try card.putData(0xF9, content) == .success)
        #expect(try card.getData(0xF9).data == content)
        #expect(try card.triesLeft() == [3, 0, 3])
        #expect(try card.send(0x20, 0, 0x83, Array("12345678".utf8), ne: 0).status == .securityStatusNotSatisfied)
        #expect(try card.send(0x20, 0, 0x83, administrator, ne: 0).status == .success)
        #expect(try card.send(0x20, 0, 0x82, user, ne: 0).status == .success)
        #expect(try card.putData(0xF9, [0x81, 0x01, 0x00]) == .success)
        try card.verify(.user, .signature, .administrator)
    }

    @Test func derivationsThatAreNone() throws {
        let card = try VirtualCard.openPGP()
        let (content, _, _) = try Self.derivation(salt: 0)
        try card.verify(.administrator)
        let cases: [[UInt8]] = [
            [], [0x81, 0x01, 0x01], [0x81, 0x01, 0x03], [0x81, 0x00], Array(content.dropLast()),
            Array(content.prefix(12)), content.map { $0 == 0x08 ? 0x09 : $0 }, [0x82, 0x01, 0x08],
        ]
        for content in cases { #expect(try card.putData(0xF9, content) == .incorrectData, "\(hexadecimal(content))") }
        try card.verify(.user)
    }
}
