import TestSupport
import Testing

extension SimulatorJudged {
    /// OpenSC's `openpgp-tool`, `pkcs15-tool` and `pkcs15-init`.
    ///
    /// Of a card with both applications OpenSC takes PIV, so there it is told to take OpenPGP. Its PKCS#15 view of a
    /// card of version 2 was broken in Debian 12's version 0.23 (OpenSC's issue 2752), so only `openpgp-tool` judges
    /// that one.
    @Suite struct OpenPGPToolTests {
        static let profiles = ["openpgp34", "openpgp20", "yubikey57-both"]
        static let today = ["openpgp34", "yubikey57-both"]
        static let environment = ["OPENSC_DRIVER": "openpgp"]

        @Test("openpgp-tool shows the card, its holder and its keys", arguments: profiles)
        func openPGPTool(_ profile: String) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: ["sig=rsa2048"]))
            let answer = try run(world, "openpgp-tool", "--card-info", "--key-info", "--user-info").checked()
            #expect(answer.text.contains(profile == "openpgp20" ? /Version: +2\.0/ : /Version: +3\.4/))
            #expect(answer.text.contains(/Serial number: +12345678/) && answer.text.contains(/Sig Algorithm: +RSA2048/))
            #expect(answer.text.contains(/Sig Fingerprint: +([0-9a-f]{2}:){19}/))
        }

        @Test("openpgp-tool compares the PIN and has a key made", arguments: profiles)
        func openPGPToolWrites(_ profile: String) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: []))
            #expect(try run(world, "openpgp-tool", "--verify", "CHV1", "--pin", "123456").succeeded)
            #expect(try !run(world, "openpgp-tool", "--verify", "CHV1", "--pin", "111111").succeeded)
            #expect(try run(world, "openpgp-tool", "--verify", "CHV1", "--pin", "123456").succeeded)
            try run(
                world, "openpgp-tool", "--verify", "CHV3", "--pin", "12345678", "--gen-key", "3", "--key-type",
                "rsa2048"
            ).checked()
            let shown = try run(world, "openpgp-tool", "--key-info").checked().text
            #expect(shown.contains(/Aut Algorithm: +RSA2048/) && !shown.contains(/Aut Create Date: +1970/))
            // Where a card says in 7F66 how much it sends, OpenSC asks it for no more than the reader's limit, 256
            // bytes in vpcd's, and does not fetch the rest of the key that the fingerprint is made from.
            if profile != "openpgp34" { #expect(!shown.contains(/Aut Fingerprint: +00:00:00/)) }
        }

        @Test("pkcs15-tool finds three keys with their certificates", arguments: today)
        func pkcs15Tool(_ profile: String) throws {
            let world = try CardWorld(
                SimulatedCard(profile: profile, keys: ["sig=rsa2048", "dec=p256", "aut=ed25519"]))
            let answer = try run(
                world, "pkcs15-tool", "--list-keys", "--list-certificates", "--list-public-keys", "--short"
            ).checked().text
            for kind in ["Certificate(s)", "Private key(s)", "Public key(s)"] {
                #expect(answer.contains("Card has 3 \(kind)."))
            }
            for key in ["Signature key", "Encryption key", "Authentication key"] { #expect(answer.contains(key)) }
            let pin = ["--verify-pin", "--auth-id", "02", "--pin"]
            #expect(try run(world, ["pkcs15-tool"] + pin + ["123456"]).succeeded)
            #expect(try !run(world, ["pkcs15-tool"] + pin + ["111111"]).succeeded)
            for (id, name) in [("01", "SIG"), ("02", "DEC"), ("03", "AUT")] {
                let certificate = try run(world, "pkcs15-tool", "--read-certificate", id).checked().output
                let subject = try Tool.run(["openssl", "x509", "-noout", "-subject"], input: certificate).checked()
                #expect(subject.text == "subject=CN = Martlet \(name)\n")
            }
        }

        @Test("pkcs15-init stores a key and its certificate", arguments: today, ["01", "02", "03"])
        func pkcs15Init(_ profile: String, _ id: String) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: []))
            let (key, certificate) = (world.home.file("key.pem"), world.home.file("certificate.pem"))
            try Tool.run(
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", certificate,
                "-subj", "/CN=Stored"
            ).checked()
            let access = ["--id", id, "--auth-id", "03", "--verify-pin", "--pin", "12345678"]
            try run(world, ["pkcs15-init", "--store-private-key", key] + access).checked()
            try run(world, ["pkcs15-init", "--store-certificate", certificate] + access).checked()
            let back = try run(world, "pkcs15-tool", "--read-certificate", id).checked().text
            #expect(try back == String(decoding: world.home.read("certificate.pem"), as: UTF8.self))
            let keys = try run(world, "pkcs15-tool", "--list-public-keys", "--short").checked().text
            #expect(keys.contains("Card has 1 Public key(s).") && keys.contains(" \(id) "), "\(keys)")
        }

        @Test("PIV and OpenPGP of one card, by turns")
        func bothApplications() throws {
            let world = try CardWorld(
                SimulatedCard(
                    profile: "yubikey57-both",
                    keys: SimulatedCard.fourKeys + ["sig=rsa2048", "dec=p256", "aut=ed25519"]))
            let gnupg = try GnuPG(world)
            for _ in 0..<2 {
                let keys = try world.run("pkcs15-tool", "--list-keys", "--short").checked().text
                #expect(keys.contains("Card has 4 Private key(s).") && keys.contains("PIV AUTH key"))
                #expect(try gnupg.cardStatus()["Key attributes"] == "rsa2048 nistp256 ed25519")
                try gnupg.releaseCard()
            }
        }

        private func run(_ world: CardWorld, _ command: String...) throws -> ToolResult { try run(world, command) }

        private func run(_ world: CardWorld, _ command: [String]) throws -> ToolResult {
            try world.run(command, environment: Self.environment)
        }
    }
}
