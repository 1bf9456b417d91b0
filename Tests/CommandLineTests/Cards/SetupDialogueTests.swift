import Foundation
import TestSupport
import Testing

/// `martlet setup`: the dialogue.
@Suite struct SetupDialogueTests {
    typealias Typing = [(awaited: String, line: String)]

    private static let newPIN: Typing = [("Change the PIN?", ""), ("New PIN:", "246802"), ("New PIN again:", "246802")]
    private static let newPUK: Typing = [
        ("Change the PUK?", "y"), ("New PUK:", "86420864"), ("New PUK again:", "86420864"),
    ]

    @Test("From a fresh card to one in use: the maker's secrets are never typed")
    func fresh() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let answer = try martlet.run(
            ["setup"],
            typing: [("Which key?", ""), ("Which algorithm?", "")] + Self.newPIN + Self.newPUK + [
                ("Where is a new one to be kept?", "card"), ("Make it?", ""), ("Which kind?", "self"),
                ("Whose name?", "CN=Jane Doe"), ("For what?", "all"),
            ])
        #expect(answer.ending == .exited(0), "\(answer)")
        for expected in [
            "martlet export-ssh 9a --serial ", " | ssh SERVER", "sudo pam-auth-update", "gpg.format ssh", "is set up.",
        ] {
            #expect(answer.text.contains(expected), "\(expected) in \(answer)")
        }
        // What is told has its lines, and no sign in the place of a line feed.
        #expect(!answer.errorText.contains("\u{FFFD}"), "\(answer)")
        for secret in ["246802", "86420864", SimulatedCard.managementKey] {
            #expect(!answer.errorText.contains(secret))
        }
        let token = try #require(martlet.json("list").readers.first?.tokens.first)
        #expect(token.pinTriesLeft == 3 && token.keys.map(\.key) == ["9A"])
        #expect(token.keys.first?.certificate?.subject == "CN=Jane Doe")
        let doctor = try martlet.run("doctor").text
        #expect(!doctor.contains("is the maker's"), "\(doctor)")
        // The PIN and the PUK are those that were typed, and the PIN leads to the management key.
        try martlet.run(["sign", "9a", "/dev/null"], pin: "246802").checked()
        try martlet.run(
            ["generate", "9c", "--algorithm", "p256"], typing: [("Management key of", ""), ("PIN of", "246802")]
        ).checked()
        try martlet.run(
            ["pin", "unblock"], typing: [("PUK of", "86420864"), ("New PIN:", "135790"), ("New PIN again:", "135790")]
        ).checked()
        // Programs that know Yubico's way find the key there, too.
        try martlet.tool("yubico-piv-tool", "--action", "verify-pin", "--pin", "135790")
    }

    @Test("It can be left at each step, and goes on where it stopped")
    func resumed() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let left = try martlet.run(
            ["setup", "--key", "9a", "--algorithm", "p256"], typing: Self.newPIN + [("Change the PUK?", "q")])
        #expect(left.ending == .exited(0) && left.text.contains("martlet setup goes on from there"), "\(left)")
        let file = martlet.world.home.file("key.txt")
        let second = try martlet.run(
            ["setup", "--key", "9a", "--algorithm", "p256"],
            typing: [("The card has a PIN of its own already.", "n")] + [
                ("Where is a new one to be kept?", "file"), ("File [management-key.txt]:", file), ("Make it?", "q"),
            ])
        #expect(second.ending == .exited(0), "\(second)")
        let key = String(decoding: try martlet.world.home.read("key.txt"), as: UTF8.self).dropLast()
        #expect(key.count == 48)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        let third = try martlet.run(
            ["setup", "--key", "9a", "--algorithm", "p256"],
            typing: [
                ("Change the PUK?", "n"), ("Make it?", "y"), ("Management key of", String(key)),
                ("Which kind?", "request"),
                ("Whose name?", ""), ("File [9a.csr]:", martlet.world.home.file("a.csr")), ("PIN of", "246802"),
                ("For what?", "ssh"),
            ])
        #expect(third.ending == .exited(0), "\(third)")
        #expect(
            try martlet.tool("openssl", "req", "-in", martlet.world.home.file("a.csr"), "-noout", "-verify").errorText
                .contains("verify OK"))
        let last = try martlet.run(
            ["setup", "--key", "9a"],
            typing: [("Change the PUK?", "n"), ("There is a key already", "none"), ("For what?", "none")])
        #expect(last.ending == .exited(0), "\(last)")
    }

    @Test(
        "Ctrl-D is no consent, and neither is a line that is longer than any answer",
        arguments: [
            [("Where is a new one to be kept?", "\u{04}")],
            [("Where is a new one to be kept?", "leave"), ("Make it?", "\u{04}")],
            [
                ("Where is a new one to be kept?", "leave"), ("Make it?", String(repeating: "x", count: 300)),
                ("Type y, n, or q", "q"),
            ],
        ] as [Typing])
    func noConsent(_ typing: Typing) throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let answer = try martlet.run(
            ["setup", "--key", "9a", "--algorithm", "p256"],
            typing: Self.newPIN + [("Change the PUK?", "n")] + typing)
        #expect(answer.ending == .exited(0) && answer.text.contains("martlet setup goes on from there"), "\(answer)")
        #expect(try martlet.run("doctor").text.contains("the management key of PIV"))
        #expect(try martlet.json("list").readers.first?.tokens.first?.keys.isEmpty == true)
    }

    @Test("What lets write is asked for once")
    func askedOnce() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let command = ["setup", "--key", "9a", "--algorithm", "p256"]
        try martlet.run(
            command,
            typing: Self.newPIN + [
                ("Change the PUK?", "n"), ("Where is a new one to be kept?", "card"), ("Make it?", "q"),
            ]
        ).checked()
        let answer = try martlet.run(
            command,
            typing: [
                ("Change the PUK?", "n"), ("Make it?", "y"), ("Management key of", ""), ("PIN of PIV", "246802"),
                ("Which kind?", "self"), ("Whose name?", "J"), ("For what?", "none"),
            ])
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(answer.errorText.components(separatedBy: "Management key of").count == 2, "\(answer)")
        #expect(answer.errorText.components(separatedBy: "PIN of PIV").count == 2, "\(answer)")
    }

    @Test("An OpenPGP card, too")
    func openPGP() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "openpgp34", keys: []))
        let answer = try martlet.run(
            ["setup", "--algorithm", "p256"],
            typing: [
                ("Which key?", "aut"), ("Change the PIN?", "y"), ("PIN of", SimulatedCard.pin), ("New PIN:", "246802"),
                ("New PIN again:", "246802"), ("Change the admin PIN?", ""), ("Admin PIN of", "12345678"),
                ("New admin PIN:", "86420864"), ("New admin PIN again:", "86420864"), ("Make it?", ""),
                ("Which kind?", "none"),
                ("For what?", "ssh"),
            ])
        #expect(answer.ending == .exited(0) && answer.text.contains("martlet export-ssh aut"), "\(answer)")
        try martlet.run(["sign", "aut", "/dev/null"], pin: "246802").checked()
    }

    @Test("Without a terminal it says what to do")
    func unattended() throws {
        let answer = try MartletCommand(SimulatedCard(keys: [])).run("setup")
        #expect(answer.ending == .exited(69) && answer.errorText.contains("--from badges.csv"), "\(answer)")
    }
}
