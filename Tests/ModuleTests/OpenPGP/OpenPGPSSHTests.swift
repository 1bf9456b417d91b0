import TestSupport
import Testing

extension OpenPGPClients {
    /// OpenSSH: its key listing, its agent, its client, and a login to a real server with the AUT key.
    @Suite struct SSHTests {
        /// Debian 12's OpenSSH takes RSA and ECDSA keys from a module, and skips others.
        @Test(
            "ssh-keygen shows each key, with a certificate or without", arguments: profiles + ["openpgp20"],
            [["rsa2048", "rsa2048", "rsa2048"], ["p256", "p384", "p521"], ["p256", "x25519", "ed25519"]])
        func keygen(_ profile: String, _ keys: [String]) throws {
            let isOld = profile == "openpgp20"
            if isOld, keys[0] != "rsa2048" { return }
            for suffix in ["", ",nocert"] {
                let world = try world(profile, keys.map { $0 + suffix })
                let shown = try world.run("ssh-keygen", "-D", BuiltModule.path()).checked().lines
                let labels = ["Signature key", "Encryption key", "Authentication key"]
                let expected = zip(keys, labels).filter { $0.0.hasPrefix("rsa") || $0.0.hasPrefix("p") }.map(\.1)
                #expect(shown.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") } == expected)
                let tool = try tool(world)
                for (line, label) in zip(shown, expected) {
                    let id = "0\((labels.firstIndex(of: label) ?? 0) + 1)"
                    if suffix.isEmpty, !isOld || id == "03" {
                        #expect(try line.hasPrefix(tool.certificate(id).sshPublicKey()), "\(label)")
                    } else if !line.contains("nistp384"), !line.contains("nistp521") {
                        // pkcs11-tool 0.23 cannot write those keys into a file.
                        #expect(try line.hasPrefix(publicKey(tool, id)), "\(label)")
                    }
                }
            }
        }

        @Test("The agent logs in with AUT", arguments: profiles, ["rsa2048,nocert", "rsa2048", "p256,nocert", "p256"])
        func agentLogsIn(_ profile: String, _ kind: String) throws {
            let world = try world(profile, ["p256", "x25519", kind])
            let server = try SSHServer(world)
            let agent = try SSHAgent(world)
            try agent.add(BuiltModule.path())
            let key = try publicKey(tool(world), "03")
            #expect(try agent.publicKeys().contains { $0.hasPrefix(key) })
            try server.authorize(key)
            let file = try world.home.write(key + "\n", to: "key.pub")
            for _ in 0..<2 {
                let answer = try server.logIn(
                    ["-o", "IdentitiesOnly=yes", "-i", file], environment: agent.environment)
                #expect(answer.text == "logged in\n", "\(answer)")
            }
            try agent.remove(BuiltModule.path())
            #expect(try agent.publicKeys() == [])
        }

        @Test("ssh itself logs in with AUT", arguments: profiles, ["rsa2048,nocert", "p256"])
        func clientLogsIn(_ profile: String, _ kind: String) throws {
            let world = try world(profile, ["p256", "x25519", kind])
            let server = try SSHServer(world)
            try server.authorize(publicKey(tool(world), "03"))
            let answer = try server.logIn(
                ["-o", "PKCS11Provider=\(BuiltModule.path())", "-o", "IdentityFile=none"], environment: world.askpass())
            #expect(answer.text == "logged in\n", "\(answer)")
        }

        /// The public key object in the form of `authorized_keys`, without a comment.
        private func publicKey(_ tool: PKCS11Tool, _ id: String) throws -> String {
            let (der, pem) = (tool.world.home.newFile("key.der"), tool.world.home.newFile("key.pem"))
            try tool.run(["--read-object", "--type", "pubkey", "--id", id, "--output-file", der]).checked()
            try Tool.run("openssl", "pkey", "-pubin", "-inform", "DER", "-in", der, "-out", pem).checked()
            let line = try Tool.run("ssh-keygen", "-i", "-m", "PKCS8", "-f", pem).checked().text
            return line.split(whereSeparator: \.isWhitespace).prefix(2).joined(separator: " ")
        }
    }
}
