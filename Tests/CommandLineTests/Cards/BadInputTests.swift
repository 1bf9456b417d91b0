import TestSupport
import Testing

/// What is wrong on the command line, on the card or in a file is one line of error and one of hint.
@Suite struct BadInputTests {
    private static let martlet = Result {
        try MartletCommand(SimulatedCard(keys: ["9a=rsa2048", "9c=x25519,nocert", "9e=ed25519"]))
    }

    @Test(
        arguments: [
            (["info", "9b"], 64, "The value '9b' is invalid for '<key>'", "see martlet info --help"),
            (["sign"], 64, "Missing expected argument '<key>'", "see martlet sign --help"),
            (["certificate", "request", "9a"], 64, "Missing expected argument '--subject <name>'", "--help"),
            (
                ["certificate", "request", "9a", "--subject", "X=1"], 64,
                "The value 'X=1' is invalid for '--subject <name>'", "see martlet certificate request --help"
            ),
            (
                ["certificate", "self-sign", "9a", "--subject", "J", "--days", "0"], 64, "--days is a number",
                "see martlet certificate self-sign --help"
            ),
            (["info", "82"], 1, "the card has neither key nor certificate 82", "martlet list"),
            (["export-ssh", "9d"], 1, "there is no key 9D on the card", "martlet list"),
            (["export-ssh", "9c"], 64, "OpenSSH has no keys of the kind of 9C (X25519)", "choose"),
            (["export-ssh", "sig"], 69, "no card with OpenPGP is in a reader", "martlet list"),
            (
                ["list", "--reader", "nothing"], 69, "there are no readers with 'nothing' in their names",
                "martlet doctor tells more; there are 'Yubico YubiKey OTP+FIDO+CCID 00 00'"
            ),
            (["info", "--reader", "nothing"], 69, "there are no readers with 'nothing'", "there are 'Yubico"),
            (["list", "--serial", "1"], 69, "none has the serial number 1", "the serial numbers here: "),
            (["info", "--serial", "1"], 69, "none has the serial number 1", "the serial numbers here: "),
            (["lst"], 64, "there is no command 'martlet lst'", "did you mean 'martlet list'?"),
            (["singn", "9a"], 64, "there is no command 'martlet singn'", "did you mean 'martlet sign'?"),
            (["cert"], 64, "there is no command 'martlet cert'", "did you mean 'martlet certificate'?"),
            (["help", "lst"], 64, "there is no command 'martlet lst'", "did you mean 'martlet list'?"),
            (["certificate", "exprt", "9a"], 64, "'martlet certificate exprt'", "'martlet certificate export'?"),
            (["pin", "help", "tires"], 64, "no command 'martlet pin tires'", "'martlet pin tries'?"),
            (["frobnicate"], 64, "there is no command 'martlet frobnicate'", "martlet --help lists the commands"),
            (["list", "--jsn"], 64, "Unknown option '--jsn'. Did you mean '--json'?", "see martlet list --help"),
            (["sign", "9a", "/dev/null", "--pin-fd", "77"], 64, "--pin-fd 77 is no file", "see martlet sign --help"),
            (["export-ssh", "--serial", "1"], 69, "no card that fits is in a reader", "martlet doctor"),
            (["certificate", "export", "9c"], 69, "the card has no certificate for 9C", "martlet list"),
            (["certificate", "export", "9a", "--output", "/nonexistent/a"], 69, "cannot write /nonexistent/a", "look"),
            (["certificate", "import", "9a", "/nonexistent"], 69, "cannot read /nonexistent: No such file", "look"),
            (["certificate", "import", "9a", "/dev/null"], 65, "/dev/null holds no certificate", "X.509"),
            (["certificate", "delete", "9c"], 69, "the card has no certificate for 9C", "martlet list"),
            (["sign", "9a", "/nonexistent"], 69, "cannot read /nonexistent: No such file", "look"),
            (["sign", "9a", "/dev/null", "--output", "/nonexistent/a"], 69, "cannot write /nonexistent/a", "look"),
            (["generate", "9d", "--algorithm", "p256", "--output", "/dev"], 69, "cannot write /dev: Is a", "look"),
            (["sign", "9a", "/dev/null"], 77, "no PIN was typed", "on the terminal"),
            (["sign", "9c", "/dev/null"], 64, "the key 9C (X25519) cannot sign", "martlet list"),
            (["sign", "9e", "/dev/null", "--hash", "sha256"], 64, "signs files without a hash function", "--hash"),
            (["sign", "9e", "/dev/zero"], 65, "/dev/zero is longer than", "no input"),
            (["decrypt", "9e", "/dev/null"], 64, "the key 9E (Ed25519) cannot decrypt", "martlet list"),
            (["decrypt", "9a", "/dev/null"], 65, "the ciphertext has 0 bytes, and the key 9A takes 256", "9A"),
            (["trace"], 64, "no program is named", "martlet trace --"),
            (["trace", "--", "/nonexistent"], 69, "/nonexistent cannot be started", "installed"),
            (["config", "--module", "/nonexistent"], 69, "there is no file /nonexistent", "existing module"),
            (["config", "nonsense"], 64, "The value 'nonsense' is invalid for '<topic>'", "see martlet config --help"),
        ] as [([String], Int32, String, String)])
    func errorAndHint(_ arguments: [String], _ code: Int32, _ error: String, _ hint: String) throws {
        let martlet = try Self.martlet.get()
        let answer = try martlet.run(arguments)
        #expect(answer.ending == .exited(code), "\(answer)")
        #expect(answer.output == [])
        let lines = answer.errorText.split(separator: "\n")
        try #require(lines.count == 2, "\(answer)")
        #expect(lines[0].hasPrefix("martlet: error: ") && lines[0].contains(error), "\(answer)")
        #expect(!answer.errorText.contains("\u{FFFD}"), "\(answer)")
        #expect(lines[1].hasPrefix("martlet: hint: ") && lines[1].contains(hint), "\(answer)")
    }

    @Test("Which application of a card is meant must be said where both fit")
    func ambiguous() throws {
        let world = try CardWorld(readers: [
            CardReader("First", card: SimulatedCard(keys: ["9a=p256"]).program()),
            CardReader("Second", card: SimulatedCard(keys: ["9a=p384"]).program()),
        ])
        let martlet = MartletCommand(world)
        let answer = try martlet.run("export-ssh", "9a")
        #expect(answer.ending == .exited(64))
        #expect(answer.errorText.hasPrefix("martlet: error: more than one card is in a reader\n"))
        #expect(
            try martlet.run("export-ssh", "9a", "--reader", "second").checked().text.hasPrefix("ecdsa-sha2-nistp384"))
    }
}
