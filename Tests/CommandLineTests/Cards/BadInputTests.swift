import TestSupport
import Testing

/// What is wrong on the command line, on the card or in a file is one line of error and one of hint.
@Suite struct BadInputTests {
    private static let martlet = Result {
        try MartletCommand(SimulatedCard(keys: ["9a=rsa2048", "9c=x25519,nocert", "9e=ed25519"]))
    }

    /// A command line, its exit code, and what its error and its hint say.
    private static let cases: [([String], Int32, String, String)] = [
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
        (["singn", "9a"], 64, "there is no command 'martlet singn'", "did you mean 'martlet sign 9a'?"),
        (["cert"], 64, "there is no command 'martlet cert'", "did you mean 'martlet certificate'?"),
        (["help", "lst"], 64, "there is no command 'martlet lst'", "did you mean 'martlet list'?"),
        (["certificate", "exprt", "9a"], 64, "'martlet certificate exprt'", "'martlet certificate export 9a'?"),
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
    ]

    @Test("One line of error and one of hint, where no terminal is", arguments: cases)
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

    @Test(
        "The same at a terminal, where nothing else is shown, and nothing is asked",
        arguments: cases.filter { $0.1 != 77 })
    func terminal(_ arguments: [String], _ code: Int32, _ error: String, _ hint: String) throws {
        let martlet = try Self.martlet.get()
        let answer = try martlet.run(arguments, typing: [])
        #expect(answer.ending == .exited(code) && answer.output == [], "\(answer)")
        // What waited is taken away again: a line that begins anew.
        let shown = answer.errorText.split(whereSeparator: \.isNewline).map { line in
            line.split(separator: "\u{1B}[K").last.map(String.init) ?? ""
        }
        try #require(shown.count == 2, "\(answer)")
        #expect(shown[0].hasPrefix("martlet: error: ") && shown[0].contains(error), "\(answer)")
        #expect(shown[1].hasPrefix("martlet: hint: ") && shown[1].contains(hint), "\(answer)")
        guard let line = Self.pasted(shown[1]) else { return }
        let pasted = try martlet.world.run(
            // What is signed would come from the keyboard.
            [
                "bash", "-c",
                "PATH=\(PackageRoot.products):$PATH; \(line)\(line.contains(" sign 9a") ? " /dev/null" : "")",
            ],
            typing: line.contains(" sign 9") ? [("PIN of", SimulatedCard.pin)] : [])
        // The doctor finds something where there is something.
        #expect(pasted.ending == .exited(0) || line == "martlet doctor", "\(line): \(pasted)")
        #expect(!pasted.errorText.contains("martlet: error: "), "\(line): \(pasted)")
    }

    /// The command in a hint, up to the word that is none of its own; nil where there is none, or where words in capital letters
    /// stand for something.
    private static func pasted(_ hint: String) -> String? {
        if let quoted = hint.firstMatch(of: /'(martlet [^']*)'\?/) { return String(quoted.1) }
        guard let start = hint.range(of: "martlet ", range: hint.index(after: hint.startIndex)..<hint.endIndex),
            !hint.contains(/[A-Z]{4}/)
        else { return nil }
        let words = hint[start.upperBound...].split(separator: " ").prefix {
            ["list", "doctor", "info", "certificate", "sign", "request", "self-sign", "config", "--help"].contains($0)
        }
        return (["martlet"] + words).joined(separator: " ")
    }

    @Test("At a prompt: nothing typed, a word that is no key, a PIN of the wrong length; no try is spent")
    func prompts() throws {
        let martlet = try Self.martlet.get()
        for (arguments, typing, error) in [
            (["sign", "9a", "/dev/null"], [("PIN of", "")], "nothing was typed as the PIN"),
            (["sign", "9a", "/dev/null"], [("PIN of", "12345")], "the PIN is too short or too long; no try was spent"),
            (["sign", "9a", "/dev/null"], [("PIN of", "123456789")], "the PIN is too short or too long"),
            (
                ["pin", "change"], [("PIN of", SimulatedCard.pin), ("New PIN:", "")], "nothing was typed as the new PIN"
            ),
            (
                ["pin", "change"],
                [("PIN of", SimulatedCard.pin), ("New PIN:", "135790"), ("New PIN again:", "135791")],
                "the two are not the same; nothing was changed"
            ),
            (
                ["pin", "change"], [("PIN of", SimulatedCard.pin), ("New PIN:", "1"), ("New PIN again:", "1")],
                "too short or too long; no try was spent"
            ),
            (["pin", "unblock"], [("PUK of", "")], "nothing was typed as the PUK"),
            (["generate", "82", "--algorithm", "p256"], [("Management key of", "xyz")], "that is no management key"),
            (["delete", "9e"], [("Type its name", "")], "nothing was changed"),
        ] as [([String], [(String, String)], String)] {
            let answer = try martlet.run(arguments, typing: typing.map { (awaited: $0.0, line: $0.1) })
            #expect(answer.ending == .exited(77) || answer.ending == .exited(65), "\(arguments): \(answer)")
            #expect(answer.output == [], "\(arguments): \(answer)")
            let lines = answer.errorText.split(whereSeparator: \.isNewline).filter { $0.contains("martlet: ") }
            #expect(lines.count == 2 && lines.first?.contains(error) == true, "\(arguments): \(answer)")
            #expect(lines.last?.contains("martlet: hint: ") == true, "\(arguments): \(answer)")
        }
        #expect(try martlet.pinTries() == 3)
        #expect(try martlet.run("pin", "tries").checked().text.contains("PUK: 3 of 3"))
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
