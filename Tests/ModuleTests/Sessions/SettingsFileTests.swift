import CLibrary
import Testing
import TestSupport

/// `/etc/martlet.conf`: settings of the machine's administrator.
@Suite struct SettingsFileTests {
    private static let file = "/etc/martlet.conf"

    private func tokens(_ world: CardWorld, environment: [String: String] = [:]) throws -> ToolResult {
        try world.run(
            ["pkcs11-tool", "--module", BuiltModule.path(), "--list-token-slots"], environment: environment
        ).checked()
    }

    @Test("A line sets what a variable sets, and the variable goes first")
    func aLineSets() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        try world.copySystemFolder("/etc")
        try world.writeSystemFile("# Names as before.\n\n  identity=opensc \r\nidenitty = truthful\n", to: Self.file)
        let answer = try tokens(world, environment: ["MARTLET_LOG": "stderr"])
        #expect(answer.text.contains("piv_II"), "\(answer)")
        #expect(answer.errorText.contains("\(Self.file), line 4: there is no such setting\n"))
        #expect(try !tokens(world, environment: ["MARTLET_IDENTITY": "truthful"]).text.contains("piv_II"))
        let shown = try world.run(PackageRoot.program("martlet"), "config", "settings").checked().text
        #expect(shown.contains("# in \(Self.file):\nidentity = opensc\n# each-use is not set\n"), "\(shown)")
    }

    @Test("A file that others than root may write to is not used")
    func aFileOfOthers() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        try world.copySystemFolder("/etc")
        try world.writeSystemFile("identity = opensc\n", to: "/etc/other")
        // Only root can give a file away.
        let givenAway = getuid() == 0 ? [("chown nobody", "others than root may write to it")] : []
        for (change, complaint) in givenAway + [
            ("chmod 664", "others than root may write to it"), ("chmod 646", "others than root may write to it"),
            ("ln -sf /etc/other", "it cannot be read"), ("rm; mkfifo", "it is no plain file"),
            ("truncate -s 65537", "it is longer than 65536 bytes"),
        ] {
            try world.run("rm", "-f", Self.file).checked()
            try world.writeSystemFile("identity = opensc\n", to: Self.file)
            for step in change.split(separator: ";") {
                try world.run(step.split(separator: " ").map(String.init) + [Self.file]).checked()
            }
            let answer = try tokens(world, environment: ["MARTLET_LOG": "stderr"])
            #expect(!answer.text.contains("piv_II") && answer.text.contains("YubiKey 5 PIV"), "\(change): \(answer)")
            #expect(answer.errorText.contains("\(Self.file) is not used: \(complaint)\n"), "\(change): \(answer)")
        }
    }

    /// Lines of the file, the labels of the tokens that are left, and the cards that are asked nothing.
    private static let choices: [(text: String, labels: [String], left: [Int])] = [
        ("", [piv, openPGP, openPGP], []),
        ("readers = second, third\n", [openPGP], [0]),
        ("readers = Fir\nreaders = FIRST\n", [piv, openPGP], [1]),
        ("applications = openpgp\n", [openPGP, openPGP], []),
        ("applications = piv\nreaders = First\n", [piv], [1]),
        ("serials = 1, 000F12345678\n", [openPGP], []),
        ("applications = piv\nserials = 000f12345678\n", [], []),
    ]
    private static let piv = "Martlet 9a", openPGP = OpenPGPClients.token

    /// A card with both applications in one reader, and one with OpenPGP in the other.
    @Test("Readers, serial numbers and applications choose what is served")
    func served() throws {
        let both = try SimulatedCard(profile: "yubikey57-both", keys: ["9a=p256", "aut=p256"]).program()
        let one = try SimulatedCard(profile: "openpgp34", keys: ["aut=p256"]).program()
        let world = try CardWorld(readers: [CardReader("First", card: both), CardReader("Second", card: one)])
        try world.copySystemFolder("/etc")
        for (text, labels, left) in Self.choices {
            try world.writeSystemFile(text, to: Self.file)
            let marks = try [0, 1].map { try world.apduLog(ofReader: $0).count }
            let found = try tokens(world).lines.filter { $0.contains("token label") }.map {
                String($0.drop { $0 != ":" }.dropFirst(2))
            }
            #expect(found == labels, "\(text)")
            let logs = try [0, 1].map { try world.apduLog(ofReader: $0, since: marks[$0]) }
            for index in left { #expect(logs[index].isEmpty, "\(text)") }
            // An application that is not served is not selected.
            for (name, identifier) in [("piv", "A000000308"), ("openpgp", "D27600012401")]
            where text.contains("applications") && !text.contains("applications = \(name)") {
                #expect(!logs.joined().contains { $0.description.contains(identifier) }, "\(text)")
            }
        }
    }
}
