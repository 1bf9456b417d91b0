import CLibrary
import Testing
import TestSupport

/// The way from a new card to a login that the page LogIn of the catalogue shows: each command as it is printed there, given by a person at a terminal, with
/// the real sudo, apt-get, pam-auth-update and su, in a world with a copy of the system's configuration.
@Suite(
    .serialized, .enabled(if: getuid() == 0, "only root can make a person who uses sudo"),
    .unless(missing: Tool.missing("sudo", package: "sudo")),
    .unless(missing: Tool.missing("pkcs11_eventmgr", package: "libpam-pkcs11")))
struct LoginGuideTests {
    private static let password = "a password", pin = "654321"

    @Test(
        "A new card comes to a login, and a lost one is locked out",
        arguments: [SimulatedCard(keys: []), SimulatedCard(profile: "openpgp34", keys: [])])
    func guide(_ card: SimulatedCard) throws {
        let world = try CardWorld(card), isPIV = card.profile == "yubikey57"
        let person = try Person(in: world, password: Self.password)
        try world.run([BuiltProducts.folder() + "/martlet", "install", "--prefix", person.prefix]).checked()
        let steps = try Self.commands().map { block in
            guard !isPIV else { return block }
            return block.map { $0.replacing("9a", with: "aut").replacing("pin change-code", with: "management-key") }
        }
        try #require(steps.count == 5)
        for command in steps[0] + steps[1] {
            let answer = try person.run(command, typing: Self.typing(command, isPIV: isPIV))
            #expect(answer.succeeded, "\(answer)")
        }
        // The third block is the try.
        let logIn = try #require(steps[2].first)
        let withCard = try person.run(logIn, typing: [("Smart card PIN", Self.pin)])
        #expect(withCard.lines.last == "logged in" && !withCard.errorText.contains("Password"), "\(withCard)")
        try world.pullCard()
        try expectPasswordWanted(person, logIn)
        try world.putCardBack()
        // The fourth: who has found the card, even with its PIN, stays out, and its owner gets in without it.
        for command in steps[3] { try person.run(command, typing: []).checked() }
        let finder = try person.run(logIn, typing: [("Smart card PIN", Self.pin)])
        #expect(!finder.succeeded && !finder.text.contains("logged in"), "\(finder)")
        try world.pullCard()
        try expectPasswordWanted(person, logIn)
        try world.putCardBack()
        // The fifth: nobody is asked for a card.
        for command in steps[4] { try person.run(command, typing: []).checked() }
        try expectPasswordWanted(person, logIn)
    }

    private func expectPasswordWanted(_ person: Person, _ command: String) throws {
        let answer = try person.run(command, typing: [("Password", Self.password)])
        #expect(answer.lines == ["logged in"] && !answer.errorText.contains("PIN"), "\(answer)")
    }

    /// What a command asks for, and what the person types.
    private static func typing(_ command: String, isPIV: Bool) -> [(awaited: String, line: String)] {
        switch command.split(separator: " ").dropFirst().joined(separator: " ") {
        case let rest where rest.hasPrefix("generate"):
            [
                isPIV ? ("Management key of", SimulatedCard.managementKey) : ("Admin PIN of", "12345678"),
                ("PIN of", SimulatedCard.pin),
            ]
        case "pin change": [("PIN of", SimulatedCard.pin), ("New PIN", pin), ("New PIN again", pin)]
        case "pin change-code": [("PUK of", "12345678"), ("New PUK", "87654321"), ("New PUK again", "87654321")]
        case "management-key":
            [("Admin PIN of", "12345678"), ("New admin PIN", "87654321"), ("New admin PIN again", "87654321")]
        default: []
        }
    }

    /// The page's commands on the way to a login: the lines of each block.
    private static func commands() throws -> [[String]] {
        let page = try Tool.run("cat", PackageRoot.catalogue + "/LogIn.md").checked().text
        return page.matches(of: /```sh\n([\s\S]*?)```/).map { $0.output.1.split(separator: "\n").map(String.init) }
    }
}

/// A person with an account of the machine's, a password, and the right to use sudo, in a world with its own copy of what
/// an administrator changes.
private struct Person {
    let world: CardWorld
    /// Where Martlet is installed.
    var prefix: String { world.home.file("installed") }
    private var home: String { world.home.file("jane") }
    private static let name = "jane", id = "1001"

    init(in world: CardWorld, password: String) throws {
        self.world = world
        for folder in ["/etc", "/usr/share/pam-configs", "/var/lib/pam", "/var/cache/debconf"] {
            try world.copySystemFolder(folder)
        }
        let hash = try Tool.run("openssl", "passwd", "-6", password).checked().lines[0]
        for (file, line) in [
            ("passwd", "\(Self.name):x:\(Self.id):\(Self.id)::\(home):/bin/bash"),
            ("shadow", "\(Self.name):\(hash):19000:0:99999:7:::"), ("group", "\(Self.name):x:\(Self.id):"),
            ("sudoers", "\(Self.name) ALL=(ALL) NOPASSWD: ALL"),
        ] { try world.run("sh", "-c", #"echo "$1" >>"/etc/$0""#, file, line).checked() }
        try world.run("chmod", "711", world.home.path).checked()
        try world.run("install", "-d", "-o", Self.id, home).checked()
    }

    /// Gives a command to the person's shell, at a terminal.
    func run(_ command: String, typing: [(awaited: String, line: String)]) throws -> ToolResult {
        try world.run(
            [
                "setpriv", "--reuid", Self.id, "--regid", Self.id, "--clear-groups", "env", "--chdir", home,
                "HOME=" + home, "USER=" + Self.name, "PATH=\(prefix)/bin:/usr/bin:/bin:/usr/sbin:/sbin", "bash", "-c",
                "set -o pipefail; " + command,
            ], typing: typing)
    }
}
