import TestSupport
import Testing

extension SimulatorJudged {
    /// The library of cards, judged by programs that know the real ones: OpenSC, gpg and `yubico-piv-tool` of Debian 12.
    @Suite("Profiles and quirks of cards") struct ProfileTests {
        /// PIV cards that OpenSC 0.23 uses. It does not know the G+D token (its pull request 3702 is of 2025), and of cards
        /// with the Global PIN alone it asks for the other one.
        static let cards = [
            "yubikey-neo", "yubikey42", "yubikey435", "yubikey54-fips", "yubikey57-fips", "yubikey-bio",
            "yubikey57-nfc",
            "yubikey57-acr122", "nitrokey3", "token2", "swissbit-ishield2", "canokey", "pivapplet", "dod-cac",
            "idemia-piv",
        ]

        /// What OpenSC 0.23 has code for, or copes with.
        static let quirks = [
            "select-full-aid", "select-loses-login", "discovery-6a80", "discovery-6985", "discovery-6d00",
            "missing-6400",
            "missing-6982", "missing-6a80", "missing-6d00", "missing-6f00", "empty-53", "empty-zeros",
            "empty-certificate",
            "absent-private-9000", "bytes-after-53", "bytes-after-certificate", "zeros-after-certificate", "gzip-80",
            "zlib",
            "verify-630x", "status-never-9000", "status-9000-after-select", "extended-6700", "extended-nothing",
            "longest-answer-255", "nitrokey-select", "no-discovery",
        ]

        private func card(_ profile: String, _ more: [String] = []) -> SimulatedCard {
            SimulatedCard(profile: profile, keys: ["9a=rsa2048", "9c=p256"], arguments: more)
        }

        @Test("OpenSC lists the certificates, logs in and signs", arguments: cards)
        func openSC(_ profile: String) throws { try judge(CardWorld(card(profile))) }

        @Test("OpenSC does so whatever the card does otherwise", arguments: quirks)
        func openSCQuirk(_ quirk: String) throws { try judge(CardWorld(card("yubikey57", ["--quirk", quirk]))) }

        private func judge(_ world: CardWorld) throws {
            let listed = try world.run("pkcs15-tool", "--list-certificates", "--short").checked().text
            #expect(listed.contains("Card has 2 Certificate(s)."), "\(listed)")
            #expect(try world.run("pkcs15-tool", "--verify-pin", "--pin", "123456").succeeded)
            let certificate = try world.run("pkcs15-tool", "--read-certificate", "01").checked().output
            let key = try Tool.run(["openssl", "x509", "-noout", "-pubkey"], input: certificate).checked().output
            let hash = [UInt8]((0..<32))
            let (input, output, file) = (
                world.home.file("hash"), world.home.file("signature"), world.home.file("key.pem")
            )
            try world.home.write(hash, to: "hash")
            try world.home.write(key, to: "key.pem")
            try world.run(
                "pkcs15-crypt", "--sign", "--key", "01", "--pin", "123456", "--pkcs1", "--sha-256", "--input", input,
                "--output", output, "--raw"
            ).checked()
            let verified = try Tool.run(
                "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", file, "-in", input, "-sigfile", output, "-pkeyopt",
                "digest:sha256")
            #expect(verified.succeeded, "\(verified)")
        }

        @Test(
            "yubico-piv-tool shows version and slots of cards that have Yubico's commands",
            arguments: [
                ("yubikey-neo", "1.0.4"), ("yubikey42", "4.2.4"), ("yubikey54-fips", "5.4.3"), ("yubikey-bio", "5.7.2"),
                ("nitrokey3", "6.6.6"), ("token2", "5.7.1"), ("canokey", "5.7.0"), ("pivapplet", "5.4.0"),
            ])
        func yubicoTool(_ profile: String, _ version: String) throws {
            let world = try CardWorld(card(profile))
            let shown = try world.run("yubico-piv-tool", "-r", "", "-a", "status").checked().text
            #expect(shown.contains("Version:\t\(version)") && shown.contains("Slot 9a"), "\(shown)")
        }

        @Test(
            "gpg knows the OpenPGP cards",
            arguments: [
                ("openpgp21", "2.1", ["sig=rsa2048", "dec=rsa2048", "aut=rsa2048"], "rsa2048 rsa2048 rsa2048"),
                ("zeitcontrol34", "3.4", ["sig=p256", "dec=p256", "aut=rsa2048"], "nistp256 nistp256 rsa2048"),
                ("gnuk", "2.0", ["sig=ed25519", "dec=x25519", "aut=rsa2048"], "ed25519 cv25519 rsa2048"),
                ("smartpgp", "3.4", ["sig=p256", "dec=p256", "aut=rsa2048"], "nistp256 nistp256 rsa2048"),
                ("yubikey-neo", "2.0", ["sig=rsa2048", "dec=rsa2048", "aut=rsa2048"], "rsa2048 rsa2048 rsa2048"),
                ("yubikey435", "2.1", ["sig=rsa2048", "dec=rsa2048", "aut=rsa2048"], "rsa2048 rsa2048 rsa2048"),
                ("yubikey52-both", "3.4", ["sig=ed25519", "dec=x25519", "aut=rsa2048"], "ed25519 cv25519 rsa2048"),
                ("nitrokey3", "3.4", ["sig=ed25519", "dec=x25519", "aut=rsa2048"], "ed25519 cv25519 rsa2048"),
                ("canokey", "3.4", ["sig=ed25519", "dec=x25519", "aut=rsa2048"], "ed25519 cv25519 rsa2048"),
            ])
        func gnupg(_ profile: String, _ version: String, _ keys: [String], _ attributes: String) throws {
            let gnupg = try GnuPG(CardWorld(SimulatedCard(profile: profile, keys: keys)))
            let status = try gnupg.cardStatus()
            #expect(status["Version"] == version && status["Key attributes"] == attributes, "\(status)")
        }
    }
}
