import Foundation
import TestSupport
import Testing

/// `--json`: a format number, and fields that the page Scripts tells of.
@Suite struct JSONTests {
    private static let martlet = Result {
        try MartletCommand(
            SimulatedCard(profile: "yubikey57-both", keys: ["9a=rsa2048", "9c=p256,nocert", "aut=p256"]))
    }

    private static let commands = [
        ["list"], ["info"], ["info", "9a"], ["doctor"], ["pin", "tries"], ["export-ssh"], ["export-ssh", "9a"],
        ["config"],
        ["config", "ssh"], ["config", "settings"],
    ]

    /// The fields of the page's table, without quotation marks.
    private static func documented() throws -> Set<String> {
        let text = try String(
            contentsOfFile: PackageRoot.path + "/Sources/PKCS11Module/Martlet.docc/Scripts.md", encoding: .utf8)
        let chapter = try #require(text.range(of: "\n## JSON\n"))
        let rest = text[chapter.upperBound...]
        let end = rest.range(of: "\n#")?.lowerBound ?? rest.endIndex
        let rows = rest[..<end].split(separator: "\n").filter { $0.hasPrefix("| `") }
        return Set(
            rows.flatMap { row in
                row.split(separator: "|")[0].split(separator: ",").map { $0.filter { $0.isLetter || $0.isNumber } }
            })
    }

    private static func fields(_ value: Any) -> Set<String> {
        if let object = value as? [String: Any] {
            return object.reduce(into: Set(object.keys)) { $0.formUnion(fields($1.value)) }
        }
        return (value as? [Any])?.reduce(into: []) { $0.formUnion(fields($1)) } ?? []
    }

    @Test("Every command that shows something has it, and its fields are documented")
    func documentedFields() throws {
        let martlet = try Self.martlet.get()
        let documented = try Self.documented()
        var seen: Set<String> = []
        for command in Self.commands {
            let answer = try martlet.run(command + ["--json"], environment: ["MARTLET_VERIFY": "some"])
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(answer.output)) as? [String: Any], "\(command): \(answer)")
            #expect(object["format"] as? Int == 1, "\(command)")
            let fields = Self.fields(object)
            #expect(fields.subtracting(documented) == [], "\(command)")
            seen.formUnion(fields)
        }
        // Of cards that this one is not.
        #expect(documented.subtracting(seen) == ["certificateProblem"])
    }

    @Test("A key's own page has its URI, which p11tool finds it by, and commands that use it")
    func key() throws {
        let martlet = try Self.martlet.get()
        let page = try martlet.run("info", "9a").checked().text
        let uri = try #require(page.split(separator: "\n").first { $0.hasPrefix("  pkcs11:") }).dropFirst(2)
        let module = try PackageRoot.program("libmartlet-pkcs11.so")
        let found = try martlet.world.run(
            ["p11tool", "--provider", module, "--list-all", "--login", "--set-pin", SimulatedCard.pin, String(uri)]
        )
        #expect(found.text.contains("Type: Private key"), "\(found)")
        for expected in ["Firmware", "martlet export-ssh 9a", "martlet sign 9a FILE", "Issuer", "SHA-256"] {
            #expect(page.contains(expected), "\(expected) in \(page)")
        }
        // Each line works as it stands, with FILE and NAME for what they say.
        let home = martlet.world.home
        try home.write("message", to: "FILE")
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(martlet.run("info", "9a", "--json").checked().output))
                as? [String: Any])
        let commands = try #require(json["commands"] as? [String])
        #expect(json["uri"] as? String == String(uri))
        #expect(json["firmware"] as? String == "5.7")
        #expect(!page.contains("not told"), "\(page)")
        let folder = PackageRoot.products
        for command in commands where command.hasPrefix("martlet ") && !command.hasPrefix("martlet decrypt") {
            let line = "PATH=\(folder):$PATH; exec \(command)"
            let typing =
                command.hasPrefix("martlet certificate export") || command.hasPrefix("martlet export-ssh")
                ? [] : [(awaited: "PIN of", line: SimulatedCard.pin)]
            let answer = try martlet.world.run(["bash", "-c", line], typing: typing)
            #expect(answer.ending == .exited(0), "\(command): \(answer)")
        }
    }

    @Test("With two cards in readers, the lines of a key's page are for its own")
    func twoCards() throws {
        let cards = ["1111111", "2222222"].map {
            SimulatedCard(keys: ["9a=p256"], arguments: ["--serial", $0])
        }
        let world = try CardWorld(
            readers: try zip(["Red", "Blue"], cards).map { try CardReader($0, card: $1.program()) })
        let martlet = MartletCommand(world)
        let page = try martlet.run("info", "9a", "--reader", "Blue", "--json").checked().output
        let json = try #require(JSONSerialization.jsonObject(with: Data(page)) as? [String: Any])
        let commands = try #require(json["commands"] as? [String])
        let export = try #require(commands.first { $0.hasPrefix("martlet export-ssh") })
        let line = try martlet.world.run(["bash", "-c", "PATH=\(PackageRoot.products):$PATH; exec \(export)"]).checked()
        #expect(line.text == (try martlet.run("export-ssh", "9a", "--reader", "Blue").checked().text))
        #expect(line.text != (try martlet.run("export-ssh", "9a", "--reader", "Red").checked().text))
    }
}
