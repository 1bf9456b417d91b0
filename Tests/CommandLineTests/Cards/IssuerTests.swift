import Foundation
import TestSupport
import Testing

/// Certificates with names and usages, and those that a key on the card signs for others: judged by OpenSSL, GnuTLS, NSS and
/// a KDC.
@Suite struct IssuerTests {
    private static let managementKey = (awaited: "Management key of", line: SimulatedCard.managementKey)
    private static let pin = (awaited: "PIN of", line: SimulatedCard.pin)

    /// A card with a key for an issuer in 9C, and one for a person in 9A.
    private static func card(_ issuer: String = "p256", _ person: String = "rsa2048") throws -> MartletCommand {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=\(person)", "9c=\(issuer)"]))
        try martlet.run(
            [
                "certificate", "self-sign", "9c", "--subject", "CN=Our CA,O=Example", "--ca", "--path-length", "0",
                "--days", "4000",
            ],
            typing: [pin, managementKey]
        ).checked()
        try martlet.run("certificate", "export", "9c", "--output", "ca.pem").checked()
        return martlet
    }

    /// What openssl shows of a certificate or a request.
    private func shown(_ martlet: MartletCommand, _ file: String, _ kind: String = "x509") throws -> String {
        try martlet.tool("openssl", kind, "-in", martlet.world.home.file(file), "-noout", "-text").text
    }

    @Test("A request and a self-signed certificate say what was asked for")
    func content() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let content = [
            "--dns", "a.example.org", "--dns", "b.example.org", "--email", "jane@example.org", "--ip", "192.0.2.1",
            "--ip",
            "2001:db8::1", "--upn", "jane@EXAMPLE.ORG", "--key-usage", "digital-signature,key-agreement",
            "--extended-key-usage", "client-auth,smartcard-logon,pkinit-client",
        ]
        try martlet.run(
            ["certificate", "request", "9a", "--subject", "Jane", "--output", "a.csr"] + content, typing: [Self.pin]
        ).checked()
        try martlet.run(
            [
                "certificate", "self-sign", "9a", "--subject", "Jane", "--output", "a.pem", "--not-before",
                "2026-01-31",
                "--not-after", "2030-02-28T12:00:00Z",
            ] + content, typing: [Self.pin]
        ).checked()
        let request = try shown(martlet, "a.csr", "req"), certificate = try shown(martlet, "a.pem")
        for text in [request, certificate] {
            for expected in [
                "DNS:a.example.org, DNS:b.example.org, email:jane@example.org, IP Address:192.0.2.1, "
                    + "IP Address:2001:DB8:0:0:0:0:0:1",
                "Digital Signature, Key Agreement\n",
                "TLS Web Client Authentication, Microsoft Smartcard Login, PKINIT Client Auth",
            ] { #expect(text.contains(expected), "\(expected) in \(text)") }
        }
        #expect(certificate.contains("Not Before: Jan 31 00:00:00 2026 GMT"), "\(certificate)")
        #expect(certificate.contains("Not After : Feb 28 12:00:00 2030 GMT"), "\(certificate)")
        let verified = try martlet.tool("openssl", "req", "-in", martlet.world.home.file("a.csr"), "-noout", "-verify")
        #expect(verified.errorText.contains("verify OK"))
        let names = try martlet.tool("certtool", "--certificate-info", "--infile", martlet.world.home.file("a.pem"))
            .text
        #expect(names.contains("jane@EXAMPLE.ORG"), "\(names)")
    }

    @Test(
        "A key on the card signs requests of others, and OpenSSL, GnuTLS and NSS verify them",
        arguments: [
            ("p256", "EC", "ec_paramgen_curve:P-384"), ("rsa2048", "RSA", "rsa_keygen_bits:2048"),
            ("ed25519", "ED25519", ""),
        ])
    func issuer(_ issuer: String, _ kind: String, _ option: String) throws {
        let martlet = try Self.card(issuer)
        let home = martlet.world.home
        try martlet.world.run(
            ["openssl", "genpkey", "-algorithm", kind, "-out", home.file("server.key")]
                + (option.isEmpty ? [] : ["-pkeyopt", option])
        ).checked()
        try martlet.tool(
            "openssl", "req", "-new", "-key", home.file("server.key"), "-subj", "/CN=server", "-out",
            home.file("server.csr"), "-addext", "subjectAltName=DNS:server.example.org", "-addext",
            "basicConstraints=CA:TRUE")
        try martlet.run(
            [
                "certificate", "sign", "9c", "server.csr", "--days", "30", "--extended-key-usage", "server-auth",
                "--output",
                "server.pem",
            ], typing: [Self.pin]
        ).checked()
        let text = try shown(martlet, "server.pem")
        #expect(text.contains("DNS:server.example.org") && text.contains("TLS Web Server Authentication"), "\(text)")
        #expect(!text.contains("CA:TRUE"), "a request makes no issuer: \(text)")
        let ca = home.file("ca.pem"), server = home.file("server.pem")
        #expect(
            try martlet.tool(
                "openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "server.example.org",
                "-CAfile", ca, server
            ).text.hasSuffix(": OK\n"))
        let gnutls = try martlet.tool(
            "certtool", "--verify", "--load-ca-certificate", ca, "--verify-hostname", "server.example.org", "--infile",
            server
        ).text
        #expect(gnutls.contains("Chain verification output: Verified. The certificate is trusted."), "\(gnutls)")
        let database = "sql:" + home.file("nss")
        try martlet.tool("mkdir", home.file("nss"))
        try martlet.tool("certutil", "-N", "-d", database, "--empty-password")
        let added = try martlet.world.run("certutil", "-A", "-d", database, "-n", "CA", "-t", "C,,", "-i", ca)
        // NSS 3.87 of Debian 12 knows no Ed25519: it does not even take the certificate.
        if issuer == "ed25519", added.errorText.contains("SEC_ERROR_ADDING_CERT") { return }
        #expect(added.succeeded, "\(added)")
        try martlet.tool("certutil", "-A", "-d", database, "-n", "server", "-t", ",,", "-i", server)
        #expect(
            try martlet.tool("certutil", "-V", "-d", database, "-n", "server", "-u", "V").text
                == "certutil: certificate is valid\n")
    }

    @Test(
        "No certificate outlives its issuer's: the usual time is cut, and another one is refused with a line that works"
    )
    func end() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256", "9c=p256"]))
        let home = martlet.world.home
        let ca = ["certificate", "self-sign", "9c", "--subject", "CA", "--ca", "--not-after", "2026-12-31T12:30:15Z"]
        try martlet.run(ca + ["--not-before", "2026-01-01"], typing: [Self.pin, Self.managementKey]).checked()
        try martlet.run(
            ["certificate", "request", "9a", "--subject", "Jane", "--output", "a.csr"], typing: [Self.pin]
        ).checked()
        let sign = ["certificate", "sign", "9c", "a.csr", "--not-before", "2026-02-01"]
        try martlet.run(sign + ["--output", "usual.pem"], typing: [Self.pin]).checked()
        #expect(try shown(martlet, "usual.pem").contains("Not After : Dec 31 12:30:15 2026 GMT"))
        let refused = try martlet.run(sign + ["--days", "365", "--output", "long.pem"])
        let hint = "give fewer --days, or --not-after 2026-12-31T12:30:15Z"
        #expect(refused.ending == .exited(64) && refused.errorText.contains(hint), "\(refused)")
        #expect(!FileManager.default.fileExists(atPath: home.file("long.pem")))
        let option = hint.split(separator: " ").suffix(2).map(String.init)
        try martlet.run(sign + option + ["--output", "last.pem"], typing: [Self.pin]).checked()
        #expect(try shown(martlet, "last.pem").contains("Not After : Dec 31 12:30:15 2026 GMT"))
    }

    @Test("An issuer below another one: no deeper than that allows, as openssl verifies")
    func below() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256", "9c=p256"]))
        let home = martlet.world.home
        try martlet.run(
            ["certificate", "self-sign", "9c", "--subject", "CA", "--ca", "--path-length", "2"],
            typing: [Self.pin, Self.managementKey]
        ).checked()
        try martlet.run("certificate", "export", "9c", "--output", "ca.pem").checked()
        try martlet.run(
            [
                "certificate", "request", "9a", "--subject", "Below", "--key-usage", "cert-sign,digital-signature",
                "--ca",
                "--output", "below.csr",
            ], typing: [Self.pin]
        ).checked()
        let sign = ["certificate", "sign", "9c", "below.csr"]
        let deeper = try martlet.run(sign + ["--ca", "--path-length", "2", "--output", "deeper.pem"])
        #expect(deeper.ending == .exited(64) && deeper.errorText.contains("allows only 1 issuers below"), "\(deeper)")
        #expect(deeper.errorText.contains("hint: give --path-length 1\n"), "\(deeper)")
        try martlet.run(sign + ["--ca", "--output", "below.pem"], typing: [Self.pin]).checked()
        #expect(try shown(martlet, "below.pem").contains("CA:TRUE, pathlen:1"))
        try martlet.tool("openssl", "verify", "-CAfile", home.file("ca.pem"), home.file("below.pem"))
        // Who is no issuer gets no right to sign certificates, whatever the request asks for.
        try martlet.run(sign + ["--output", "leaf.pem"], typing: [Self.pin]).checked()
        let leaf = try shown(martlet, "leaf.pem")
        #expect(leaf.contains("Digital Signature\n") && !leaf.contains("Certificate Sign"), "\(leaf)")
    }

    @Test("An issuer's certificate that has ended is made anew, as the hint says")
    func ended() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256", "9c=p256"]))
        let ca = ["certificate", "self-sign", "9c", "--subject", "CA", "--ca"]
        try martlet.run(
            ca + ["--not-before", "2020-01-01", "--not-after", "2021-01-01"], typing: [Self.pin, Self.managementKey]
        ).checked()
        try martlet.run(
            ["certificate", "request", "9a", "--subject", "Jane", "--output", "a.csr"], typing: [Self.pin]
        ).checked()
        let refused = try martlet.run(["certificate", "sign", "9c", "a.csr", "--output", "a.pem"])
        #expect(refused.errorText.contains("ends on 2021-01-01, before the new one would begin"), "\(refused)")
        let hint = "hint: make it anew: martlet certificate self-sign 9c --subject NAME --ca"
        #expect(refused.errorText.contains(hint), "\(refused)")
        try martlet.run(
            hint.split(separator: " ").dropFirst(5).map(String.init), typing: [Self.pin, Self.managementKey]
        ).checked()
        try martlet.run(["certificate", "sign", "9c", "a.csr", "--output", "a.pem"], typing: [Self.pin]).checked()
    }

    @Test("What no issuer should sign is refused, and nothing is written")
    func refused() throws {
        let martlet = try Self.card()
        let home = martlet.world.home
        try martlet.tool(
            "openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", home.file("k"), "-subj", "/CN=x",
            "-out",
            home.file("good.csr"))
        var der = Array(try martlet.tool("openssl", "req", "-in", home.file("good.csr"), "-outform", "DER").output)
        der[der.count - 1] ^= 1
        try home.write(der, to: "bad.csr")
        try home.write(Array(der.dropLast(20)), to: "short.csr")
        try martlet.tool(
            "openssl", "req", "-new", "-key", home.file("k"), "-sha1", "-subj", "/CN=x", "-out", home.file("sha1.csr"))
        for (arguments, code, error) in [
            (["9c", "bad.csr"], 65, "is not that of its key"), (["9c", "short.csr"], 65, "short.csr holds no request"),
            (["9c", "ca.pem"], 65, "ca.pem holds no request"), (["9c", "sha1.csr"], 65, "of a kind not known here"),
            (["9a", "good.csr"], 64, "the certificate of 9A is not an issuer's"),
            (["9c", "good.csr", "--days", "9000"], 64, "the issuer's certificate ends on"),
            (["9c", "good.csr", "--ip", "1.2.3"], 64, "'1.2.3' is no IP address"),
            (["9c", "good.csr", "--email", "jane"], 64, "'jane' is no address of mail"),
            (["9c", "good.csr", "--email", "jane@"], 64, "'jane@' is no address of mail"),
            (["9c", "good.csr", "--upn", "jane@@b"], 64, "'jane@@b' is no user of a domain"),
            (["9c", "good.csr", "--dns", "http://x/"], 64, "'http://x/' is no host"),
            (["9c", "good.csr", "--dns", "a..b"], 64, "'a..b' is no host"),
            (["9c", "good.csr", "--dns", "münchen.example"], 64, "has a form that begins with xn--"),
            (["9c", "good.csr", "--key-usage", "key-agreement,,crl-sign"], 64, "is invalid"),
            (["9c", "good.csr", "--key-usage", "cert-sign"], 64, "--key-usage cert-sign is for --ca"),
            (["9c", "good.csr", "--not-before", "9999-12-01", "--days", "300"], 64, "beyond the year 9999"),
            (["9c", "good.csr", "--ca"], 64, "allows no issuers below"),
            (["9c", "good.csr", "--upn", "jane"], 64, "'jane' is no user of a domain"),
            (["9c", "good.csr", "--key-usage", "everything"], 64, "The value 'everything' is invalid"),
            (["9c", "good.csr", "--not-before", "2026-02-30"], 64, "The value '2026-02-30' is invalid"),
            (["9c", "good.csr", "--not-after", "2001-01-01"], 64, "--not-after is before the first moment"),
            (["9c", "good.csr", "--path-length", "1"], 64, "--path-length is for --ca"),
        ] as [([String], Int32, String)] {
            let answer = try martlet.run(["certificate", "sign"] + arguments + ["--output", "out.pem"])
            #expect(answer.ending == .exited(code) && answer.errorText.contains(error), "\(answer)")
            #expect(answer.errorText.split(separator: "\n").count == 2, "\(answer)")
            #expect(!FileManager.default.fileExists(atPath: home.file("out.pem")))
        }
    }
}
