import CLibrary
import TestSupport

/// A real sshd on the loopback of a world, which lets in those whose keys it is told.
struct SSHServer {
    let world: CardWorld
    private static let port = "2222"

    /// Starts the server and waits until it listens.
    init(_ world: CardWorld) throws {
        self.world = world
        let home = world.home
        try Tool.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home.file("host_key")).checked()
        let configuration = try home.write(
            """
            Port \(Self.port)
            ListenAddress 127.0.0.1
            HostKey \(home.file("host_key"))
            AuthorizedKeysFile \(home.file("authorized_keys"))
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin yes
            """, to: "sshd_config")
        // Root of a user namespace has only one user to become. As that user itself, sshd does not try to.
        let asUser = getuid() == 0 ? [] : ["unshare", "--user", "--map-user=\(getuid())", "--map-group=\(getgid())"]
        _ = try world.startInBackground(asUser + ["/usr/sbin/sshd", "-D", "-e", "-f", configuration], log: "sshd.log")
        try Deadline.wait(for: "sshd") {
            try world.run("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(Self.port)").succeeded
        }
    }

    /// Lets in whoever has the private half of this key.
    func authorize(_ key: String) throws {
        try world.home.write(key + "\n", to: "authorized_keys")
    }

    /// Logs in and lets the server's side say a word.
    func logIn(_ options: [String], environment: [String: String]) throws -> ToolResult {
        try world.run(command(options, running: "echo logged in"), environment: environment)
    }

    /// The client's command that runs another one on the server's side.
    func command(_ options: [String], running command: String) throws -> [String] {
        let user = try Tool.run("id", "--user", "--name").checked().lines.first ?? "root"
        let known = world.home.file("known_hosts")
        return [
            "ssh", "-F", "none", "-p", Self.port, "-o", "StrictHostKeyChecking=no", "-o",
            "UserKnownHostsFile=\(known)",
        ] + options + ["\(user)@127.0.0.1", command]
    }
}

extension CardWorld {
    /// The variables by which ssh's programs ask for the PIN without a terminal: a program answers it.
    func askpass() throws -> [String: String] {
        let program = try home.write("#!/bin/sh\necho \(SimulatedCard.pin)\n", to: "askpass", mode: 0o700)
        return ["SSH_ASKPASS": program, "SSH_ASKPASS_REQUIRE": "force"]
    }
}
