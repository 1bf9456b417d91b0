import TestSupport
import Testing

extension OpenPGPClients {
    /// The card's AES key, which another program has put there, and its random numbers.
    @Suite struct SymmetricKeyTests {
        private static let secret = String(repeating: "0F1E2D3C", count: 8)

        /// A card with an AES key: PUT DATA D5 after VERIFY of PW3.
        private func world() throws -> CardWorld {
            let world = try OpenPGPClients.world("openpgp34")
            try world.run(
                "opensc-tool", "-s", "00A4040006D27600012401", "-s", "00200083083132333435363738", "-s",
                "00DA00D520" + Self.secret
            ).checked()
            return world
        }

        @Test("pkcs11-tool encrypts and decrypts as OpenSSL does")
        func pkcs11Tool() throws {
            let world = try world(), tool = try tool(world)
            let vector = "000102030405060708090a0b0c0d0e0f"
            let plain = try world.home.write([UInt8](repeating: 0x61, count: 1024), to: "plain")
            let arguments = ["--id", "04", "--mechanism", "AES-CBC", "--iv", vector, "--input-file"]
            let cipher = world.home.file("cipher"), back = world.home.file("back")
            try tool.runLoggedIn(["--encrypt"] + arguments + [plain, "--output-file", cipher]).checked()
            let expected = try Tool.run(
                "openssl", "enc", "-aes-256-cbc", "-nopad", "-K", Self.secret, "-iv", vector, "-in", plain
            ).checked().output
            #expect(try world.home.read("cipher") == expected)
            try tool.runLoggedIn(["--decrypt"] + arguments + [cipher, "--output-file", back]).checked()
            #expect(try world.home.read("back") == world.home.read("plain"))
        }

        @Test func isShownAfterTheLogin() throws {
            let tool = try tool(world())
            let list = ["--list-objects", "--type", "secrkey"]
            #expect(try !tool.run(list).checked().text.contains("Secret Key Object"))
            let shown = try tool.runLoggedIn(list).checked().text
            #expect(shown.contains("Secret Key Object; AES") && shown.contains("label:      AES key"), "\(shown)")
            #expect(shown.contains("encrypt, decrypt") && shown.contains("never extractable") == false, "\(shown)")
            let without = try OpenPGPClients.tool(OpenPGPClients.world("openpgp34"))
            #expect(try !without.runLoggedIn(list).checked().text.contains("Secret Key Object"))
        }

        /// However much is wanted, the card is asked once.
        @Test func theCardIsAskedForRandomBytesOnce() throws {
            let world = try world(), tool = try tool(world)
            let file = world.home.file("random")
            let log = try world.apduLog {
                try tool.run(["--generate-random", "1000000", "--output-file", file]).checked()
            }
            #expect(log.count { $0.openPGPPurpose == "ask for random bytes" } == 1, "\(log)")
            #expect(try world.home.read("random").count == 1_000_000)
        }
    }
}
