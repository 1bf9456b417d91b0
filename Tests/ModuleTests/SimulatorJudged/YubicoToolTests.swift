import TestSupport
import Testing

extension SimulatorJudged {
    /// `yubico-piv-tool`, which looks only at readers whose name tells of a YubiKey.
    ///
    /// Debian 12's version 2.2 knows only management keys for Triple DES, which a YubiKey has up to firmware 5.6.
    @Suite struct YubicoToolTests {
        let world: CardWorld

        init() throws {
            world = try CardWorld(SimulatedCard(profile: "yubikey4-like", keys: []))
        }

        @Test("Keys are made on the card, and OpenSSL certifies them", arguments: ["RSA2048", "ECCP256"])
        func keyAndCertificate(_ algorithm: String) throws {
            let authority = try CertificateAuthority(folder: world.home)
            let key = world.home.file("key.pem"), back = world.home.file("back.pem")
            try piv("generate", "--slot", "9a", "--algorithm", algorithm, "--output", key).checked()
            let certificate = try authority.certify(key, subject: "Judged")
            try piv("import-certificate", "--slot", "9a", "--input", certificate).checked()
            try piv("read-certificate", "--slot", "9a", "--output", back).checked()
            #expect(try world.home.read("back.pem") == world.home.read("issued.pem"))

            let status = try piv("status").checked().text
            #expect(status.contains(algorithm) && status.contains("CN=Judged"))
            let signed = try piv(
                "verify-pin", "--pin", SimulatedCard.pin, "--action", "test-signature", "--slot", "9a", "--input", back)
            #expect(signed.succeeded && signed.allText.contains("verification."), "\(signed)")
        }

        @Test func tellsTheTriesLeft() throws {
            #expect(try piv("verify-pin", "--pin", SimulatedCard.pin).succeeded)
            #expect(try piv("status").checked().text.contains(/PIN tries left:\s+3/))
            let refused = try piv("verify-pin", "--pin", "111111")
            #expect(!refused.succeeded && refused.allText.contains("2 tries left"), "\(refused)")
            #expect(try piv("status").checked().text.contains(/PIN tries left:\s+2/))
            #expect(try piv("verify-pin", "--pin", SimulatedCard.pin).succeeded)
            #expect(try piv("status").checked().text.contains(/PIN tries left:\s+3/))
        }

        @Test func changesThePIN() throws {
            try piv("change-pin", "--pin", SimulatedCard.pin, "--new-pin", "654321").checked()
            #expect(try !piv("verify-pin", "--pin", SimulatedCard.pin).succeeded)
            #expect(try piv("verify-pin", "--pin", "654321").succeeded)
        }

        @Test func cardKeepsItsKeysWhenItIsPulledOut() throws {
            try piv("generate", "--slot", "9e", "--algorithm", "ECCP256", "--output", "key.pem").checked()
            try world.pullCard()
            #expect(try !piv("status").succeeded)
            try world.putCardBack()
            let attestation = try piv("attest", "--slot", "9e").checked()
            let key = try Tool.run(["openssl", "x509", "-noout", "-pubkey"], input: attestation.output).checked()
            #expect(try key.output == world.home.read("key.pem"))
        }

        private func piv(_ action: String, _ arguments: String...) throws -> ToolResult {
            try world.run(["yubico-piv-tool", "--action", action] + arguments)
        }
    }
}
