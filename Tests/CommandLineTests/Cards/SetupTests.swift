import Foundation
import TestSupport
import Testing

/// Keys that are generated, imported, moved and deleted, and attested.
@Suite struct SetupTests {
    private static let managementKey = [(awaited: "Management key of", line: SimulatedCard.managementKey)]
    private static let adminPIN = [(awaited: "Admin PIN of", line: "12345678")]
    private static let pin = [(awaited: "PIN of", line: SimulatedCard.pin)]

    private static func secret(_ profile: String) -> [(awaited: String, line: String)] {
        profile == "openpgp34" ? adminPIN : managementKey
    }

    @Test(
        "A key is made, its public key printed, and it signs",
        arguments: [
            ("yubikey57", "9a", "rsa2048", "RSA 2048", "-sha256"), ("yubikey57", "9c", "p384", "P-384", "-sha384"),
            ("openpgp34", "sig", "p256", "P-256", "-sha256"), ("openpgp34", "aut", "rsa3072", "RSA 3072", "-sha256"),
            ("openpgp34", "aut", "brainpoolP256r1", "brainpoolP256r1", "-sha256"),
        ])
    func generate(_ profile: String, _ key: String, _ algorithm: String, _ name: String, _ digest: String) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: []))
        let home = martlet.world.home
        let answer = try martlet.run(
            ["generate", key, "--algorithm", algorithm, "--output", home.file("public.pem")],
            typing: Self.secret(profile))
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(answer.errorText.contains("The card makes the key \(key.uppercased())."), "no spinner")
        #expect(!answer.errorText.contains(SimulatedCard.managementKey), "the management key was echoed")
        let made = try #require(martlet.json("list").readers.first?.tokens.first?.keys.first)
        #expect(made.key == key.uppercased() && made.algorithm == name && made.certificate == nil)
        let message = try home.write("message", to: "message")
        try martlet.run(["sign", key, message, "--output", home.file("signature")], typing: Self.pin).checked()
        try martlet.tool(
            "openssl", "dgst", digest, "-verify", home.file("public.pem"), "-signature", home.file("signature"), message
        )
    }

    @Test("Policies are the card's to tell, and a certificate comes with the key where a subject is named")
    func policies() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let answer = try martlet.run(
            [
                "generate", "9d", "--algorithm", "p256", "--pin-policy", "never", "--touch-policy", "cached",
                "--subject",
                "CN=Jane,O=X", "--days", "30",
            ], typing: Self.managementKey)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(answer.text.hasPrefix("-----BEGIN PUBLIC KEY-----\n"), "\(answer)")
        let key = try #require(martlet.json("list").readers.first?.tokens.first?.keys.first)
        #expect(key.pinPolicy == "never" && key.touchPolicy == "cached" && key.origin == "generated")
        #expect(key.certificate?.subject == "CN=Jane,O=X")
        #expect(try martlet.tool("cat", martlet.publicKeyFile("9d")).text == answer.text)
    }

    @Test(
        "A key that could not sign its certificate takes no other's place",
        arguments: [("yubikey57", "9d", "x25519"), ("openpgp34", "dec", "p256"), ("openpgp34", "dec", "x25519")])
    func unfitForSubject(_ profile: String, _ key: String, _ algorithm: String) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: ["\(key)=rsa2048"]))
        let before = try martlet.run("list", "--json").checked().text
        let answer = try martlet.run(
            "generate", key, "--algorithm", algorithm, "--subject", "J", "--replace")
        #expect(answer.ending == .exited(64), "\(answer)")
        #expect(answer.errorText.contains("cannot sign a certificate for itself"), "\(answer)")
        #expect(answer.errorText.contains("leave --subject out"), "\(answer)")
        #expect(try martlet.run("list", "--json").checked().text == before)
    }

    @Test("A card that does not tell its public keys gets a certificate with the key")
    func plainCard() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "plain-piv", keys: []))
        let command = ["generate", "9a", "--algorithm", "p256", "--subject", "Jane"]
        // Nor does it tell that the place is empty.
        let refused = try martlet.run(command)
        #expect(refused.ending == .exited(64) && refused.errorText.contains("--replace"), "\(refused)")
        let answer = try martlet.run(command + ["--replace"], typing: Self.managementKey + Self.pin)
        #expect(answer.ending == .exited(0), "\(answer)")
        let keys = try #require(martlet.json("list").readers.first?.tokens.first?.keys)
        #expect(keys.map(\.key) == ["9A"] && keys.first?.certificate?.subject == "CN=Jane")
    }

    @Test("The user writes where the card keeps the management key behind the PIN")
    func protectedKey() throws {
        let martlet = try MartletCommand(SimulatedCard.withProtectedManagementKey)
        let answer = try martlet.run(
            ["generate", "82", "--algorithm", "p256"], typing: [("Management key of", "")] + Self.pin)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(
            try martlet.json("info", "--reader", "00 00").readers.first?.tokens.first?.keys.contains { $0.key == "82" }
                == true)
    }

    @Test("Who types the PIN in the place of the management key types it once")
    func protectedKeyWithCertificate() throws {
        let martlet = try MartletCommand(SimulatedCard.withProtectedManagementKey)
        let answer = try martlet.run(
            ["generate", "82", "--algorithm", "p256", "--subject", "J"], typing: [("Management key of", "")] + Self.pin)
        #expect(answer.ending == .exited(0), "\(answer)")
        #expect(answer.errorText.components(separatedBy: "PIN of PIV").count == 2, "\(answer)")
    }

    @Test(
        "Where the output takes nothing the new key has its certificate, and the hint says so",
        arguments: [true, false])
    func fullOutput(_ isCertified: Bool) throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=rsa2048"]))
        let script = """
            "$0" generate 9a --algorithm p256 --replace \(isCertified ? "--subject J" : "") --pin-fd 3 >/dev/full \
                3<<<$'\(SimulatedCard.managementKey)\\n\(SimulatedCard.pin)'
            """
        let answer = try martlet.world.run(["bash", "-c", script, PackageRoot.program("martlet")])
        #expect(answer.ending == .exited(69) && answer.errorText.contains("cannot write standard output"), "\(answer)")
        let hint = isCertified ? "martlet certificate export 9a" : "martlet certificate request 9a"
        #expect(answer.errorText.contains("hint: the key 9A is made") && answer.errorText.contains(hint), "\(answer)")
        let key = try #require(martlet.json("list").readers.first?.tokens.first?.keys.first)
        #expect(key.algorithm == "P-256" && key.certificate?.subject == (isCertified ? "CN=J" : nil))
    }

    @Test("Days are a certificate's")
    func daysOfNothing() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let without = try martlet.run("generate", "9a", "--algorithm", "p256", "--days", "5")
        #expect(without.ending == .exited(64) && without.errorText.contains("--days is for --subject"), "\(without)")
    }

    @Test("What would take a key's place, or cannot be, changes nothing and asks for nothing")
    func refused() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let before = try martlet.run("list", "--json").checked().text
        let encrypted = martlet.world.home.file("encrypted.pem")
        try martlet.tool(
            "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes128", "-pass",
            "pass:secret", "-out", encrypted)
        for (arguments, code, error, hint) in [
            (["generate", "9a", "--algorithm", "p256"], 64, "there is a key 9A already", "--replace"),
            (["import", "9a", "/dev/null"], 65, "/dev/null holds no PKCS#8 private key", "openssl pkcs8"),
            (["import", "9c", encrypted], 65, "holds no PKCS#8 private key", "openssl pkcs8"),
            (["generate", "9c", "--algorithm", "p521"], 64, "the card has no p521 keys as 9C", "rsa2048"),
            (["move", "9a", "sig"], 64, "cannot be moved", "see martlet move --help"),
            (["move", "82", "83"], 1, "there is no key 82", "martlet list"),
            (["delete", "9c"], 1, "there is no key 9C", "martlet list"),
            (["delete", "9a"], 77, "nothing was changed", "type 9A"),
            (["attest", "9c"], 1, "there is no key 9C", "list"),
        ] as [([String], Int32, String, String)] {
            let answer = try martlet.run(arguments)
            #expect(answer.ending == .exited(code), "\(answer)")
            #expect(answer.errorText.contains(error) && answer.errorText.contains(hint), "\(answer)")
        }
        let unwritten = martlet.world.home.file("public.pem")
        let wrong = try martlet.run(
            ["generate", "9c", "--algorithm", "p256", "--output", unwritten],
            typing: [("Management key of", String(repeating: "00", count: 24))])
        #expect(wrong.ending == .exited(77) && wrong.errorText.contains("the management key is wrong"), "\(wrong)")
        #expect(!FileManager.default.fileExists(atPath: unwritten))
        #expect(try martlet.run("list", "--json").checked().text == before)
    }

    @Test(
        "A private key of openssl's is imported",
        arguments: [
            ("yubikey57", "9d", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
            ("yubikey57", "9a", ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]), ("yubikey57", "9e", ["ED25519"]),
            ("openpgp34", "dec", ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"]),
            ("openpgp34", "aut", ["ED25519"]),
        ])
    func imported(_ profile: String, _ key: String, _ algorithm: [String]) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: []))
        let home = martlet.world.home
        let file = home.file("key.pem")
        try martlet.world.run(["openssl", "genpkey", "-out", file, "-algorithm"] + algorithm).checked()
        let answer = try martlet.run(["import", key, file], typing: Self.secret(profile))
        #expect(answer.text == "The key \(key.uppercased()) is on the card.\n", "\(answer)")
        let expected = try martlet.tool("openssl", "pkey", "-in", file, "-pubout").text
        let request = home.file("request.pem")
        try martlet.run(
            ["certificate", "request", key, "--subject", "J", "--output", request],
            typing: key == "9e" ? [] : Self.pin
        ).checked()
        #expect(try martlet.tool("openssl", "req", "-in", request, "-noout", "-pubkey").text == expected)
        // From standard input it comes as DER, in the place of the first.
        let der = try martlet.tool("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", file, "-outform", "DER").output
        try home.write(der, to: "key.der")
        try martlet.run(["import", key, home.file("key.der"), "--replace"], typing: Self.secret(profile)).checked()
    }

    @Test("A key is moved, and deleted once its name was typed")
    func movedAndDeleted() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9d=p256"]))
        func keys() throws -> [String] {
            try #require(martlet.json("list", "--all").readers.first?.tokens.first?.keys.map(\.key)).filter {
                $0 != "F9"
            }
        }
        let moved = try martlet.run(["move", "9d", "82"], typing: Self.managementKey)
        #expect(moved.text == "The key 9D is 82 now.\n", "\(moved)")
        #expect(try keys() == ["82"])
        let kept = try martlet.run(["delete", "82"], typing: [("Type its name", "9d")])
        #expect(kept.ending == .exited(77), "\(kept)")
        #expect(try keys() == ["82"])
        let deleted = try martlet.run(
            ["delete", "82"],
            typing: [("Type its name", "82"), ("Management key of", SimulatedCard.managementKey)])
        #expect(deleted.text == "The key 82 is deleted.\n", "\(deleted)")
        try martlet.run(["certificate", "delete", "82"], typing: Self.managementKey).checked()
        #expect(try keys() == [])
    }

    @Test("An OpenPGP key is attested too, and no certificate is lost for that by accident")
    func openPGPAttestation() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "yubikey57-both", keys: []))
        let home = martlet.world.home
        try martlet.run(
            ["generate", "sig", "--algorithm", "p256", "--output", home.file("public.pem")], typing: Self.adminPIN
        ).checked()
        let attestation = home.file("attestation.pem")
        let attesting = ["attest", "sig", "--output", attestation]
        try martlet.run(attesting, typing: Self.pin).checked()
        try martlet.run("certificate", "export", "att", "--output", home.file("att.pem")).checked()
        #expect(
            try martlet.tool("openssl", "verify", "-partial_chain", "-CAfile", home.file("att.pem"), attestation)
                .text.hasSuffix(": OK\n"))
        #expect(
            try martlet.tool("openssl", "x509", "-in", attestation, "-noout", "-pubkey").text
                == martlet.tool("cat", home.file("public.pem")).text)
        // It lies where the key's certificate would.
        #expect(
            try martlet.tool("cat", martlet.publicKeyFile("sig")).text
                == martlet.tool("cat", home.file("public.pem")).text)
        let refused = try martlet.run(attesting + ["--force"])
        #expect(refused.ending == .exited(64) && refused.errorText.contains("add --replace"), "\(refused)")
        try martlet.run(attesting + ["--force", "--replace"], typing: Self.pin).checked()
    }

    @Test("An attestation is signed by the attestation key, over the key")
    func attestation() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let home = martlet.world.home
        try martlet.run("attest", "9a", "--output", home.file("attestation.pem")).checked()
        try martlet.run("certificate", "export", "f9", "--output", home.file("f9.pem")).checked()
        #expect(
            try martlet.tool(
                "openssl", "verify", "-partial_chain", "-CAfile", home.file("f9.pem"), home.file("attestation.pem")
            ).text.hasSuffix(": OK\n"))
        #expect(
            try martlet.tool("openssl", "x509", "-in", home.file("attestation.pem"), "-noout", "-pubkey").text
                == martlet.tool("cat", martlet.publicKeyFile("9a")).text)
    }
}
