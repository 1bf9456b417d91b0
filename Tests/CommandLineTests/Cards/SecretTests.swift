import Foundation
import TestSupport
import Testing

/// `martlet pin`, `martlet management-key` and `martlet reset`.
@Suite struct SecretTests {
    private static let newPIN = [(awaited: "New PIN:", line: "246802"), (awaited: "New PIN again:", line: "246802")]
    private static let profiles = ["yubikey57", "openpgp34"]

    private static func card(_ profile: String) throws -> MartletCommand {
        try MartletCommand(SimulatedCard(profile: profile, keys: [profile == "openpgp34" ? "aut=p256" : "9a=p256"]))
    }

    private static func signs(_ martlet: MartletCommand, _ profile: String, _ pin: String) throws -> Bool {
        try martlet.run(["sign", profile == "openpgp34" ? "aut" : "9a", "/dev/null"], pin: pin).succeeded
    }

    @Test("The PIN is changed", arguments: profiles)
    func changed(_ profile: String) throws {
        let martlet = try Self.card(profile)
        let answer = try martlet.run(["pin", "change"], typing: [("PIN of", SimulatedCard.pin)] + Self.newPIN)
        #expect(answer.text == "The PIN is changed.\n", "\(answer)")
        #expect(!answer.errorText.contains("246802"), "the PIN was echoed")
        #expect(try Self.signs(martlet, profile, "246802"))
        #expect(try !Self.signs(martlet, profile, SimulatedCard.pin))
    }

    @Test("A slip of the finger, a wrong PIN and one of a wrong length change nothing", arguments: profiles)
    func unchanged(_ profile: String) throws {
        let martlet = try Self.card(profile)
        for (typing, code, left) in [
            ([("PIN of", SimulatedCard.pin), ("New PIN:", "246802"), ("New PIN again:", "246803")], 65, 3),
            ([("PIN of", SimulatedCard.pin), ("New PIN:", "1"), ("New PIN again:", "1")], 77, 3),
            ([("PIN of", "999999")] + Self.newPIN, 77, 2),
        ] as [([(awaited: String, line: String)], Int32, Int)] {
            let answer = try martlet.run(["pin", "change"], typing: typing)
            #expect(answer.ending == .exited(code), "\(answer)")
            #expect(try martlet.pinTries() == left)
        }
        #expect(try Self.signs(martlet, profile, SimulatedCard.pin))
    }

    @Test(
        "A blocked PIN is given a new value",
        arguments: [
            ("yubikey57", [], [(awaited: "PUK of", line: "12345678")]),
            ("openpgp34", ["--admin"], [(awaited: "Admin PIN of", line: "12345678")]),
        ] as [(String, [String], [(awaited: String, line: String)])])
    func unblocked(_ profile: String, _ arguments: [String], _ secret: [(awaited: String, line: String)]) throws {
        let martlet = try Self.card(profile)
        for _ in 0..<3 { #expect(try !Self.signs(martlet, profile, "999999")) }
        #expect(try martlet.pinTries() == 0)
        let wrong = try martlet.run(
            ["pin", "unblock"] + arguments,
            typing: [(secret[0].awaited, "87654321")] + (profile == "yubikey57" ? Self.newPIN : []))
        #expect(wrong.ending == .exited(77), "\(wrong)")
        #expect(wrong.errorText.contains("is wrong: 2 tries are left"), "\(wrong)")
        let answer = try martlet.run(["pin", "unblock"] + arguments, typing: secret + Self.newPIN)
        #expect(answer.text == "The PIN is changed, and has all its tries.\n", "\(answer)")
        #expect(try Self.signs(martlet, profile, "246802"))
    }

    @Test("The reset code of OpenPGP is set by the admin PIN, and unblocks")
    func resetCode() throws {
        let martlet = try Self.card("openpgp34")
        let none = try martlet.run("pin", "unblock")
        #expect(none.ending == .exited(77) && none.errorText.contains("martlet pin unblock --admin"), "\(none)")
        let code = [
            (awaited: "New reset code:", line: "87654321"), (awaited: "New reset code again:", line: "87654321"),
        ]
        let set = try martlet.run(["pin", "change-code"], typing: [("Admin PIN of", "12345678")] + code)
        #expect(set.text == "The reset code is changed.\n", "\(set)")
        #expect(try martlet.run("pin", "tries").checked().text.contains("reset code: 3"))
        try martlet.run(["pin", "unblock"], typing: [("Reset code of", "87654321")] + Self.newPIN).checked()
        #expect(try Self.signs(martlet, "openpgp34", "246802"))
    }

    @Test("The PUK is changed")
    func unblockingKey() throws {
        let martlet = try Self.card("yubikey57")
        let code = [(awaited: "New PUK:", line: "87654321"), (awaited: "New PUK again:", line: "87654321")]
        let answer = try martlet.run(["pin", "change-code"], typing: [("PUK of", "12345678")] + code)
        #expect(answer.text == "The PUK is changed.\n", "\(answer)")
        #expect(try martlet.run("pin", "tries").checked().text.contains("PUK: 3 of 3"))
        try martlet.run(["pin", "unblock"], typing: [("PUK of", "87654321")] + Self.newPIN).checked()
    }

    @Test("The management key is changed, to one that is typed or a random one")
    func managementKey() throws {
        let martlet = try Self.card("yubikey57")
        let typed = String(repeating: "A1B2C3D4E5F60718", count: 3)
        let changed = try martlet.run(
            ["management-key"],
            typing: [
                ("Management key of", SimulatedCard.managementKey), ("New management key:", typed),
                ("New management key again:", typed),
            ])
        #expect(changed.text == "The management key is changed.\n", "\(changed)")
        let stale = try martlet.run(
            ["management-key", "--random"], typing: [("Management key of", SimulatedCard.managementKey)])
        #expect(stale.ending == .exited(77) && stale.text == "", "\(stale)")
        let file = martlet.world.home.file("never.txt")
        let unwritten = try martlet.run(
            ["management-key", "--random", "--output", file],
            typing: [("Management key of", SimulatedCard.managementKey)])
        #expect(unwritten.ending == .exited(77), "\(unwritten)")
        #expect(!FileManager.default.fileExists(atPath: file))
        let made = try martlet.run(["management-key", "--random"], typing: [("Management key of", typed)]).checked()
        #expect(made.text.wholeMatch(of: /[0-9A-F]{48}\n/) != nil, "\(made)")
        let random = String(made.text.dropLast())
        try martlet.run(["generate", "9c", "--algorithm", "p256"], typing: [("Management key of", random)]).checked()
    }

    @Test(
        "A random management key is as long as that of now, and in a file for its owner alone",
        arguments: [("3des", 48), ("aes128", 32), ("aes256", 64)])
    func randomKey(_ cipher: String, _ digits: Int) throws {
        let martlet = try MartletCommand(SimulatedCard(keys: [], arguments: ["--management-key", cipher]))
        let file = martlet.world.home.file("key.txt")
        let old = String(repeating: "0102030405060708", count: digits / 16)
        let command = ["management-key", "--random", "--output", file]
        let answer = try martlet.run(command, typing: [("Management key of", old)])
        #expect(answer.text == "The management key is changed.\n", "\(answer)")
        let key = try String(contentsOfFile: file, encoding: .utf8)
        #expect(key.utf8.count == digits + 1 && key.dropLast().allSatisfy(\.isHexDigit))
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        let new = String(key.dropLast())
        // The only copy of a key is not written over.
        let refused = try martlet.run(command, typing: [("Management key of", new)])
        #expect(refused.ending == .exited(69) && refused.errorText.contains("--force"), "\(refused)")
        try martlet.run(["generate", "9a", "--algorithm", "p256"], typing: [("Management key of", new)]).checked()
    }

    @Test("The admin PIN of OpenPGP is changed")
    func adminPIN() throws {
        let martlet = try Self.card("openpgp34")
        let answer = try martlet.run(
            ["management-key"],
            typing: [
                ("Admin PIN of", "12345678"), ("New admin PIN:", "87654321"), ("New admin PIN again:", "87654321"),
            ])
        #expect(answer.text == "The admin PIN is changed.\n", "\(answer)")
        try martlet.run(["generate", "sig", "--algorithm", "p256"], typing: [("Admin PIN of", "87654321")]).checked()
        let random = try martlet.run("management-key", "--random")
        #expect(random.ending == .exited(64), "\(random)")
    }

    @Test("A reset wants the serial number to be typed, and leaves the other application alone")
    func reset() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "yubikey57-both", keys: ["9a=p256", "aut=p256"]))
        func keys() throws -> [String] {
            try martlet.json("list").readers.first?.tokens.flatMap(\.keys).map(\.key) ?? []
        }
        let unclear = try martlet.run("reset")
        #expect(unclear.ending == .exited(64) && unclear.errorText.contains("--application piv"), "\(unclear)")
        let unattended = try martlet.run("reset", "--application", "piv")
        #expect(unattended.ending == .exited(77), "\(unattended)")
        let serial = try #require(martlet.json("list").readers.first?.tokens.first?.serialNumber)
        let mistyped = try martlet.run(
            ["reset", "--application", "piv"], typing: [("Type its serial number", serial + "0")])
        #expect(mistyped.ending == .exited(77) && mistyped.errorText.contains("nothing was changed"), "\(mistyped)")
        #expect(try keys() == ["9A", "AUT"])
        let answer = try martlet.run(
            ["reset", "--application", "piv"], typing: [("Type its serial number", serial.uppercased())])
        #expect(answer.text == "PIV is as it left the factory.\n", "\(answer)")
        #expect(try keys() == ["AUT"])
        let second = try #require(martlet.json("list").readers.first?.tokens.last?.serialNumber)
        let openPGP = try martlet.run(
            ["reset", "--application", "openpgp"], typing: [("Type its serial number", second)])
        #expect(openPGP.text == "OpenPGP is as it left the factory.\n", "\(openPGP)")
        #expect(try keys() == [])
    }

    @Test("What was broken off is named by the doctor and repaired")
    func repair() throws {
        let martlet = try MartletCommand(
            SimulatedCard(keys: ["9a=p256", "9d=p256"], arguments: ["--management-key", "3des"]))
        #expect(try martlet.run("repair").checked().text == "Nothing is to be repaired.\n")
        let other = martlet.world.home.file("other.pem")
        try martlet.run("certificate", "export", "9d", "--output", other).checked()
        try martlet.tool(
            "yubico-piv-tool", "--action", "import-certificate", "--slot", "9a", "--input", other,
            "--key=" + SimulatedCard.managementKey)
        #expect(try martlet.run("doctor").text.contains("the certificate of 9A is not that of its key"))
        let answer = try martlet.run(["repair"], typing: [("Management key of", SimulatedCard.managementKey)])
        #expect(answer.text == "Repaired: the certificate of 9A is not that of its key\n", "\(answer)")
        #expect(try martlet.run("certificate", "export", "9a").ending == .exited(69))
    }

    @Test("A management key behind the PIN that may be an old one is named, and put right by who has the card's")
    func staleCopy() throws {
        let stale = "881A8918" + String(repeating: "09", count: 24)
        let martlet = try MartletCommand(
            SimulatedCard(keys: [], arguments: ["--object", "5FFF00=8003810182", "--object", "5FC109=" + stale]))
        let name = "the management key behind the PIN may be an old one"
        #expect(try martlet.run("doctor").text.contains(name))
        let user = try martlet.run(["repair"], typing: [("Management key of", ""), ("PIN of", SimulatedCard.pin)])
        #expect(user.ending == .exited(77) && user.errorText.contains("give the management key"), "\(user)")
        let answer = try martlet.run(["repair"], typing: [("Management key of", SimulatedCard.managementKey)])
        #expect(answer.text == "Repaired: \(name)\n", "\(answer)")
        try martlet.run(
            ["generate", "9a", "--algorithm", "p256"],
            typing: [("Management key of", ""), ("PIN of", SimulatedCard.pin)]
        ).checked()
    }
}
