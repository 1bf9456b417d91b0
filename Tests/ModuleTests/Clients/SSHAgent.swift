import TestSupport

/// A real ssh-agent in a world.
struct SSHAgent {
    let world: CardWorld
    /// What programs need to find it.
    let environment: [String: String]

    /// Starts the agent, which may load modules from anywhere, and waits until it listens.
    init(_ world: CardWorld) throws {
        self.world = world
        let socket = world.home.file("agent.sock")
        environment = ["SSH_AUTH_SOCK": socket]
        _ = try world.startInBackground(["ssh-agent", "-D", "-a", socket, "-P", "/*"], log: "agent.log")
        let environment = environment
        try Deadline.wait(for: "ssh-agent") {
            // 1: it has no keys. 2: it cannot be reached.
            try world.run(["ssh-add", "-l"], environment: environment).ending == .exited(1)
        }
    }

    /// Hands a module's keys over to the agent, with the card's PIN.
    func add(_ module: String) throws {
        try addTool(["-s", module]).checked()
    }

    /// Takes them from it.
    func remove(_ module: String) throws {
        try addTool(["-e", module]).checked()
    }

    /// The keys that it has, in the form of `authorized_keys`.
    func publicKeys() throws -> [String] {
        try addTool(["-L"]).lines.filter { $0.hasPrefix("ssh-") || $0.hasPrefix("ecdsa-") }
    }

    /// Lets it sign the file `message` in the world's home with a key.
    func sign(_ key: String) throws {
        let file = try world.home.write(key + "\n", to: "signer.pub")
        try world.run(
            ["ssh-keygen", "-Y", "sign", "-f", file, "-n", "test"], environment: environment,
            input: Array("message".utf8)
        ).checked()
    }

    private func addTool(_ arguments: [String]) throws -> ToolResult {
        try world.run(["ssh-add"] + arguments, environment: environment.merging(world.askpass()) { $1 })
    }
}
