import Foundation
import TestSupport
import Testing

/// `martlet setup --from`: a pile of cards.
@Suite struct BadgeTests {
    static func world(_ cards: [SimulatedCard]) throws -> MartletCommand {
        let martlet = MartletCommand(
            try CardWorld(
                readers: cards.enumerated().map { CardReader("Reader \($0.offset)", card: try $0.element.program()) }))
        try martlet.tool(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", martlet.world.home.file("admin.key"),
            "-subj", "/CN=Admin", "-out", martlet.world.home.file("admin.pem"))
        return martlet
    }

    static let command = [
        "setup", "--from", "badges.csv", "--list", "sealed", "--seal-to", "admin.pem", "--yes",
    ]

    /// What a sealed file says, by its titles.
    static func opened(_ martlet: MartletCommand, _ file: String) throws -> [String: String] {
        let home = martlet.world.home
        let text = try martlet.tool(
            "openssl", "cms", "-decrypt", "-inform", "PEM", "-in", home.file("sealed/" + file), "-inkey",
            home.file("admin.key")
        ).text
        return Self.lines(text)
    }

    private static func lines(_ text: String) -> [String: String] {
        text.split(whereSeparator: \.isNewline).reduce(into: [:]) { lines, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { lines[String(parts[0])] = String(parts[1].dropFirst()) }
        }
    }

    @Test("Each row gets a card, and its secrets are sealed")
    func pile() throws {
        let martlet = try Self.world([
            SimulatedCard(keys: [], arguments: ["--serial", "11111111"]),
            SimulatedCard(keys: [], arguments: ["--serial", "22222222"]),
        ])
        let home = martlet.world.home
        try home.write(
            "name,serial,key,algorithm,subject,certificate\n\"Doe, Jane\",22222222,9a,p256,,self-sign\nJohn,,9c,rsa2048,\"CN=John,O=X\",request\n",
            to: "badges.csv")
        let answer = try martlet.run(Self.command)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(answer.text.contains("1/2 22222222 Doe, Jane: done in "), "\(answer)")
        #expect(answer.text.contains("2/2 11111111 John: done in "), "\(answer)")
        #expect(answer.errorText.contains("Row 1 of 2, Doe, Jane: put in the card 22222222."), "\(answer)")
        #expect(answer.errorText.contains("is not the card 22222222"), "\(answer)")
        for (file, name, reader, key) in [
            ("22222222.cms", "Doe, Jane", "Reader 1", "9a"), ("11111111.cms", "John", "Reader 0", "9c"),
        ] {
            let secrets = try Self.opened(martlet, file)
            #expect(secrets["name"] == name)
            let pin = try #require(secrets["PIN"]), code = try #require(secrets["PUK"])
            #expect(pin.count == 6 && code.count == 8 && secrets["management key"]?.count == 48)
            for text in [answer.text, answer.errorText] { #expect(!text.contains(pin) && !text.contains(code)) }
            try martlet.run(["sign", key, "/dev/null", "--reader", reader], pin: pin).checked()
            try martlet.run(
                ["management-key", "--random", "--reader", reader, "--output", home.newFile("key")],
                typing: [("Management key of", secrets["management key"] ?? "")]
            ).checked()
            try martlet.run(
                ["pin", "unblock", "--reader", reader],
                typing: [("PUK of", code), ("New PIN:", "135790"), ("New PIN again:", "135790")]
            ).checked()
            #expect(
                try FileManager.default.attributesOfItem(atPath: home.file("sealed/" + file))[.posixPermissions] as? Int
                    == 0o600)
        }
        #expect(
            try martlet.tool("openssl", "req", "-in", home.file("sealed/11111111.csr"), "-noout", "-subject").text
                .contains("John"))
        #expect(try martlet.run(Self.command).checked().text.contains("2 rows, 2 of them done."))
    }

    @Test("age seals, too: its key opens the list", .enabled(if: Tool.missing("age", package: "age") == nil))
    func age() throws {
        let martlet = try Self.world([SimulatedCard(keys: [], arguments: ["--serial", "11111111"])])
        let home = martlet.world.home
        try martlet.tool("age-keygen", "--output", home.file("age.key"))
        let recipient = try martlet.tool("age-keygen", "-y", home.file("age.key")).text.dropLast()
        try home.write("name\nJane\n", to: "badges.csv")
        let command = ["setup", "--from", "badges.csv", "--list", "sealed", "--yes", "--seal-to"]
        let wrong = try martlet.run(command + ["age1qqqq"])
        #expect(wrong.ending == .exited(1) && wrong.errorText.contains("age does not seal the PINs"), "\(wrong)")
        #expect(try martlet.json("list").readers.first?.tokens.first?.keys.isEmpty == true)
        #expect(try martlet.run("doctor").text.contains("is the maker's, which everybody knows"))
        try martlet.run(command + [String(recipient)]).checked()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: home.file("sealed")).sorted()
                == ["11111111.age", "record.csv"])
        let sealed = String(decoding: try home.read("sealed/11111111.age"), as: UTF8.self)
        #expect(sealed.hasPrefix("-----BEGIN AGE ENCRYPTED FILE-----\n"))
        let opened = try martlet.tool("age", "--decrypt", "-i", home.file("age.key"), home.file("sealed/11111111.age"))
        let secrets = Self.lines(opened.text)
        #expect(secrets["name"] == "Jane" && secrets["serial"] == "11111111", "\(secrets)")
        try martlet.run(["sign", "9a", "/dev/null"], pin: try #require(secrets["PIN"])).checked()
    }

    @Test("A card that is put in twice is refused, and the run waits for another one")
    func twice() throws {
        let martlet = try Self.world([
            SimulatedCard(keys: [], arguments: ["--serial", "11111111"]),
            SimulatedCard(keys: [], arguments: ["--serial", "22222222"]),
        ])
        let home = martlet.world.home
        try home.write("name\nJane\nJohn\n", to: "badges.csv")
        try martlet.world.pullCard(fromReader: 1)
        let run = try martlet.world.startInBackground(
            [try PackageRoot.program("martlet")] + Self.command, log: "run.log")
        func wait(for text: String) throws {
            try Deadline.wait(for: text) { String(decoding: try home.read("run.log"), as: UTF8.self).contains(text) }
        }
        try wait(for: "1/2 11111111 Jane: done in ")
        let state = try home.read("apdu0.log.state")
        try martlet.world.pullCard()
        try martlet.world.putCardBack()
        try wait(
            for:
                "martlet: error: PIV 11111111 had its turn: it is Jane's (row 1); the card in Reader 0 00 00 stays as it is\n"
                + "martlet: hint: put in another card\n")
        try martlet.world.putCardBack(intoReader: 1)
        try wait(for: "2/2 22222222 John: done in ")
        try wait(for: "All rows are done.")
        #expect(try home.read("apdu0.log.state") == state)
        try Deadline.wait(for: "the end") { try !martlet.world.run("kill", "-0", String(run)).succeeded }
    }

    @Test("The secrets are sealed and on disk, their folder too, before the card gets a command that changes it")
    func order() throws {
        let martlet = try Self.world([SimulatedCard(keys: [], arguments: ["--serial", "11111111"])])
        let home = martlet.world.home
        try home.write("name\nJane\n", to: "badges.csv")
        let trace = home.file("strace.log")
        // -y shows the file behind a descriptor.
        try martlet.world.run(
            [
                "strace", "-f", "-y", "-xx", "-s", "300", "-e", "trace=fsync,sendto", "-o", trace,
                try PackageRoot.program("martlet"),
            ] + Self.command
        ).checked()
        let lines = String(decoding: try home.read("strace.log"), as: UTF8.self).split(separator: "\n")
        // GENERATE ASYMMETRIC KEY PAIR for 9A is the first command that changes anything.
        let change = try #require(lines.firstIndex { $0.contains(#"\x00\x47\x00\x9a"#) }, "\(lines.suffix(20))")
        let before = lines[..<change].filter { $0.contains("fsync(") && $0.hasSuffix("= 0") }
        let synced = before.compactMap { line in
            // strace writes names as it writes bytes.
            ["/sealed/11111111.cms", "/sealed/record.csv", "/sealed"].first { name in
                line.contains(name.utf8.map { String(format: "\\x%02x", $0) }.joined() + ">")
            }
        }
        // First the record's first line; then the secrets, and that the card's turn has begun.
        #expect(
            synced == [
                "/sealed/record.csv", "/sealed", "/sealed/11111111.cms", "/sealed/record.csv", "/sealed",
            ], "\(before)")
    }

    @Test("Where nothing can be written down, the card stays as it is")
    func fullDisk() throws {
        let martlet = try Self.world([SimulatedCard(keys: [], arguments: ["--serial", "11111111"])])
        let home = martlet.world.home
        try home.write("name\nJane\n", to: "badges.csv")
        try martlet.tool("mkdir", home.file("sealed"))
        try martlet.tool("mount", "-t", "tmpfs", "-o", "size=8k,mode=700", "tmpfs", home.file("sealed"))
        try martlet.tool("dd", "if=/dev/zero", "of=" + home.file("sealed/filler"), "bs=4k", "count=1", "status=none")
        let answer = try martlet.run(Self.command)
        #expect(answer.ending == .exited(69) && answer.errorText.contains("No space left on device"), "\(answer)")
        let doctor = try martlet.run("doctor").text
        for secret in ["PIN", "PUK", "management key"] {
            #expect(doctor.contains("the \(secret) of PIV") && doctor.contains("is the maker's"), "\(doctor)")
        }
        #expect(try martlet.json("list").readers.first?.tokens.first?.keys.isEmpty == true)
    }

    @Test("A card that is in use, or not as the factory left it, is told of and stays as it is")
    func refused() throws {
        let martlet = try Self.world([
            SimulatedCard(keys: ["9e=p256"], arguments: ["--serial", "11111111"]),
            SimulatedCard(keys: [], arguments: ["--serial", "22222222"]), SimulatedCard(profile: "plain-piv", keys: []),
            SimulatedCard(keys: [], arguments: ["--serial", "44444444"]),
        ])
        try martlet.run(
            ["pin", "change", "--reader", "Reader 1"],
            typing: [("PIN of", SimulatedCard.pin), ("New PIN:", "246802"), ("New PIN again:", "246802")]
        ).checked()
        let home = martlet.world.home
        let before = try (0..<3).map { try home.read("apdu\($0).log.state") }
        try home.write("name\nJane\n", to: "badges.csv")
        let answer = try martlet.run(Self.command)
        #expect(answer.ending == .exited(0) && answer.text.contains("44444444 Jane: done"), "\(answer)")
        for expected in [
            "is in use: it has 9E", "is not as the factory left it", "does not tell whether it is as the factory",
        ] {
            #expect(answer.errorText.contains(expected), "\(expected) in \(answer)")
        }
        #expect(try (0..<3).map { try home.read("apdu\($0).log.state") } == before)
    }

    @Test(
        "A run that was broken off at any command goes on, and every sealed secret is true",
        arguments: [4, 9, 14, 18, 22, 26, 30, 34, 38, 42])
    func brokenOff(_ commands: Int) throws {
        let martlet = try Self.world([SimulatedCard(keys: [], arguments: ["--serial", "11111111"])])
        let home = martlet.world.home
        try home.write("name\nJane\n", to: "badges.csv")
        // The program is killed once the card has got so many commands.
        let script = """
            "$0" "${@:2}" & child=$!
            until [ "$(wc -l <apdu0.log)" -ge $1 ] || ! kill -0 $child 2>/dev/null; do :; done
            kill -KILL $child; wait $child
            """
        let mark = try martlet.world.apduLog().count
        _ = try martlet.world.run(
            ["setsid", "--wait", "bash", "-c", script, PackageRoot.program("martlet"), String(mark + commands)]
                + Self.command)
        let answer = try martlet.run(Self.command)
        #expect(answer.ending == .exited(0), "\(answer)")
        let files = try FileManager.default.contentsOfDirectory(atPath: home.file("sealed")).filter {
            $0.hasSuffix(".cms")
        }
        var secrets: [String: String] = [:]
        for file in files.sorted(by: { $0.count < $1.count || ($0.count == $1.count && $0 < $1) }) {
            secrets.merge(try Self.opened(martlet, file)) { old, new in new.hasPrefix("as an earlier") ? old : new }
        }
        try martlet.run(["sign", "9a", "/dev/null"], pin: try #require(secrets["PIN"])).checked()
        #expect(try martlet.pinTries() == 3)
        try martlet.run(
            ["pin", "unblock"],
            typing: [("PUK of", secrets["PUK"] ?? ""), ("New PIN:", "135790"), ("New PIN again:", "135790")]
        ).checked()
        try martlet.run(
            ["generate", "9c", "--algorithm", "p256"], typing: [("Management key of", ""), ("PIN of", "135790")]
        ).checked()
    }

    @Test(
        "A list that cannot be is refused before any card is touched",
        arguments: [
            ("", "has no rows"), ("name\n", "has no rows"),
            ("nmae\nJane\n", "has a column 'nmae', which means nothing"),
            ("serial\n1\n", "or none with names"), ("name,serial\nA,1\nB,1\n", "rows 1 and 2 name the same card, 1"),
            ("name,key\nA,9b\n", "row 1: '9b' is no key of PIV"),
            ("name,key\nA,sig\n", "row 1: 'sig' is no key of PIV"),
            ("name,algorithm\nA,rsa\n", "row 1: there is no algorithm 'rsa'"),
            ("name\nA,B\n", "row 1: 2 cells where there are 1"),
            ("name\n\"A\n", "ends within double quotes"), ("name,days\nA,0\n", "row 1: '0' is no number of days"),
            ("name,certificate\nA,yes\n", "row 1: there is no kind of certificate 'yes'"),
            ("name,key\n,9a\n", "row 1: there is no name"),
            ("name,serial\n\"A, B\",1\nC,01\n", "rows 1 and 2 name the same card"),
            ("name,serial\nA,1a:2b\nC,1A2B\n", "rows 1 and 2 name the same card"),
            ("name\nA\u{1B}[2J\n", "row 1: the name has control characters"),
            ("name\n\"A\nB\"\n", "row 1: the name has control characters"),
            ("name\n\"A\"x\n", "line 2: there is text after a closing quote"),
            ("name\n\"\" \"A\"\n", "line 2: there is text after a closing quote"),
            ("name;serial\nA;1\n", "put commas between the columns, not semicolons"),
            ("name,serial\nA;1\n", "put commas between the columns, not semicolons"),
            ("name\tserial\nA\t1\n", "put commas between the columns, not tabs"),
        ])
    func badList(_ text: String, _ error: String) throws {
        let martlet = try Self.world([SimulatedCard(keys: [], arguments: ["--serial", "11111111"])])
        try martlet.world.home.write(text, to: "badges.csv")
        let sent = try martlet.world.apduLog {
            let answer = try martlet.run(Self.command)
            #expect(answer.ending == .exited(65) && answer.errorText.contains(error), "\(answer)")
            #expect(answer.errorText.split(separator: "\n").count == 2, "\(answer)")
        }
        #expect(sent == [])
    }
}
