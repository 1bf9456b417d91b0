import Foundation
import TestSupport
import Testing

/// Services of PAM that one PAM module serves in a world, for a person whose home is the world's.
struct PAMService {
    let bench: Workbench
    private var world: CardWorld { bench.world }

    static let person = "jane"
    static let missing = Tool.missing("pamtester", package: "pamtester")
    private static let name = "martlet"

    /// Has a PAM module decide about the services `su`, `passwd`, and the tests' own.
    /// - Parameter module: the PAM module and its arguments.
    init(_ bench: Workbench, module: String) throws {
        self.bench = bench
        try world.copySystemFolder("/etc")
        // What pam_p11 answers to the check before a change is "try again".
        let stack = """
            auth required \(module)
            account required pam_permit.so
            session required pam_permit.so
            password [success=ok try_again=ignore default=bad] \(module)
            password required pam_permit.so

            """
        for name in ["su", "passwd", Self.name] { try world.writeSystemFile(stack, to: "/etc/pam.d/" + name) }
        // Another user than root, where the tests may become one.
        let user = getuid() == 0 ? "1001:1001" : "\(getuid()):\(getgid())"
        let people = "\(Self.person):x:\(user)::\(world.home.path):/bin/sh\nguest:x:65534:65534::/:/bin/sh\n"
        try world.writeSystemFile(people, to: "/etc/passwd")
    }

    /// Tries to let the person in with a PIN.
    func logIn(pin: String = SimulatedCard.pin, timeout: Double = 60) throws -> ToolResult {
        try world.run(logInCommand, input: Array((pin + "\n").utf8), timeout: timeout)
    }

    private var logInCommand: [String] { ["pamtester", Self.name, Self.person, "authenticate"] }

    /// A person's own steps: a guest becomes the person, at a terminal.
    func becomePerson() throws -> ToolResult {
        let guest = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        return try world.run(
            guest + ["su", Self.person, "--command", "id --user --name"], typing: [("PIN", SimulatedCard.pin)])
    }

    /// Gives the card another PIN as the person does it.
    func changePIN(to new: String) throws -> ToolResult {
        try world.run(
            ["passwd", Self.person], typing: [("Login", SimulatedCard.pin), ("Enter new PIN", new), ("Retype", new)])
    }

    /// Expects that a card which is pulled out while the PIN is asked for lets nobody in, nor an empty reader.
    func expectCardWanted(prompt: String) throws {
        let answer = try world.run(
            logInCommand, typing: [(prompt, SimulatedCard.pin)], prepare: { try world.pullCard() })
        #expect(answer.wasRefused, "\(answer)")
        let withoutCard = try logIn()
        #expect(withoutCard.wasRefused, "\(withoutCard)")
        try world.putCardBack()
        let again = try logIn()
        #expect(again.succeeded, "\(again)")
    }

    /// Spends all tries of the PIN, and expects of each that it costs one and is refused.
    /// - Returns: what the person was told at each.
    func blockPIN() throws -> [String] {
        try ["user PIN count low", "final user PIN try", "user PIN locked"].map { state in
            let answer = try logIn(pin: "999999")
            #expect(answer.wasRefused, "\(answer)")
            #expect(try bench.tool.run(["--list-token-slots"]).checked().text.contains(state), "\(state)")
            return answer.allText
        }
    }
}

extension ToolResult {
    /// Whether the program came to its end and said no.
    var wasRefused: Bool { ending == .exited(1) }
}
