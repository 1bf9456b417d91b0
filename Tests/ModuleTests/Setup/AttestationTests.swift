import TestSupport
import Testing

extension SetupClients {
    /// The card's attestations through PKCS#11: certificates that are read by their labels, and that openssl believes.
    @Suite struct AttestationTests {
        @Test("pkcs11-tool reads an attestation, and a listing makes the card make none")
        func isRead() throws {
            let world = try CardWorld(SimulatedCard(keys: ["9a=rsa2048", "9c=p256"]))
            let tool = PKCS11Tool(world: world, module: try BuiltModule.path())
            func read(_ name: String, _ arguments: String...) throws -> String {
                let (der, pem) = (world.home.newFile("a.der"), world.home.file(name))
                try tool.run(["--read-object", "--type", "cert", "--output-file", der] + arguments).checked()
                try Tool.run("openssl", "x509", "-inform", "DER", "-in", der, "-out", pem).checked()
                return pem
            }
            let authority = try read("f9.pem", "--id", "25")
            for (slot, id) in [("9a", "01"), ("9c", "02")] {
                let label = "X.509 Certificate for PIV Attestation \(slot)"
                for attestation in [
                    try read("label.pem", "--label", label), try read("id.pem", "--id", "f9\(slot)"),
                ] {
                    let judged = try Tool.run(
                        "openssl", "verify", "-partial_chain", "-CAfile", authority, attestation)
                    #expect(judged.text.hasSuffix(": OK\n"), "\(judged)")
                    #expect(
                        try Tool.run("openssl", "x509", "-in", attestation, "-noout", "-pubkey").text
                            == Tool.run("cat", tool.publicKey(id)).text)
                }
            }
            let listing = try world.apduLog(during: {
                let listed = try tool.runLoggedIn(["--list-objects"]).checked().text
                #expect(!listed.contains("Attestation"), "\(listed)")
            })
            #expect(!listing.contains { $0.command[1] == 0xF9 })
            #expect(try world.run("ssh-keygen", "-D", tool.module).checked().text.split(separator: "\n").count == 2)
        }

        @Test("An OpenPGP key's attestation is its certificate, and the maker's certificate an object")
        func ofOpenPGP() throws {
            let world = try CardWorld(SimulatedCard(profile: "yubikey57-both", keys: ["sig=p256"]))
            let tool = PKCS11Tool(world: world, module: try BuiltModule.path(), token: "OpenPGP card (User PIN)")
            let authority = world.home.file("authority.der")
            try tool.run(["--read-object", "--type", "cert", "--id", "81", "--output-file", authority]).checked()
            let subject = try Tool.run("openssl", "x509", "-inform", "DER", "-in", authority, "-noout", "-subject")
            #expect(subject.text.contains("OpenPGP Attestation"), "\(subject)")
            #expect(try !tool.run(["--list-objects"]).checked().text.contains("ATT certificate"))
        }
    }
}
