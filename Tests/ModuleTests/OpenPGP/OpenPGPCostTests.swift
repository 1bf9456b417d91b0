import TestSupport
import Testing

extension OpenPGPClients {
    /// What the card is asked, each command by its purpose.
    @Suite struct CostTests {
        /// The whole public view: three keys and three certificates, each read once.
        @Test func listingKeysForSSH() throws {
            let world = try world("openpgp34", ["rsa2048", "rsa2048", "p256"])
            let log = try world.apduLog { try world.run("ssh-keygen", "-D", BuiltModule.path()).checked() }
            let story = Comment(rawValue: log.map { $0.openPGPPurpose ?? "\($0)" }.joined(separator: "\n"))
            #expect(
                log.map(\.openPGPPurpose) == [
                    "select OpenPGP", "read the card's data", "select PIV", "read the key SIG", "read the key DEC",
                    "read the key AUT", "choose certificate 2", "read a certificate", "choose certificate 1",
                    "read a certificate", "choose certificate 0", "read a certificate",
                ], story)
        }

        @Test func handingKeysToTheAgent() throws {
            let world = try world("openpgp34", ["rsa2048", "rsa2048", "rsa2048"])
            let agent = try SSHAgent(world)
            let log = try world.apduLog { try agent.add(BuiltModule.path()) }
            let story = log.map { $0.openPGPPurpose ?? "\($0)" }
            #expect(log.count <= 15 && log.allSatisfy { $0.openPGPPurpose != nil }, "\(story)")
        }

        /// Who has not put any key into the second application of a card pays little for looking there.
        @Test func listingKeysBesideAnEmptyApplication() throws {
            let world = try world("yubikey57-both", [], and: SimulatedCard.fourKeys)
            let log = try world.apduLog { try world.run("ssh-keygen", "-D", BuiltModule.path()).checked() }
            #expect(log.count <= 12, "\(log.map { $0.openPGPPurpose ?? $0.purpose ?? "\($0)" })")
        }

        @Test(
            "A signature after the first is one command",
            arguments: [
                ("openpgp34", "03", "rsa2048", ["authenticate"]), ("openpgp34", "03", "rsa4096", ["authenticate"]),
                ("openpgp34", "03", "p256", ["authenticate"]), ("yubikey57-both", "03", "rsa2048", ["authenticate"]),
                ("yubikey57-both", "01", "rsa2048", ["sign"]), ("yubikey57-both", "01", "p256", ["sign"]),
            ])
        func signingAgain(_ profile: String, _ id: String, _ kind: String, _ expected: [String]) throws {
            let world = try world(profile, [kind, "rsa2048", kind])
            let session = try OpenPGPSession(world, profile)
            let key = id == "01" ? session.signature : session.authentication
            let mechanism = kind.hasPrefix("rsa") ? "CKM_SHA256_RSA_PKCS" : "CKM_ECDSA_SHA256"
            let sign = { () throws in
                try session.process("A sign-init \(session.handle) \(mechanism) \(key)")
                try session.process("A sign \(session.handle) message")
            }
            try sign()
            for _ in 0..<3 { #expect(try world.apduLog(during: { try sign() }).map(\.openPGPPurpose) == expected) }
        }

        @Test("pkcs11-tool logs in and signs with one key", arguments: [("openpgp34", 9), ("yubikey57-both", 18)])
        func signingOnce(_ profile: String, _ limit: Int) throws {
            let world = try world(profile, and: profile == "openpgp34" ? [] : ["9a=p256"]), tool = try tool(world)
            let message = try world.home.write("a message", to: "message")
            let log = try world.apduLog {
                try tool.runLoggedIn(
                    ["--sign", "--id", "03", "--mechanism", "ECDSA-SHA256", "--input-file", message]
                        + ["--output-file", "signature"]
                ).checked()
            }
            let story = log.map { $0.openPGPPurpose ?? $0.purpose ?? "\($0)" }
            #expect(log.count <= limit, "\(story)")
            #expect(story.count { $0.hasPrefix("verify ") } == 1, "\(story)")
        }
    }
}
