import Foundation
import TestSupport
import Testing

/// What the card or a file does not allow is one line of error and one of hint, and leaves the card as it was: its state
/// file is compared, with tries aside that a person spent.
@Suite struct UnchangedTests {
    typealias Typing = [(awaited: String, line: String)]

    /// A command, what is typed, and what comes of it.
    struct Case: Sendable {
        let arguments: [String]
        var typing: Typing = []
        let code: Int32
        let error: String
        let hint: String

        init(_ arguments: [String], typing: Typing = [], _ code: Int32, _ error: String, _ hint: String) {
            (self.arguments, self.typing, self.code, self.error, self.hint) = (arguments, typing, code, error, hint)
        }
    }

    private static let managementKey: Typing = [("Management key of", SimulatedCard.managementKey)]
    private static let wrongKey: Typing = [("Management key of", String(repeating: "0F", count: 24))]
    private static let adminPIN: Typing = [("Admin PIN of", "12345678")]
    private static let wrongPIN: Typing = [("PIN of", "999999")]
    private static let newPIN: Typing = [("New PIN:", "135790"), ("New PIN again:", "135790")]
    private static let wrong = (key: "the management key is wrong", pin: "the PIN is wrong", hint: "a new card has")
    private static let pivKeys = ["9a=p256", "9d=rsa2048"]

    static let cards: [(name: String, card: SimulatedCard, cases: [Case])] = [
        (
            "a wrong PIN", SimulatedCard(keys: pivKeys),
            [
                Case(["sign", "9a", "message"], typing: wrongPIN, 77, wrong.pin, "after the last try"),
                Case(["decrypt", "9d", "block"], typing: wrongPIN, 77, wrong.pin, "after the last try"),
                Case(["sign", "9a", "message"], typing: wrongPIN, 77, "the PIN is blocked", "martlet pin unblock"),
                // Nobody is asked for a PIN that is blocked.
                Case(["sign", "9a", "message"], 77, "the PIN is blocked", "martlet pin unblock"),
                Case(["decrypt", "9d", "block"], 77, "the PIN is blocked", "martlet pin unblock"),
                Case(["certificate", "request", "9a", "--subject", "J"], 77, "the PIN is blocked", "pin unblock"),
                Case(["certificate", "self-sign", "9a", "--subject", "J"], 77, "the PIN is blocked", "pin unblock"),
                Case(["pin", "change"], 77, "the PIN is blocked", "martlet pin unblock"),
                Case(
                    ["pin", "unblock"], typing: [("PUK of", "00000000")] + newPIN, 77, "the PUK is wrong: 2 tries",
                    "after the last try"),
            ]
        ),
        (
            "a wrong management key", SimulatedCard(keys: pivKeys),
            [
                Case(["generate", "9c", "--algorithm", "p256"], typing: wrongKey, 77, wrong.key, wrong.hint),
                Case(["generate", "82", "--algorithm", "p256"], typing: wrongKey, 77, wrong.key, wrong.hint),
                Case(["import", "9c", "p256.pem"], typing: wrongKey, 77, wrong.key, wrong.hint),
                Case(["move", "9a", "82"], typing: wrongKey, 77, wrong.key, wrong.hint),
                Case(
                    ["delete", "9a"], typing: [("Type its name", "9a")] + wrongKey, 77, wrong.key, wrong.hint),
                Case(["certificate", "delete", "9a"], typing: wrongKey, 77, wrong.key, wrong.hint),
                Case(
                    ["management-key"],
                    typing: wrongKey + [
                        ("New management key:", SimulatedCard.managementKey),
                        ("New management key again:", SimulatedCard.managementKey),
                    ], 77, wrong.key, wrong.hint),
            ]
        ),
        (
            "what the card does not take", SimulatedCard(keys: pivKeys),
            [
                Case(
                    ["generate", "9c", "--algorithm", "p521"], 64, "the card has no p521 keys as 9C", "choose one of"),
                Case(["import", "9c", "p521.pem"], 64, "the card has no p521 keys as 9C", "choose one of"),
                Case(
                    ["import", "9c", "exponent.pem"], typing: managementKey, 65, "the card refused the data",
                    "look at what was given"),
                Case(["certificate", "import", "9a", "other.crt"], 65, "for another key", "name the key"),
                Case(["certificate", "import", "9c", "other.crt"], 65, "the card tells of no key 9C", "--force"),
                Case(["move", "9a", "9d"], 64, "there is a key 9D already", "empty place"),
                Case(["import", "9a", "p256.pem"], 64, "there is a key 9A already", "--replace"),
            ]
        ),
        (
            "malformed files", SimulatedCard(keys: pivKeys),
            [
                Case(["import", "9c", "broken.pem"], 65, "holds no PKCS#8 private key", "openssl pkcs8"),
                Case(["import", "9c", "broken.der"], 65, "holds no PKCS#8 private key", "openssl pkcs8"),
                Case(["import", "9c", "other.crt"], 65, "holds no PKCS#8 private key", "openssl pkcs8"),
                Case(["certificate", "import", "9a", "broken.pem"], 65, "holds no certificate", "PEM or DER"),
                Case(["certificate", "import", "9a", "broken.der"], 65, "holds no certificate", "PEM or DER"),
                Case(["decrypt", "9d", "message"], 65, "the ciphertext has 7 bytes", "encrypt with"),
            ]
        ),
        (
            "keys that are too large", SimulatedCard(profile: "yubikey4-like", keys: ["9a=p256"]),
            [
                Case(
                    ["generate", "9a", "--algorithm", "rsa4096", "--replace"], 64, "no rsa4096 keys", "choose one of"),
                Case(["import", "9a", "rsa3072.pem", "--replace"], 64, "no rsa3072 keys as 9A", "choose one of"),
            ]
        ),
        (
            "an OpenPGP card", SimulatedCard(profile: "openpgp34", keys: ["sig=p256", "dec=rsa2048"]),
            [
                Case(["sign", "sig", "message"], typing: wrongPIN, 77, "the PIN is wrong: 2", "after the last try"),
                Case(
                    ["generate", "aut", "--algorithm", "p256"], typing: [("Admin PIN of", "99999999")], 77,
                    "the admin PIN is wrong: 2 tries are left", "after the last try"),
                Case(["import", "aut", "broken.pem"], 65, "holds no PKCS#8 private key", "openssl pkcs8"),
                Case(["import", "dec", "ed25519.pem", "--replace"], 64, "no ed25519 keys as DEC", "choose one of"),
                Case(["certificate", "import", "sig", "other.crt"], 65, "for another key", "name the key"),
                Case(
                    ["move", "sig", "aut"], typing: adminPIN, 1, "the card or the key cannot do this", "martlet list"),
                Case(
                    ["delete", "sig"], typing: [("Type its name", "sig")] + adminPIN, 1, "lets nobody", "another key"),
                Case(["attest", "sig", "--replace"], 1, "cannot do this", "martlet list"),
            ]
        ),
    ]

    @Test(arguments: cards.indices) func theCardStaysAsItWas(_ index: Int) throws {
        let (_, card, cases) = Self.cards[index]
        let martlet = try MartletCommand(card)
        try Self.writeFiles(martlet)
        for refused in cases { try Self.check(refused, martlet) }
    }

    @Test("A card whose memory is full") func full() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: Self.pivKeys))
        try Self.writeFiles(martlet)
        // The card's file cannot be written, which it calls a failure of its memory.
        let home = martlet.world.home.path
        try martlet.tool("mount", "--bind", home, home)
        try martlet.tool("mount", "-o", "remount,ro,bind", home)
        for arguments in [
            ["generate", "9c", "--algorithm", "p256"], ["import", "9c", "p256.pem"], ["certificate", "delete", "9a"],
        ] {
            try Self.check(
                Case(
                    arguments, typing: Self.managementKey, 1, "the card's memory is full", "delete what is not needed"),
                martlet)
        }
    }

    private static func check(_ refused: Case, _ martlet: MartletCommand) throws {
        let before = try state(martlet)
        let answer = try martlet.run(refused.arguments, typing: refused.typing)
        #expect(answer.ending == .exited(refused.code), "\(answer)")
        let lines = answer.errorText.split(whereSeparator: \.isNewline)
        let errors = lines.filter { $0.contains("martlet: error: ") },
            hints = lines.filter { $0.contains("martlet: hint: ") }
        #expect(errors.count == 1 && errors.first?.contains(refused.error) == true, "\(answer)")
        #expect(hints.count == 1 && hints.first?.contains(refused.hint) == true, "\(answer)")
        #expect(try state(martlet) == before, "\(refused.arguments)")
    }

    /// The card's state, without the numbers of tries that are left.
    private static func state(_ martlet: MartletCommand) throws -> String {
        let text = String(decoding: try martlet.world.home.read("apdu0.log.state"), as: UTF8.self)
        return text.replacing(/"triesLeft" ?: ?\d+/, with: "")
    }

    /// Keys and certificates that do not fit, and files that are none.
    private static func writeFiles(_ martlet: MartletCommand) throws {
        let home = martlet.world.home
        func make(_ name: String, _ arguments: String...) throws {
            try martlet.world.run(["openssl", "genpkey", "-out", home.file(name), "-algorithm"] + arguments).checked()
        }
        try make("p256.pem", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        try make("p521.pem", "EC", "-pkeyopt", "ec_paramgen_curve:P-521")
        try make("ed25519.pem", "ED25519")
        try make("rsa3072.pem", "RSA", "-pkeyopt", "rsa_keygen_bits:3072")
        try make("exponent.pem", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_pubexp:3")
        try martlet.tool(
            "openssl", "req", "-x509", "-new", "-key", home.file("p256.pem"), "-subj", "/CN=Other", "-out",
            home.file("other.crt"))
        let key = String(decoding: try home.read("p256.pem"), as: UTF8.self)
        try home.write(
            key.replacing("-----END PRIVATE KEY-----", with: "M\n-----END PRIVATE KEY-----"), to: "broken.pem")
        try home.write([0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x00] as [UInt8], to: "broken.der")
        try home.write("message", to: "message")
        try home.write([UInt8](repeating: 1, count: 256), to: "block")
    }
}
