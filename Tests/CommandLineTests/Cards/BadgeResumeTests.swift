import Foundation
import TestSupport
import Testing

/// `martlet setup --from`, begun again after what happened meanwhile.
@Suite struct BadgeResumeTests {
    private static let serials = ["11111111", "22222222"]

    /// Two new cards, a list with one row, and this record.
    private static func world(_ record: String? = nil, cards: Int = 2) throws -> MartletCommand {
        let martlet = try BadgeTests.world(
            serials.prefix(cards).map { SimulatedCard(keys: [], arguments: ["--serial", $0]) })
        try martlet.world.home.write("name\nJane\n", to: "badges.csv")
        if let record {
            try martlet.tool("mkdir", "-m", "700", martlet.world.home.file("sealed"))
            try martlet.world.home.write(record, to: "sealed/record.csv")
        }
        return martlet
    }

    @Test("Two runs at once do not share a folder")
    func twoRuns() throws {
        let martlet = try Self.world(cards: 1)
        try martlet.world.pullCard()
        _ = try martlet.world.startInBackground(
            [try PackageRoot.program("martlet")] + BadgeTests.command, log: "run.log")
        try Deadline.wait(for: "the first run") {
            String(decoding: try martlet.world.home.read("run.log"), as: UTF8.self).contains("put in a new card")
        }
        let second = try martlet.world.run(
            ["setsid", "--wait", "timeout", "20", PackageRoot.program("martlet")] + BadgeTests.command)
        #expect(second.ending == .exited(69), "\(second)")
        #expect(second.errorText.contains("another run uses the folder sealed"), "\(second)")
    }

    typealias Typing = [(awaited: String, line: String)]

    private static let maker: Typing = [("Management key of", SimulatedCard.managementKey)]

    /// What somebody does by hand to a card whose turn has begun.
    struct Deed: CustomTestStringConvertible {
        let command: [String]
        let typing: Typing
        var key = ""
        let error: String

        var testDescription: String { command.joined(separator: " ") }
    }

    @Test(
        "What was done by hand to a card that was begun is not undone, and not taken for the list's own",
        arguments: [
            Deed(
                command: ["generate", "9a", "--algorithm", "rsa2048"], typing: maker,
                error: "has a key 9A that this list did not make"),
            Deed(
                command: ["generate", "9a", "--algorithm", "p256", "--subject", "J"],
                typing: maker + [("PIN of", "123456")],
                error: "has a key 9A that this list did not make"),
            Deed(
                command: ["generate", "9a", "--algorithm", "p256"], typing: maker,
                key: String(repeating: "AB", count: 32),
                error: "has not the key 9A that this list had it make"),
            Deed(command: ["generate", "9c", "--algorithm", "p256"], typing: maker, error: "is in use: it has 9C"),
            Deed(
                command: ["pin", "change"],
                typing: [("PIN of", "123456"), ("New PIN:", "246802"), ("New PIN again:", "246802")],
                error: "the PIN of PIV 11111111 was changed, and not by this list"),
            Deed(
                command: ["pin", "change-code"],
                typing: [("PUK of", "12345678"), ("New PUK:", "86420864"), ("New PUK again:", "86420864")],
                error: "the PUK of PIV 11111111 was changed, and not by this list"),
            Deed(
                command: ["management-key", "--random"], typing: maker,
                error: "the management key of PIV 11111111 was changed, and not by this list"),
        ])
    func byHand(_ deed: Deed) throws {
        let line = "1,\"Jane\",11111111,begun"
        let martlet = try Self.world(
            deed.key.isEmpty ? "row,name,serial,state\n\(line)\n" : "row,name,serial,state,key\n\(line),\(deed.key)\n")
        try martlet.run(deed.command + ["--reader", "Reader 0"], typing: deed.typing).checked()
        let before = try martlet.world.home.read("apdu0.log.state")
        let answer = try martlet.run(BadgeTests.command)
        #expect(answer.ending == .exited(0) && answer.text.contains("22222222 Jane: done"), "\(answer)")
        #expect(answer.errorText.contains(deed.error), "\(answer)")
        #expect(try martlet.world.home.read("apdu0.log.state") == before)
        #expect(try BadgeTests.opened(martlet, "22222222.cms")["name"] == "Jane")
    }

    @Test("A key that the power kept from the record stays, and gets its certificate")
    func unnotedKey() throws {
        let martlet = try Self.world("row,name,serial,state\n1,\"Jane\",11111111,begun\n", cards: 1)
        let made = try martlet.run(["generate", "9a", "--algorithm", "p256"], typing: Self.maker).checked()
        try martlet.run(BadgeTests.command).checked()
        #expect(try martlet.tool("cat", martlet.publicKeyFile("9a")).text == made.text)
        let record = String(decoding: try martlet.world.home.read("sealed/record.csv"), as: UTF8.self)
        let hash = try martlet.tool(
            "sh", "-c", "openssl pkey -pubin -outform DER | sha256sum | cut -c1-64", input: Array(made.text.utf8)
        ).text.uppercased()
        #expect(record.hasSuffix("1,\"Jane\",11111111,done,\(hash)"), "\(record)")
    }

    @Test("A card that was reset meanwhile begins anew")
    func reset() throws {
        let key = String(repeating: "AB", count: 32)
        let martlet = try Self.world("row,name,serial,state,key\n1,\"Jane\",11111111,begun,\(key)\n", cards: 1)
        try martlet.run(BadgeTests.command).checked()
        let pin = try #require(BadgeTests.opened(martlet, "11111111.cms")["PIN"])
        try martlet.run(["sign", "9a", "/dev/null"], pin: pin).checked()
    }

    @Test("A sealed file that the record does not tell of stays, and another one is written beside it")
    func sealedOnly() throws {
        let martlet = try Self.world("row,name,serial,state\n", cards: 1)
        try martlet.world.home.write("an earlier one", to: "sealed/11111111.cms")
        let answer = try martlet.run(BadgeTests.command)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(try martlet.world.home.read("sealed/11111111.cms") == Array("an earlier one".utf8))
        let pin = try #require(BadgeTests.opened(martlet, "11111111-2.cms")["PIN"])
        try martlet.run(["sign", "9a", "/dev/null"], pin: pin).checked()
    }

    @Test(
        "A record whose last line was cut off, anywhere, is read",
        arguments: [
            "", "row,na", "row,name,serial,state\n1,\"Ja", "row,name,serial,state\n1,\"Jane\",1111111",
            "row,name,serial,state,key\n1,\"Jane\",11111111,begu",
            "row,name,serial,state,key\n1,\"Jane\",11111111,begun,\n1,\"Jane\",11111111,begun,AB12",
        ])
    func torn(_ record: String) throws {
        let martlet = try Self.world(record, cards: 1)
        let answer = try martlet.run(BadgeTests.command)
        #expect(answer.ending == .exited(0) && answer.text.contains("11111111 Jane: done"), "\(answer)")
        #expect(try martlet.run(BadgeTests.command).checked().text.contains("1 rows, 1 of them done."))
    }

    @Test("A last line that lacks its end only counts")
    func handwritten() throws {
        let martlet = try Self.world("row,name,serial,state\n1,\"Jane\",99999999,done", cards: 1)
        #expect(try martlet.run(BadgeTests.command).checked().text.contains("1 rows, 1 of them done."))
        let record = String(decoding: try martlet.world.home.read("sealed/record.csv"), as: UTF8.self)
        #expect(record == "row,name,serial,state\n1,\"Jane\",99999999,done,\n")
    }

    @Test(
        "A folder in which others have a say is refused, and so is what does not seal; in one line, before a card is asked",
        arguments: [
            ("chmod 777 sealed", 77, "others may write into the folder sealed", "chmod go-w sealed"),
            ("chown 65534 sealed", 77, "the folder sealed is another user's", "--list"),
            (
                "openssl req -x509 -newkey ed25519 -nodes -keyout other.key -subj /CN=Admin -out admin.pem", 1,
                "openssl does not seal the PINs: ", "admin.pem </dev/null\n"
            ),
        ] as [(String, Int32, String, String)])
    func refused(_ deed: String, _ code: Int32, _ error: String, _ hint: String) throws {
        let martlet = try Self.world("row,name,serial,state\n", cards: 1)
        try martlet.tool("sh", "-c", deed)
        let sent = try martlet.world.apduLog {
            let answer = try martlet.run(BadgeTests.command)
            #expect(answer.ending == .exited(code), "\(answer)")
            #expect(answer.errorText.contains(error) && answer.errorText.contains(hint), "\(answer)")
            #expect(answer.errorText.split(separator: "\n").count == 2, "\(answer)")
        }
        #expect(sent == [])
    }

    @Test("Without --yes somebody must agree: no terminal, and the end of the input, are no consent")
    func unasked() throws {
        let martlet = try Self.world(cards: 1)
        let sent = try martlet.world.apduLog {
            let unattended = try martlet.run(Array(BadgeTests.command.dropLast()))
            #expect(unattended.ending == .exited(77) && unattended.errorText.contains("--yes"), "\(unattended)")
            for line in ["\u{04}", "q", "n"] {
                let answer = try martlet.run(Array(BadgeTests.command.dropLast()), typing: [("Go on?", line)])
                #expect(answer.ending == .exited(0) && answer.text.contains("Nothing was changed."), "\(answer)")
            }
        }
        #expect(sent == [])
    }
}
