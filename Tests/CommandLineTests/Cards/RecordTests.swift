import Foundation
import TestSupport
import Testing

/// `martlet record`, and `martlet-card replay`: from a user's card to a test without it.
@Suite struct RecordTests {
    /// A kind of card as `martlet-card --help` lists them, with the key that is signed with.
    struct Profile: Sendable, CustomTestStringConvertible {
        let name: String
        let card: SimulatedCard
        let key: String
        var testDescription: String { name }

        init(_ name: String) {
            self.name = name
            let isOpenPGP = ["openpgp", "zeitcontrol", "gnuk", "smartpgp"].contains { name.hasPrefix($0) }
            let hasBoth = name.hasSuffix("-both")
            // Older OpenPGP cards have room for the certificate of this key alone.
            key = isOpenPGP ? "aut" : "9a"
            let piv = ["9a=rsa2048", "9c=p256"], openPGP = ["sig=rsa2048", "dec=rsa2048", "aut=rsa2048"]
            card = SimulatedCard(profile: name, keys: isOpenPGP ? openPGP : hasBoth ? piv + openPGP : piv)
        }

        /// Cards whose only PIN is the Global PIN have another one.
        var pin: String { name.hasSuffix("-global") ? "654321" : SimulatedCard.pin }
    }

    static let profiles: [Profile] = {
        let program = (try? PackageRoot.program("martlet-card")) ?? "martlet-card"
        let help = (try? Tool.run(program, "--help").text) ?? ""
        let lines = help.split(separator: "\n").drop { !$0.contains("Profiles (--profile):") }.dropFirst()
        // Their summaries, which may be broken into lines, stand further in.
        return lines.prefix { !$0.hasPrefix("A new card") }.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .map { $0.filter { $0 != " " } }
            .map(Profile.init)
    }()

    /// A card that answers from a record.
    private static func replayed(_ file: String) throws -> MartletCommand {
        let program = try PackageRoot.program("martlet-card")
        return MartletCommand(
            try CardWorld(
                readers: [
                    CardReader(
                        card: CardProgram { port, log in
                            [program, "replay", file, "--port", String(port), "--log", log]
                        })
                ]))
    }

    /// What a card has, without names and numbers.
    private func objects(_ martlet: MartletCommand, _ pin: String) throws -> [String] {
        let inventory = try martlet.json("list", "--all")
        let tokens = inventory.readers.flatMap(\.tokens)
        let keys = tokens.flatMap { token in
            token.keys.map { key in
                "\(token.application) \(token.model) \(key.key) \(key.id) \(key.label) \(key.algorithm ?? "") \(key.usage) "
                    + "\(key.pinPolicy ?? "") \(key.touchPolicy ?? "") \(key.origin ?? "") \(key.certificate != nil)"
            }
        }
        let module = try PackageRoot.program("libmartlet-pkcs11.so")
        let listed = try martlet.world.run("pkcs11-tool", "--module", module, "--list-objects", "--login", "--pin", pin)
        let parts = ["Object;", "ID: ", "label: ", "Usage: ", "Access: "]
        return keys
            + listed.text.split(separator: "\n").map(String.init).filter { line in
                parts.contains { line.contains($0) } && !line.contains("Unique ID")
            }
    }

    /// Whether the key signs a file, and openssl finds that its certificate's key did.
    private func signs(_ martlet: MartletCommand, _ profile: Profile) throws -> Bool {
        let home = martlet.world.home
        let message = try home.write("message", to: "message")
        let line =
            "exec \"$0\" sign \(profile.key) message --hash sha256 --force --output signature --pin-fd 3 3<<<\(profile.pin)"
        let answer = try martlet.world.run(["bash", "-c", line, PackageRoot.program("martlet")])
        guard answer.succeeded else { return false }
        try martlet.tool(
            "openssl", "dgst", "-sha256", "-verify", martlet.publicKeyFile(profile.key), "-signature",
            home.file("signature"),
            message)
        return true
    }

    @Test(
        "Each kind of card is recorded; from the record the same objects come, and signatures that verify",
        arguments: profiles)
    func everyProfile(_ profile: Profile) throws {
        let martlet = try MartletCommand(profile.card)
        let home = martlet.world.home
        let record = home.file("card.record")
        let (program, module) = (try PackageRoot.program("martlet"), try PackageRoot.program("libmartlet-pkcs11.so"))
        #expect(Self.profiles.count > 30)
        let expected = try objects(martlet, profile.pin)
        #expect(expected.count >= 2, "\(expected)")
        let isSigning = try signs(martlet, profile)
        let jobs = """
            "$0" list --all >/dev/null; "$0" certificate export \(profile.key) >/dev/null
            pkcs11-tool --module "$1" --list-objects --login --pin \(profile.pin) >/dev/null 2>&1
            "$0" sign \(profile.key) message --hash sha256 --pin-fd 3 3<<<\(profile.pin) >/dev/null; true
            """
        try martlet.run("record", "--output", record, "--", "bash", "-c", jobs, program, module).checked()
        #expect(try FileManager.default.attributesOfItem(atPath: record)[.posixPermissions] as? Int == 0o600)
        let copy = try Self.replayed(record)
        #expect(try objects(copy, profile.pin) == expected)
        #expect(try signs(copy, profile) == isSigning)
    }

    @Test("No secret, no name and no number stands in a record, nor in a report")
    func nothingPrivate() throws {
        let martlet = try MartletCommand(
            SimulatedCard(
                profile: "yubikey57-both",
                keys: ["9a=rsa2048", "9c=p256", "9d=rsa2048,gzip", "sig=p256", "aut=rsa2048"],
                arguments: [
                    "--serial", "47381965", "--management-key", "3des", "--object",
                    "5FC109=" + Self.digits([0x01, 0x08] + Array("Jane Doe".utf8)),
                ]))
        let home = martlet.world.home
        // The cardholder's name, login and address on the OpenPGP side.
        let writing = [
            "00A4040006D27600012401", "0020008308" + Self.digits(Array("12345678".utf8)),
            "00DA005B0A" + Self.digits(Array("Doe<<Jane ".utf8)), "00DA005E04" + Self.digits(Array("jdoe".utf8)),
            "00DA5F5010" + Self.digits(Array("http://janes.org".utf8)),
        ]
        try martlet.world.run(["opensc-tool"] + writing.flatMap { ["--send-apdu", $0] }).checked()
        let (program, module) = (try PackageRoot.program("martlet"), try PackageRoot.program("libmartlet-pkcs11.so"))
        // Certificates that name a person in many ways.
        let names = [
            "--dns", "janes-laptop.example.org", "--email", "jane.doe@example.org", "--upn", "jdoe@EXAMPLE.ORG", "--ip",
            "198.51.100.77",
        ]
        let managementKey = (awaited: "Management key of", line: SimulatedCard.managementKey)
        let pin = (awaited: "PIN of", line: SimulatedCard.pin)
        try martlet.run(
            ["certificate", "self-sign", "9c", "--subject", "CN=Jane Doe,O=Example Works,L=Zürich"] + names,
            typing: [pin, managementKey]
        ).checked()
        let key = try martlet.publicKeyFile("9d")
        try martlet.tool(
            "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", key, "-out", home.file("secret.rsa"),
            input: Array("the plaintext itself".utf8))
        try home.write("message", to: "message")
        let newKey = String(repeating: "A1B2C3D4E5F60718", count: 3)
        let jobs = """
            m() { "$0" "$@" >>out; }
            m list --all; m info; m attest 9a --output a.pem
            for key in 9a 9c 9d sig aut; do m certificate export $key; done
            pkcs11-tool --module "$1" --list-objects --login --pin 123456 >>out 2>&1
            m sign 9a message --pin-fd 3 --output 1.sig 3<<<123456
            m sign 9c message --pin-fd 3 --output 2.sig 3<<<123456
            m sign sig message --pin-fd 3 --output 3.sig 3<<<123456
            m decrypt 9d secret.rsa --pin-fd 3 --output plain 3<<<123456
            m pin change --application piv --pin-fd 3 3<<<$'123456\\n97531864'
            m pin change-code --application piv --pin-fd 3 3<<<$'12345678\\n86427531'
            m management-key --application piv --pin-fd 3 3<<<$'\(SimulatedCard.managementKey)\\n\(newKey)'
            m generate 9e --algorithm p256 --output 9e.pem --pin-fd 3 3<<<\(newKey)
            m certificate import 9a old.pem --pin-fd 3 3<<<\(newKey)
            """
        try martlet.run("certificate", "export", "9a", "--output", "old.pem").checked()
        let inventory = try martlet.json("info")
        let answer = try martlet.run("record", "--output", "card.record", "--", "bash", "-c", jobs, program, module)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(try String(decoding: home.read("plain"), as: UTF8.self) == "the plaintext itself")
        try martlet.run("report", "--output", "card.report").checked()

        var words = [
            "123456", "97531864", "12345678", "86427531", "Jane", "Doe", "janes.org", "Example Works", "Zürich",
            "janes-laptop",
            "jane.doe",
            "jdoe", "EXAMPLE.ORG", "the plaintext itself", "Martlet 9a", "47381965", "message",
        ].map { Array($0.utf8) }
        words += [[198, 51, 100, 77]]
        for token in inventory.readers.flatMap(\.tokens) {
            words += [Array(token.serialNumber.utf8), try #require(Self.bytes(token.serialNumber))]
            words += token.keys.compactMap(\.certificate).compactMap { Self.bytes($0.serialNumber) }
        }
        // The number that is printed on it, as GET SERIAL and OpenPGP have it.
        words += [withUnsafeBytes(of: UInt32(47_381_965).bigEndian) { Array($0) }, [0x47, 0x38, 0x19, 0x65]]
        words += [try #require(Self.bytes(SimulatedCard.managementKey)), try #require(Self.bytes(newKey))]
        for name in ["1.sig", "2.sig", "3.sig", "secret.rsa"] { words.append(Array(try home.read(name).suffix(24))) }
        for name in ["9a", "9c", "9d", "sig", "aut"] {
            let der = try martlet.run("certificate", "export", name, "--format", "der").checked().output
            // Its middle is within its key or an extension; its end is its signature.
            words += [Array(der.suffix(24)), Array(der[(der.count / 2)..<(der.count / 2 + 24)])]
        }
        for file in ["card.record", "card.report"] {
            let text = String(decoding: try home.read(file), as: UTF8.self)
            #expect(text.contains("martlet-record 1\n") && text.count > 8_000, "\(text.prefix(2000))")
            for word in words {
                let digits = Self.digits(word)
                let string = String(decoding: word, as: UTF8.self)
                #expect(!text.contains(digits), "\(string) in \(file), as \(digits)")
                #expect(!text.contains(digits.lowercased()), "\(string) in \(file)")
                guard word.count > 3, word.allSatisfy({ $0 >= 0x20 }) else { continue }
                #expect(!text.contains(string), "\(string) in \(file)")
            }
        }
        let report = String(decoding: try home.read("card.report"), as: UTF8.self)
        for title in ["# Versions", "# Settings", "# Doctor", "# Record", "good: pcscd answers", "each-use is not set"]
        {
            #expect(report.contains(title), "\(title)")
        }
        #expect(!report.contains(home.path))
    }

    private static func digits(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02X", $0) }.joined() }

    private static func bytes(_ digits: String) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
        return bytes.count * 2 == digits.count ? bytes : nil
    }

    @Test("A report is replayed as a record is, and tells of a card that cannot be had")
    func report() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let file = martlet.world.home.file("my.report")
        let answer = try martlet.run("report", "--output", file).checked()
        #expect(answer.text.hasPrefix("The report is in \(file)."), "\(answer)")
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        let copy = try Self.replayed(file)
        #expect(try copy.json("list").readers.first?.tokens.first?.keys.map(\.key) == ["9A"])
        try martlet.world.pullCard()
        try martlet.run("report", "--output", "none.report").checked()
        let text = String(decoding: try martlet.world.home.read("none.report"), as: UTF8.self)
        #expect(text.contains("# Record\nthere is none: no card is in a reader\n"), "\(text)")
        #expect(text.contains("bad: no card is in a reader\n"), "\(text)")
    }

    @Test("A program's end is passed on; a card must be named where there are several; no file is written over")
    func refused() throws {
        let card = SimulatedCard(keys: ["9a=p256"])
        let martlet = MartletCommand(
            try CardWorld(readers: [
                CardReader("First", card: card.program()), CardReader("Second", card: card.program()),
            ]))
        let two = try martlet.run("record", "--", "true")
        #expect(two.ending == .exited(64) && two.errorText.contains("name one with --reader"), "\(two)")
        let program = try PackageRoot.program("martlet")
        let ended = try martlet.run(
            "record", "--reader", "second", "--", "sh", "-c", "\(program) list --reader second; exit 7")
        #expect(ended.ending == .exited(7) && ended.text.contains("9A"), "\(ended)")
        #expect(
            String(decoding: try martlet.world.home.read("martlet.record"), as: UTF8.self).contains(
                "reader Second 00 00\n"))
        for (arguments, code, error) in [
            (["record", "--reader", "second", "--", "true"], 69, "there is a file martlet.record already"),
            (["record"], 64, "no program is named"),
            (["record", "--reader", "third", "--", "true"], 69, "no card that fits is in a reader"),
            (
                ["record", "--reader", "first", "--output", "a", "--", "/nonexistent"], 69,
                "/nonexistent cannot be started"
            ),
        ] as [([String], Int32, String)] {
            let answer = try martlet.run(arguments)
            #expect(answer.ending == .exited(code) && answer.errorText.contains(error), "\(answer)")
            #expect(answer.errorText.split(separator: "\n").count == 2, "\(answer)")
        }
        #expect(!FileManager.default.fileExists(atPath: martlet.world.home.file("a")))
    }
}
