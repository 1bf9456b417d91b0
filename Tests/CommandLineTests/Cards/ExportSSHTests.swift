import TestSupport
import Testing

/// `martlet export-ssh`, judged by ssh-keygen.
@Suite struct ExportSSHTests {
    @Test(
        "Each kind of key that OpenSSH knows",
        arguments: [
            ("yubikey57", "9a=rsa2048", "2048", "(RSA)"), ("yubikey57", "9e=p256", "256", "(ECDSA)"),
            ("yubikey57", "9c=p384", "384", "(ECDSA)"), ("openpgp34", "aut=p521", "521", "(ECDSA)"),
            ("yubikey57", "9a=ed25519", "256", "(ED25519)"), ("openpgp34", "aut=ed25519", "256", "(ED25519)"),
        ])
    func kinds(_ profile: String, _ key: String, _ bits: String, _ type: String) throws {
        let martlet = try MartletCommand(SimulatedCard(profile: profile, keys: [key]))
        let name = String(key.prefix { $0 != "=" })
        let line = try martlet.run("export-ssh", name, "--comment", "Jane's badge").checked().text
        let fields = try martlet.tool("ssh-keygen", "-l", "-f", "-", input: Array(line.utf8)).text.split(separator: " ")
        #expect(fields.first.map(String.init) == bits && fields.last.map(String.init) == type + "\n")
        #expect(line.hasSuffix(" Jane's badge\n"))
        // The same key as openssl takes it out of the certificate.
        let file = try martlet.publicKeyFile(name)
        let blob = line.split(separator: " ").prefix(2).joined(separator: " ")
        if type != "(ED25519)" {
            #expect(try martlet.tool("ssh-keygen", "-i", "-m", "PKCS8", "-f", file).text == blob + "\n")
        }
    }

    @Test("Without a name, the keys that can sign, with a comment that tells the card")
    func all() throws {
        let martlet = try MartletCommand(
            SimulatedCard(keys: ["9a=rsa2048", "9c=p256,nocert", "9d=x25519,nocert", "9e=ed25519"]))
        let lines = try martlet.run("export-ssh").checked().lines
        let serial = try #require(martlet.json("list").readers.first?.tokens.first?.serialNumber)
        #expect(
            lines.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
                == ["9A", "9C", "9E"].map { "\($0) of PIV \(serial)" })
        let module = try BuiltModule.path()
        let listed = try martlet.world.run("ssh-keygen", "-D", module).checked().lines
        // Debian 12's ssh-keygen leaves Ed25519 keys of a module out.
        #expect(
            lines.prefix(2).map { $0.split(separator: " ").prefix(2) }
                == listed.map { $0.split(separator: " ").prefix(2) })
    }

    @Test("A comment stays on its line")
    func comment() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let text = try martlet.run("export-ssh", "9a", "--comment", "a\nssh-rsa AAAA").checked().text
        #expect(text.split(separator: "\n").count == 1)
    }
}
