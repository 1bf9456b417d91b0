import TestSupport
import Testing

/// PINs, PUKs and management keys that a script gives: never on the command line, never in the environment.
@Suite struct SecretSourceTests {
    private static let pin = SimulatedCard.pin

    /// Runs it without a terminal, in a shell that has `$martlet`.
    private func shell(
        _ martlet: MartletCommand, _ line: String, environment: [String: String] = [:], input: String = ""
    ) throws -> ToolResult {
        let script = "martlet=$0; " + line
        return try martlet.world.run(
            ["setsid", "--wait", "bash", "-c", script, PackageRoot.program("martlet")], environment: environment,
            input: Array(input.utf8))
    }

    @Test("--pin-fd: a line for each question, in their order; a new one is read once")
    func descriptor() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        for (line, input, code, expected) in [
            ("$martlet sign 9a /dev/null --pin-fd 3 --output signed 3< <(echo 123456)", "", 0, ""),
            ("$martlet sign 9a /dev/null --pin-fd 0 --output other", "123456\n", 0, ""),
            ("$martlet pin change --pin-fd 3 3<<<$'123456\n246802'", "", 0, ""),
            ("$martlet sign 9a /dev/null --pin-fd 3 3<<<123456", "", 77, "the PIN is wrong: 2 tries are left"),
            ("$martlet pin change --pin-fd 3 3<<<$'246802\r\n123456\r'", "", 0, ""),
            ("$martlet pin change-code --pin-fd 3 3<<<$'12345678\n87654321'", "", 0, ""),
            (
                "$martlet generate 9c --algorithm p256 --output c.pem --pin-fd 3 3<<<\(SimulatedCard.managementKey)",
                "", 0,
                ""
            ),
            ("$martlet sign 9a /dev/null --pin-fd 3 3<<<''", "", 77, "nothing was typed as the PIN"),
            ("$martlet sign 9a /dev/null --pin-fd 3 3</dev/null", "", 77, "nothing was typed as the PIN"),
            ("$martlet sign 9a /dev/null --pin-fd 77", "", 64, "--pin-fd 77 is no file that is open for reading"),
            ("$martlet sign 9a /dev/null --pin-fd 3 3>made", "", 64, "--pin-fd 3 is no file that is open for reading"),
            (
                "$martlet sign 9a --pin-fd 0 --output s", "123456\nhello", 64,
                "standard input is where --pin-fd has the PIN"
            ),
            ("$martlet sign 9a - --pin-fd 0 --output s", "123456\nhello", 64, "is where --pin-fd has the PIN"),
            ("$martlet sign 9a --pin-fd 3 --output s 3<&0", "123456\nhello", 64, "is where --pin-fd has the PIN"),
            (
                "$martlet sign 9a /dev/stdin --pin-fd 0 --output s", "123456\nhello", 64,
                "/dev/stdin is where --pin-fd has the PIN"
            ),
            ("$martlet import 9c --pin-fd 0", "123456\nhello", 64, "is where --pin-fd has the PIN"),
            ("$martlet sign 9a /dev/null --pin-fd 3 3<<<$(printf %300d 1)", "", 65, "the line is too long"),
            (
                "$martlet certificate delete 9a --pin-fd 3 3</dev/null", "", 77,
                "nothing was typed as the management key"
            ),
        ] as [(String, String, Int32, String)] {
            let answer = try shell(martlet, line, input: input)
            #expect(answer.ending == .exited(code), "\(line): \(answer)")
            #expect(expected.isEmpty || answer.errorText.contains(expected), "\(line): \(answer)")
        }
        #expect(try martlet.pinTries() == 3)
    }

    @Test("--pin-fd is no terminal, which would show the PIN; Ctrl-D at a prompt is no answer")
    func terminal() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let answer = try martlet.run(
            ["sign", "9a", "/dev/null", "--pin-fd", "0"], typing: [("", SimulatedCard.pin)])
        #expect(answer.ending == .exited(64) && answer.errorText.contains("--pin-fd 0 is a terminal"), "\(answer)")
        let ended = try martlet.run(["certificate", "delete", "9a"], typing: [("Management key of", "\u{04}")])
        #expect(ended.ending == .exited(77), "\(ended)")
        #expect(ended.errorText.contains("nothing was typed as the management key"), "\(ended)")
    }

    @Test("A closed standard file is no place for what goes to another one")
    func closedFiles() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        for (line, code) in [
            ("$martlet sign 9a /dev/null --output signed --pin-fd 3 3<<<999999 2>&-", 77),
            ("$martlet sign 9a /dev/null --output signed --pin-fd 3 3<<<999999 0<&- 1>&- 2>&-", 77),
            ("$martlet sign 9a --output signed --pin-fd 3 3<<<123456 0<&-", 69), ("$martlet list >&-", 69),
        ] as [(String, Int32)] {
            let answer = try shell(martlet, line + "; code=$?; ls signed 2>/dev/null; exit $code")
            #expect(answer.ending == .exited(code) && answer.text == "", "\(line): \(answer)")
        }
    }

    @Test("An askpass program is given the question; MARTLET_ASKPASS goes before SSH_ASKPASS")
    func askpass() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let home = martlet.world.home
        try home.write("#!/bin/sh\necho \"$1\" >>\(home.file("asked"))\necho 123456\n", to: "askpass")
        try home.write("#!/bin/sh\nexit 1\n", to: "cancelled")
        try home.write("#!/bin/sh\necho\n", to: "empty")
        for file in ["askpass", "cancelled", "empty"] { try martlet.tool("chmod", "+x", home.file(file)) }
        let sign = "$martlet sign 9a /dev/null >/dev/null"
        for (environment, code, expected) in [
            (["SSH_ASKPASS": home.file("askpass")], 0, ""),
            (["MARTLET_ASKPASS": home.file("askpass"), "SSH_ASKPASS": home.file("cancelled")], 0, ""),
            (["MARTLET_ASKPASS": home.file("cancelled")], 77, "was cancelled"),
            (["MARTLET_ASKPASS": home.file("empty")], 77, "nothing was typed as the PIN"),
            (["MARTLET_ASKPASS": "/nonexistent"], 69, "/nonexistent cannot be started: No such file"),
        ] as [([String: String], Int32, String)] {
            let answer = try shell(martlet, sign, environment: environment)
            #expect(answer.ending == .exited(code), "\(environment): \(answer)")
            #expect(expected.isEmpty || answer.errorText.contains(expected), "\(environment): \(answer)")
        }
        let asked = String(decoding: try home.read("asked"), as: UTF8.self).split(separator: "\n")
        #expect(asked.count == 2 && asked.allSatisfy { $0.hasPrefix("PIN of PIV ") && $0.contains("3 tries left") })
    }

    @Test("A pinentry is spoken to as gpg does")
    func pinentry() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let home = martlet.world.home
        let source = """
            #!/usr/bin/python3
            import sys
            log = open("\(home.file("spoken"))", "a")
            print("OK Pleased to meet you", flush=True)
            for line in sys.stdin:
                log.write(line); log.flush()
                if line.startswith("GETPIN"):
                    if "\(home.file("cancel"))" == sys.argv[0]: print("ERR 83886179 Operation cancelled", flush=True)
                    elif "\(home.file("broken"))" == sys.argv[0]: print("ERR 83918950 No such device <X>", flush=True)
                    else: print("D 1234%35%36\\nOK", flush=True)
                elif line.startswith("BYE"): print("OK closing connection", flush=True); break
                elif line.startswith("OPTION"): print("ERR 83886254 Unknown option", flush=True)
                else: print("OK", flush=True)
            """
        for file in ["pinentry", "cancel", "broken"] {
            try home.write(source, to: file)
            try martlet.tool("chmod", "+x", home.file(file))
        }
        let sign = "$martlet sign 9a /dev/null >/dev/null"
        let answer = try shell(
            martlet, sign, environment: ["MARTLET_PINENTRY": home.file("pinentry"), "TERM": "xterm"])
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(String(decoding: try home.read("spoken"), as: UTF8.self).contains("SETDESC PIN of PIV "))
        let cancelled = try shell(martlet, sign, environment: ["MARTLET_PINENTRY": home.file("cancel")])
        #expect(cancelled.ending == .exited(77) && cancelled.errorText.contains("was cancelled"), "\(cancelled)")
        let broken = try shell(martlet, sign, environment: ["MARTLET_PINENTRY": home.file("broken")])
        #expect(broken.ending == .exited(77) && broken.errorText.contains("says: No such device <X>"), "\(broken)")
        #expect(!broken.errorText.contains("cancelled"), "\(broken)")
        let none = try shell(martlet, sign, environment: ["MARTLET_PINENTRY": "/bin/true"])
        #expect(none.ending == .exited(69) && none.errorText.contains("does not speak as a pinentry"), "\(none)")
        #expect(try martlet.pinTries() == 3)
    }

    @Test(
        "Debian's own pinentry serves too",
        .enabled(if: Tool.missing("pinentry-curses", package: "pinentry-curses") == nil))
    func realPinentry() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        // Without a terminal it refuses, and says so in its protocol.
        let answer = try shell(
            martlet, "$martlet sign 9a /dev/null", environment: ["MARTLET_PINENTRY": "pinentry-curses"])
        #expect(answer.ending == .exited(77) && !answer.errorText.contains("cancelled"), "\(answer)")
        let typed = try martlet.world.run(
            [
                "env", "MARTLET_PINENTRY=pinentry-curses", "TERM=xterm", PackageRoot.program("martlet"), "sign", "9a",
                "/dev/null", "--output", "signed",
            ], typing: [("PIN of PIV", Self.pin + "\r")])
        #expect(typed.ending == .exited(0), "\(typed)")
    }

    @Test("At the prompt for the management key a PIN or PUK is never sent to the card")
    func pukAtManagementKey() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        for typed in [Self.pin, "12345678", "87654321", "0102030405060708", String(repeating: "xy", count: 24)] {
            let sent = try martlet.world.apduLog {
                let answer = try martlet.run(
                    ["certificate", "delete", "9a"], typing: [("Management key of", typed)])
                #expect(answer.ending == .exited(77), "\(typed): \(answer)")
                #expect(answer.errorText.contains("that is no management key"), "\(typed): \(answer)")
                let changed = try martlet.run(["management-key"], typing: [("Management key of", typed)])
                #expect(changed.errorText.contains("that is no management key"), "\(typed): \(changed)")
            }
            // CHANGE REFERENCE DATA and RESET RETRY COUNTER, which have the PUK in them.
            #expect(!sent.contains { [0x24, 0x2C].contains($0.command[1]) }, "\(typed)")
        }
        #expect(try martlet.run("pin", "tries").checked().text.contains("PUK: 3 of 3"))
    }
}
