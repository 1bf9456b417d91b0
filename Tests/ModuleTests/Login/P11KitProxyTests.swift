import TestSupport
import Testing

/// p11-kit: one module for all (`p11-kit-proxy.so`), and one for the cards of another place (`p11-kit-client.so`).
@Suite struct P11KitProxyTests {
    private static let folder = SystemLibraries.folder + "/"
    private static let proxy = folder + "p11-kit-proxy.so", client = folder + "pkcs11/p11-kit-client.so"

    @Test("The installation makes the module part of the proxy", arguments: TestedCard.usual)
    func proxy(_ card: TestedCard) throws {
        let world = try CardWorld(card.card)
        // No other module: OpenSC's would show the same token.
        for folder in ["/etc", "/usr/share/p11-kit/modules"] { try world.copySystemFolder(folder) }
        try world.run("sh", "-c", "rm -f /usr/share/p11-kit/modules/* /etc/pkcs11/modules/*").checked()
        let prefix = world.home.file("installed")
        try world.run(BuiltProducts.folder() + "/martlet", "install", "--prefix", prefix).checked()
        try signs(PKCS11Tool(world: world, module: Self.proxy, token: card.token), card)
    }

    @Test("A URI with token, id and type, or with object and type, selects one object", arguments: TestedCard.usual)
    func uris(_ card: TestedCard) throws {
        let bench = try Workbench(card)
        try bench.world.registerModule()
        for key in card.keys {
            let label = key.certificate.split(separator: " ").joined(separator: "%20")
            for (uri, type) in [(bench.uri(key), "Private key"), ("pkcs11:object=\(label);type=cert", "X.509")] {
                let answer = try bench.world.run(
                    "p11tool", "--batch", "--set-pin", SimulatedCard.pin, "--login", "--list-all", uri
                ).checked()
                #expect(answer.lines.filter { $0.hasPrefix("Object ") } == ["Object 0:"], "\(answer)")
                #expect(answer.text.contains("Type: \(type)") && answer.text.contains("ID: \(key.id)\n"), "\(answer)")
            }
        }
    }

    /// Both sign in turn, with the same key of the same card, in one process.
    @Test(
        "OpenSC's module and this one share a reader in one p11-kit",
        arguments: [
            TestedCard.piv(["rsa2048", "p256", "rsa2048", "p256"]),
            TestedCard.openPGP("openpgp34", signature: "p256", decryption: "rsa2048", authentication: "rsa2048"),
        ])
    func besideOpenSC(_ card: TestedCard) throws {
        let world = try CardWorld(card.card)
        try world.registerModule(beside: ["opensc-pkcs11.so"])
        let process = try CryptokiProcess(in: world, module: Self.proxy)
        try process("A1 initialize")
        var keys: [(session: String, key: String)] = []
        for slot in try process("A1 slots present") {
            let session = try process.first("A1 open \(slot) ro")
            try process("A1 login \(session) user \(SimulatedCard.pin)")
            let found = try process(
                "A1 find \(session) class=private id=hex:\(card.application == "PIV" ? "01" : "03")")
            if let key = found.first { keys.append((session, key)) }
        }
        try #require(keys.count == 2)
        var signatures: Set<[String]> = []
        for _ in 0..<4 {
            for (session, key) in keys {
                try process("A1 sign-init \(session) CKM_SHA256_RSA_PKCS \(key)")
                signatures.insert(try process("A1 sign \(session) zeros:100"))
            }
        }
        #expect(signatures.count == 1, "PKCS #1 v1.5 gives one signature for one message")
    }

    // MARK: Another place

    /// Starts a program without a card service: with a /run and a network of its own.
    private static let elsewhere = [
        "unshare", "--mount", "--net", "sh", "-c", #"mount -t tmpfs tmpfs /run && exec "$@""#, "sh",
    ]

    @Test("A process in another namespace uses the card through p11-kit's server", arguments: TestedCard.usual)
    func anotherNamespace(_ card: TestedCard) throws {
        let world = try CardWorld(card.card)
        try signs(tool(elsewhereIn: world, socket: serve(world), card), card)
    }

    @Test("A host at the other end of an ssh connection uses the card", arguments: TestedCard.usual)
    func anotherHost(_ card: TestedCard) throws {
        let world = try CardWorld(card.card), home = world.home
        let local = try serve(world), remote = home.file("remote.socket")
        let server = try SSHServer(world), identity = home.file("identity")
        try Tool.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", identity).checked()
        try server.authorize(String(decoding: home.read("identity.pub"), as: UTF8.self))
        // The connection lasts until the tests have used it.
        let connected = home.file("connected"), done = home.file("done")
        let forward = try world.startInBackground(
            server.command(
                ["-i", identity, "-R", "\(remote):\(local)"],
                running: "touch \(connected); until test -e \(done); do sleep 0.1; done"), log: "ssh.log")
        try Deadline.wait(for: "the connection") { try world.run("test", "-e", connected).succeeded }
        try signs(tool(elsewhereIn: world, socket: remote, card), card)
        try home.write("", to: "done")
        try Deadline.wait(for: "the end of the connection") {
            try !world.run("kill", "-0", String(forward)).succeeded
        }
    }

    /// Starts p11-kit's server for the module.
    /// - Returns: its socket.
    private func serve(_ world: CardWorld) throws -> String {
        let socket = world.home.file("p11.socket")
        _ = try world.startInBackground(
            ["p11-kit", "server", "--foreground", "--name", socket, "--provider", BuiltModule.path(), "pkcs11:"],
            log: "server.log")
        try Deadline.wait(for: "p11-kit's server") { try world.run("test", "-S", socket).succeeded }
        return socket
    }

    private func tool(elsewhereIn world: CardWorld, socket: String, _ card: TestedCard) -> PKCS11Tool {
        PKCS11Tool(
            world: world, module: Self.client, token: card.token,
            environment: ["P11_KIT_SERVER_ADDRESS": "unix:path=" + socket], starter: Self.elsewhere)
    }

    /// Expects that a tool's key signs.
    private func signs(_ tool: PKCS11Tool, _ card: TestedCard) throws {
        let verified = try tool.signAndVerify(
            Array("message".utf8), id: card.signer("rsa2048").id, with: SigningMechanism("SHA256-RSA-PKCS"))
        #expect(verified.succeeded, "\(verified)")
    }
}
