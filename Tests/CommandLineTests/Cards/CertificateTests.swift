import TestSupport
import Testing

/// `martlet certificate`, judged by openssl.
@Suite struct CertificateTests {
    private static let managementKey = [(awaited: "Management key of", line: SimulatedCard.managementKey)]
    private static let pin = [(awaited: "PIN of", line: SimulatedCard.pin)]

    @Test(
        "A request says who asks, and is signed by the key",
        arguments: [
            ("yubikey57", "9a=rsa2048"), ("yubikey57", "9c=p384"), ("yubikey57", "9d=ed25519"),
            ("openpgp34", "sig=p256"), ("openpgp34", "aut=rsa2048"),
        ])
    func request(_ profile: String, _ key: String) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: [key]))
        let name = String(key.prefix { $0 != "=" })
        let subject = #"CN=Jane Doe\, Dr.,O=Grüße,C=DE"#
        let file = martlet.world.home.file("request.pem")
        let answer = try martlet.run(
            ["certificate", "request", name, "--subject", subject, "--output", file], typing: Self.pin)
        #expect(answer.ending == .exited(0), "\(answer)")
        let shown = try martlet.tool(
            "openssl", "req", "-in", file, "-verify", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb")
        #expect(shown.text == "subject=\(subject)\n")
        #expect(shown.errorText.contains("verify OK"))
        let publicKey = martlet.world.home.file("public.pem")
        try martlet.tool("openssl", "req", "-in", file, "-noout", "-pubkey", "-out", publicKey)
        #expect(
            try martlet.world.home.read("public.pem")
                == martlet.tool("cat", martlet.publicKeyFile(name)).output)
    }

    @Test("A self-signed certificate goes to a file, or to the card")
    func selfSigned() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256", "9e=rsa2048,nocert"]))
        let file = martlet.world.home.file("self.pem")
        let before = try martlet.run("certificate", "export", "9a").checked().text
        try martlet.run(
            ["certificate", "self-sign", "9a", "--subject", "Jane", "--days", "30", "--output", file], typing: Self.pin
        ).checked()
        #expect(try martlet.tool("openssl", "verify", "-check_ss_sig", "-CAfile", file, file).text.hasSuffix(": OK\n"))
        #expect(try martlet.run("certificate", "export", "9a").checked().text == before)
        let ending = martlet.world.home.file("ending")
        try martlet.tool("sh", "-c", "openssl x509 -in '\(file)' -noout -checkend 2505600 >'\(ending)'")
        #expect(try !martlet.world.run("openssl", "x509", "-in", file, "-noout", "-checkend", "2678400").succeeded)

        // 9E needs no PIN; the card has no certificate for it yet.
        let written = try martlet.run(
            ["certificate", "self-sign", "9e", "--subject", "CN=Door"], typing: Self.managementKey)
        #expect(written.text == "The certificate of 9E is written.\n", "\(written)")
        let onCard = martlet.world.home.file("card.pem")
        try martlet.run("certificate", "export", "9e", "--output", onCard).checked()
        #expect(
            try martlet.tool("openssl", "verify", "-check_ss_sig", "-CAfile", onCard, onCard).text.hasSuffix(": OK\n"))
        #expect(
            try martlet.json("list").readers.first?.tokens.first?.keys.last?.certificate?.subject == "CN=Door")
    }

    @Test("A certificate is written, exported as PEM and DER, and deleted")
    func written() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let file = martlet.world.home.file("new.pem")
        try martlet.run(
            ["certificate", "self-sign", "9a", "--subject", "New", "--output", file], typing: Self.pin
        ).checked()
        let imported = try martlet.run(["certificate", "import", "9a", file], typing: Self.managementKey)
        #expect(imported.text == "The certificate of 9A is written.\n", "\(imported)")
        #expect(try martlet.run("certificate", "export", "9a").checked().output == martlet.world.home.read("new.pem"))
        let der = try martlet.run("certificate", "export", "9a", "--format", "der").checked().output
        #expect(
            try martlet.tool("openssl", "x509", "-inform", "DER", input: der).output
                == martlet.world.home.read("new.pem"))
        let deleted = try martlet.run(["certificate", "delete", "9a"], typing: Self.managementKey)
        #expect(deleted.text == "The certificate of 9A is deleted.\n", "\(deleted)")
        #expect(try martlet.run("certificate", "export", "9a").ending == .exited(69))
        // DER is taken as well as PEM, and from standard input.
        _ = try martlet.world.home.write(der, to: "new.der")
        try martlet.run(
            ["certificate", "import", "9a", martlet.world.home.file("new.der")], typing: Self.managementKey
        ).checked()
        #expect(try martlet.run("certificate", "export", "9a", "--format", "der").checked().output == der)
    }

    @Test("What does not belong there, or comes from the wrong hand, changes nothing")
    func refused() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256", "9d=p256"]))
        let other = martlet.world.home.file("other.pem")
        try martlet.run("certificate", "export", "9d", "--output", other).checked()
        let own = martlet.world.home.file("own.pem")
        try martlet.run("certificate", "export", "9a", "--output", own).checked()
        let before = try martlet.world.home.read("own.pem")

        let misplaced = try martlet.run("certificate", "import", "9a", other)
        #expect(misplaced.ending == .exited(65), "\(misplaced)")
        #expect(misplaced.errorText.contains("writing to 9A: the certificate is for another key"), "\(misplaced)")
        for wrong in [String(repeating: "00", count: 24), "not hexadecimal", "0102"] {
            let stranger = try martlet.run(
                ["certificate", "import", "9a", own], typing: [("Management key of", wrong)])
            #expect(stranger.ending == .exited(77), "\(stranger)")
        }
        let unattended = try martlet.run("certificate", "delete", "9a")
        #expect(unattended.ending == .exited(77), "\(unattended)")
        let malformed = try martlet.world.home.write(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "bad.pem")
        let unread = try martlet.run("certificate", "import", "9a", malformed)
        #expect(unread.ending == .exited(65), "\(unread)")
        #expect(try martlet.run("certificate", "export", "9a").checked().output == before)

        let forced = try martlet.run("certificate", "import", "9a", other, "--force")
        #expect(forced.ending == .exited(65), "\(forced)")
        let empty = try martlet.run("certificate", "import", "9c", other)
        #expect(empty.ending == .exited(65) && empty.errorText.contains("no key 9C"), "\(empty)")
        #expect(try martlet.run("certificate", "export", "9a").checked().output == before)
    }

    @Test("A certificate is written where the card tells of no key, if that is wanted")
    func forced() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "plain-piv", keys: ["9a=p256", "9d=p256,nocert"]))
        let file = martlet.world.home.file("certificate.pem")
        try martlet.run("certificate", "export", "9a", "--output", file).checked()
        #expect(try martlet.run("certificate", "import", "9d", file).ending == .exited(65))
        try martlet.run(["certificate", "import", "9d", file, "--force"], typing: Self.managementKey).checked()
        #expect(
            try martlet.run("certificate", "export", "9d").checked().output
                == martlet.world.home.read("certificate.pem"))
    }
}
