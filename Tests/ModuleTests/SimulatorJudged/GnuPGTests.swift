import TestSupport
import Testing

extension SimulatorJudged {
    /// `gpg --card-status` and `gpg --card-edit`, through scdaemon.
    @Suite struct GnuPGTests {
        static let profiles = ["openpgp34", "openpgp20", "yubikey57-both"]

        @Test("gpg shows a card with keys", arguments: profiles)
        func cardStatus(_ profile: String) throws {
            let kinds = profile == "openpgp20" ? ["rsa2048", "rsa2048"] : ["ed25519", "x25519"]
            let gnupg = try GnuPG(
                CardWorld(
                    SimulatedCard(profile: profile, keys: ["sig=\(kinds[0])", "dec=\(kinds[1])", "aut=rsa2048"])))
            let status = try gnupg.cardStatus()
            #expect(status["Version"] == (profile == "openpgp20" ? "2.0" : "3.4"))
            #expect(status["Serial number"] == "12345678")
            let expected = profile == "openpgp20" ? "rsa2048 rsa2048 rsa2048" : "ed25519 cv25519 rsa2048"
            #expect(status["Key attributes"] == expected)
            #expect(status["PIN retry counter"] == "3 0 3")
            #expect(status["Signature PIN"] == (profile == "yubikey57-both" ? "not forced" : "forced"))
            for key in ["Signature key", "Encryption key", "Authentication key"] {
                #expect(status[key]?.contains(/^([0-9A-F]{4} +){9}[0-9A-F]{4}$/) == true, "\(status)")
            }
        }

        @Test("The holder's data, private data, forcesig", arguments: profiles)
        func data(_ profile: String) throws {
            let kind = profile == "openpgp20" ? "rsa2048" : "p256"
            let world = try CardWorld(SimulatedCard(profile: profile, keys: ["dec=\(kind)"]))
            let gnupg = try GnuPG(world)
            let before = try gnupg.cardStatus()
            try gnupg.edit(
                "name", "Doe", "Jane", "lang", "de", "login", "jane", "sex", "f", "url", "https://example.org",
                "privatedo 1", "one", "privatedo 2", "two", "privatedo 4", "four", "forcesig"
            ).checked()
            let status = try gnupg.cardStatus()
            #expect(status["Name of cardholder"] == "Jane Doe" && status["Language prefs"] == "de")
            #expect(status["Salutation"] == "Ms." && status["Login data"] == "jane")
            #expect(status["URL of public key"] == "https://example.org")
            #expect(status["Private DO 1"] == "one" && status["Private DO 2"] == "two")
            #expect(status["Signature PIN"] != before["Signature PIN"])
        }

        @Test("PINs are changed, and unblocked by the Reset Code", arguments: profiles)
        func passwords(_ profile: String) throws {
            let gnupg = try GnuPG(CardWorld(SimulatedCard(profile: profile, keys: [])))
            try gnupg.answer(.newPIN, "654321")
            try gnupg.answer(.newAdmin, "87654321")
            #expect(try succeeded(gnupg.edit("passwd", "1", "3", "q")))
            #expect(try !succeeded(gnupg.edit("verify")), "the old PIN")
            #expect(try gnupg.cardStatus()["PIN retry counter"] == "2 0 3")
            try gnupg.answer(.pin, "654321")
            #expect(try succeeded(gnupg.edit("verify")))
            try gnupg.answer(.admin, "87654321")
            try gnupg.answer(.reset, "resetting")
            #expect(try succeeded(gnupg.edit("passwd", "4", "q")))
            #expect(try gnupg.cardStatus()["PIN retry counter"] == "3 3 3")
            try gnupg.answer(.newPIN, "777777")
            #expect(try succeeded(gnupg.interact(["--card-edit"], ["unblock"])))
            try gnupg.answer(.pin, "777777")
            #expect(try succeeded(gnupg.edit("verify")))
        }

        @Test("kdf-setup, a PIN changed under it, factory-reset", arguments: ["openpgp34", "yubikey57-both"])
        func derivation(_ profile: String) throws {
            let gnupg = try GnuPG(CardWorld(SimulatedCard(profile: profile, keys: [])))
            try gnupg.edit("kdf-setup").checked()
            #expect(try gnupg.cardStatus()["KDF setting"] == "on")
            #expect(try succeeded(gnupg.edit("verify")))
            try gnupg.answer(.newPIN, "654321")
            #expect(try succeeded(gnupg.edit("passwd", "1", "q")))
            #expect(try !succeeded(gnupg.edit("verify")))
            try gnupg.answer(.pin, "654321")
            #expect(try succeeded(gnupg.edit("verify")))
            try gnupg.edit("factory-reset", "y", "yes").checked()
            #expect(try gnupg.cardStatus()["KDF setting"] == "off")
            try gnupg.answer(.pin, "123456")
            #expect(try succeeded(gnupg.edit("verify")))
        }

        /// Whether gpg did what it was asked: its exit status says nothing of single commands.
        private func succeeded(_ result: ToolResult) -> Bool {
            !result.text.contains("SC_OP_FAILURE") && !result.allText.contains("failed")
                && !result.allText.contains("gpg: error")
        }
    }
}
