import TestSupport
import Testing

extension SimulatorJudged {
    /// gpg's keys on the card: made there or moved there; they sign and decrypt, and let ssh in by gpg-agent.
    @Suite struct GnuPGKeyTests {
        /// What `key-attr` is told for each of the three keys, and what gpg calls it then.
        struct Kind: Sendable, CustomTestStringConvertible {
            let profile: String
            let attributes: [String]
            let name: String

            var testDescription: String { "\(profile): \(name)" }
        }

        static let kinds = [
            Kind(profile: "openpgp20", attributes: [], name: "rsa2048 rsa2048 rsa2048"),
            Kind(profile: "openpgp34", attributes: [], name: "rsa2048 rsa2048 rsa2048"),
            Kind(profile: "openpgp34", attributes: ["2", "1", "2", "1", "2", "1"], name: "ed25519 cv25519 ed25519"),
            Kind(profile: "openpgp34", attributes: ["2", "3", "2", "4", "2", "5"], name: "nistp256 nistp384 nistp521"),
            Kind(
                profile: "openpgp34", attributes: ["2", "6", "2", "7", "2", "3"],
                name: "brainpoolP256r1 brainpoolP384r1 nistp256"),
            Kind(profile: "yubikey57-both", attributes: [], name: "rsa2048 rsa2048 rsa2048"),
            Kind(
                profile: "yubikey57-both", attributes: ["2", "1", "2", "1", "2", "1"], name: "ed25519 cv25519 ed25519"),
        ]

        @Test("Keys made on the card", arguments: kinds)
        func generated(_ kind: Kind) throws {
            let world = try CardWorld(SimulatedCard(profile: kind.profile, keys: []))
            let gnupg = try GnuPG(world)
            if !kind.attributes.isEmpty {
                let arguments = ["key-attr"] + kind.attributes
                try gnupg.interact(["--expert", "--card-edit"], ["admin"] + arguments).checked()
            }
            #expect(try gnupg.cardStatus()["Key attributes"] == kind.name)
            let made = try gnupg.edit("generate", "n", "0", "Jane Doe", "jane@example.org", "", "O")
            try #require(made.text.contains("KEY_CREATED"), "\(made)")
            try signAndDecrypt(gnupg)
            let count = try #require(gnupg.cardStatus()["Signature counter"].flatMap { Int($0) })
            try signAndDecrypt(gnupg)
            #expect(try gnupg.cardStatus()["Signature counter"] == "\(count + 1)")

            let server = try SSHServer(world)
            try server.authorize(gnupg.sshPublicKey())
            let answer = try server.logIn(["-o", "IdentityFile=none"], environment: gnupg.environment)
            #expect(answer.text == "logged in\n", "\(answer)")
        }

        /// The primary key and the subkey, as gpg's parameters have them.
        static let moved = [
            ("Key-Type: RSA\nKey-Length: 2048", "Subkey-Type: RSA\nSubkey-Length: 2048"),
            ("Key-Type: EDDSA\nKey-Curve: ed25519", "Subkey-Type: ECDH\nSubkey-Curve: cv25519"),
            ("Key-Type: ECDSA\nKey-Curve: nistp256", "Subkey-Type: ECDH\nSubkey-Curve: nistp521"),
            ("Key-Type: ECDSA\nKey-Curve: secp256k1", "Subkey-Type: ECDH\nSubkey-Curve: brainpoolP512r1"),
        ]

        @Test("Keys moved to the card", arguments: ["openpgp34", "yubikey57-both"], moved)
        func imported(_ profile: String, _ parameters: (String, String)) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: []))
            let gnupg = try GnuPG(world)
            let file = try world.home.write(
                """
                %no-protection
                \(parameters.0)
                Key-Usage: sign
                \(parameters.1)
                Subkey-Usage: encrypt
                Name-Real: Jane Doe
                Name-Email: jane@example.org
                """, to: "parameters")
            try gnupg.run("--gen-key", file).checked()
            try gnupg.interact(
                ["--edit-key", "jane@example.org"], ["keytocard", "y", "1", "key 1", "keytocard", "2", "save"]
            ).checked()
            let status = try gnupg.cardStatus()
            #expect(status["Signature key"] != "[none]" && status["Encryption key"] != "[none]", "\(status)")
            let listed = try gnupg.run("--list-secret-keys").checked().text
            #expect(listed.contains("sec> ") && listed.contains("ssb> "), "\(listed)")
            try signAndDecrypt(gnupg)
        }

        /// gpg verifies what the card signs, and reads what was encrypted to it.
        private func signAndDecrypt(_ gnupg: GnuPG) throws {
            let world = gnupg.world
            let message = try world.home.write("judged\n", to: "message")
            let (signature, secret) = (world.home.newFile("signature"), world.home.newFile("secret"))
            try gnupg.run("--output", signature, "--detach-sign", message).checked()
            let verified = try gnupg.run("--verify", signature, message)
            #expect(verified.succeeded && verified.allText.contains("Good signature"), "\(verified)")
            try gnupg.run(
                "--trust-model", "always", "--recipient", "jane@example.org", "--output", secret, "--encrypt", message
            ).checked()
            #expect(try gnupg.run("--decrypt", secret).checked().text == "judged\n")
        }
    }
}
