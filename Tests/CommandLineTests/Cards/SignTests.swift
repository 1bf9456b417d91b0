import TestSupport
import Testing

/// `martlet sign` and `martlet decrypt`, judged by openssl.
@Suite struct SignTests {
    private static let message = Array("What is signed, and what is kept secret.".utf8)

    /// openssl's verdict on a signature that was written to a file.
    private func verifies(
        _ martlet: MartletCommand, _ key: String, _ signature: String, _ options: [String]
    ) throws -> Bool {
        let message = try martlet.world.home.write(Self.message, to: "message-\(key)")
        let publicKey = try martlet.publicKeyFile(key)
        let command =
            options.isEmpty
            ? ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", publicKey, "-sigfile", signature, "-in"]
            : ["openssl", "dgst"] + options + ["-verify", publicKey, "-signature", signature]
        return try martlet.world.run(command + [message]).succeeded
    }

    @Test(
        "Signatures of each kind of key",
        arguments: [
            ("yubikey57", "9a=rsa2048", [], ["-sha256"], 1), ("yubikey57", "9a=rsa3072", ["sha512"], ["-sha512"], 1),
            ("yubikey57", "9c=p256", [], ["-sha256"], 1), ("yubikey57", "9d=p384", [], ["-sha384"], 1),
            ("yubikey57", "9c=p384", ["sha256"], ["-sha256"], 1), ("yubikey57", "9c=p256", ["sha512"], ["-sha512"], 1),
            ("yubikey57", "9e=ed25519", [], [], 0), ("plain-piv", "9e=rsa2048", [], ["-sha256"], 0),
            ("openpgp34", "sig=rsa2048", [], ["-sha256"], 1), ("openpgp34", "aut=p256", [], ["-sha256"], 1),
            ("openpgp34", "sig=p521", [], ["-sha512"], 1), ("openpgp34", "aut=ed25519", [], [], 1),
        ] as [(String, String, [String], [String], Int)])
    func signatures(_ profile: String, _ key: String, _ hash: [String], _ options: [String], _ pins: Int) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: [key], arguments: ["--serial", "777"]))
        let name = String(key.prefix { $0 != "=" })
        let file = try martlet.world.home.write(Self.message, to: "message")
        let signature = martlet.world.home.file("signature")
        let typing = Array(repeating: (awaited: "PIN of", line: SimulatedCard.pin), count: pins)
        let answer = try martlet.run(
            ["sign", name, file, "--output", signature] + hash.flatMap { ["--hash", $0] }, typing: typing)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(!answer.errorText.contains(SimulatedCard.pin), "the PIN was echoed")
        #expect(try verifies(martlet, name, signature, options))
    }

    /// The module gives a card the same block: SignatureBlockTests of CryptokiTests.
    @Test("A P-521 key signs SHA-512 as it is, 64 bytes")
    func p521SignsTheHashAsItIs() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "openpgp34", keys: ["aut=p521"]))
        let file = try martlet.world.home.write(Self.message, to: "message")
        let hash = try martlet.world.run("openssl", "dgst", "-sha512", "-binary", file).checked().output
        let log = try martlet.world.apduLog {
            let signature = martlet.world.home.file("signature")
            let answer = try martlet.run(["sign", "aut", file, "--output", signature], pin: SimulatedCard.pin)
            #expect(answer.ending == .exited(0), "\(answer)")
        }
        // INTERNAL AUTHENTICATE.
        let command = try #require(log.first { $0.command.starts(with: [0x00, 0x88]) }, "\(log)").command
        // Behind the header a length of one byte or three.
        let sent = Array(command.dropFirst(4).drop { $0 == 0 }.prefix(65))
        #expect(sent == [64] + hash, "\(command)")
    }

    /// VERIFY with P1 = FF is the last that the card hears: another program that holds it powered finds nothing verified.
    @Test(
        "The login ends with the program",
        arguments: [("yubikey57", "9a", "> 0020FF80"), ("openpgp34", "aut", "> 0020FF82")])
    func logsOut(_ profile: String, _ key: String, _ command: String) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: ["\(key)=p256"]))
        let home = martlet.world.home
        let answer = try martlet.world.run(
            ["env", "MARTLET_TRACE=" + home.write("", to: "trace"), PackageRoot.program("martlet"), "sign", key]
                + [home.write(Self.message, to: "message"), "--output", home.file("signature")],
            typing: [("PIN of", SimulatedCard.pin)])
        #expect(answer.ending == .exited(0), "\(answer)")
        let sent = String(decoding: try home.read("trace"), as: UTF8.self).split(separator: "\n")
            .filter { $0.contains(": > ") }
        #expect(sent.last?.hasSuffix(command) == true, "\(sent.suffix(3))")
    }

    @Test("A wrong PIN costs the one try that it is told to cost, and what is blocked is not tried")
    func wrongPIN() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        for (left, said) in [
            (2, "the PIN is wrong: 2 tries are left"), (1, "the PIN is wrong: one try is left"),
            (0, "the PIN is blocked"),
        ] {
            let awaited = left == 0 ? "one try left" : "\(left + 1) tries left"
            let answer = try martlet.run(["sign", "9a", "/dev/null"], typing: [(awaited, "999999")])
            #expect(answer.ending == .exited(77), "\(answer)")
            #expect(answer.errorText.contains(said), "\(answer)")
            #expect(try martlet.pinTries() == left)
        }
        let blocked = try martlet.run("sign", "9a", "/dev/null")
        #expect(blocked.ending == .exited(77))
        #expect(
            blocked.errorText == "martlet: error: the PIN is blocked\nmartlet: hint: unblock it: martlet pin unblock\n")
    }

    @Test(
        "A PIN that the card would not take is not tried",
        arguments: ["", "12345", "123456789"])
    func unfitPIN(_ pin: String) throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let answer = try martlet.run(["sign", "9a", "/dev/null"], pin: pin)
        #expect(answer.ending == .exited(77), "\(answer)")
        #expect(try martlet.pinTries() == 3)
    }

    @Test("A person at a terminal is told to touch the key; a log gets no such line")
    func touch() throws {
        let martlet = MartletCommand(
            try CardWorld(card: SimulatedCard(keys: ["9e=p256,touch=always", "9a=p256"]).program(touch: 200)))
        let notice = "Touch your key now."
        let touched = try martlet.run(["sign", "9e", "/dev/null"], typing: [])
        #expect(touched.succeeded && touched.errorText.contains(notice), "\(touched)")
        #expect(try !martlet.run(["sign", "9a", "/dev/null"], pin: SimulatedCard.pin).errorText.contains(notice))
        let unattended = try martlet.run("sign", "9e", "/dev/null").checked()
        #expect(unattended.errorText == "")
    }

    @Test(
        "What openssl encrypted is decrypted",
        arguments: [
            ("yubikey57", "9d", "pkcs1", "sha256"), ("yubikey57", "9d", "oaep", "sha256"),
            ("yubikey57", "9d", "oaep", "sha384"), ("openpgp34", "dec", "pkcs1", "sha256"),
        ])
    func decryption(_ profile: String, _ key: String, _ padding: String, _ hash: String) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: ["\(key)=rsa2048"]))
        let ciphertext = martlet.world.home.file("secret.rsa"), plaintext = martlet.world.home.file("secret")
        let options = ["-pkeyopt", "rsa_padding_mode:\(padding)"]
        try martlet.world.run(
            ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", martlet.publicKeyFile(key), "-out", ciphertext]
                + options + (padding == "oaep" ? ["-pkeyopt", "rsa_oaep_md:\(hash)"] : []), input: Self.message
        ).checked()
        let answer = try martlet.run(
            ["decrypt", key, ciphertext, "--padding", padding, "--hash", hash, "--output", plaintext],
            pin: SimulatedCard.pin)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(try martlet.world.home.read("secret") == Self.message)
        #expect(try martlet.tool("stat", "--format", "%a", plaintext).text == "600\n")
    }

    @Test(
        "A ciphertext for another key, or with another padding, is refused",
        arguments: ["pkcs1", "oaep"])
    func wrongCiphertext(_ padding: String) throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9d=rsa2048"]))
        let ciphertext = try martlet.world.home.write([0] + [UInt8](repeating: 7, count: 255), to: "ciphertext")
        let answer = try martlet.run(["decrypt", "9d", ciphertext, "--padding", padding], pin: SimulatedCard.pin)
        #expect(answer.ending == .exited(65), "\(answer)")
        #expect(answer.errorText.contains("the ciphertext was not made for the key 9D"), "\(answer)")
        #expect(answer.output == [])
    }

    @Test("A card that takes the padding off itself knows no OAEP")
    func unsupportedPadding() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "openpgp34", keys: ["dec=rsa2048"]))
        let answer = try martlet.run("decrypt", "dec", "/dev/null", "--padding", "oaep")
        #expect(answer.ending == .exited(1), "\(answer)")
        #expect(answer.errorText.contains("knows no OAEP"), "\(answer)")
    }
}
