import TestSupport
import Testing

extension SetupClients {
    /// Keys and certificates that pkcs11-tool has put onto a card with Martlet's module are keys and certificates for
    /// OpenSC's own: it reads the same certificate, and signs with the key.
    @Suite struct OpenSCAgreesTests {
        @Test(
            "OpenSC's module reads and uses what was made and written", arguments: [Kind.yubiKey, .plainPIV, .openPGP])
        func usesIt(_ kind: Kind) throws {
            let tool = try kind.tool()
            let home = tool.world.home
            // RSA in AUT and 9C: with both OpenSC signs.
            let id = kind.profile == Kind.openPGP.profile ? "03" : "01"
            try tool.runAsOfficer(kind, ["--keypairgen", "--key-type", "rsa:2048", "--id", id]).checked()
            let made: String
            if kind.profile == Kind.plainPIV.profile {
                // The card tells no key: its certificate does, and the command line makes one with the key.
                let martlet = try PackageRoot.program("martlet")
                let command = ["generate", "9a", "--algorithm", "rsa2048", "--subject", "J", "--replace"]
                try tool.world.run(
                    [martlet] + command,
                    typing: [("Management key of", SimulatedCard.managementKey), ("PIN of", SimulatedCard.pin)]
                ).checked()
                made = try tool.publicKey(id)
            } else {
                made = try tool.publicKey(id)
                let authority = try CertificateAuthority(folder: home)
                let certificate = home.newFile("c.der")
                try Tool.run(
                    "openssl", "x509", "-in", authority.certify(made, subject: "Own"), "-outform", "DER", "-out",
                    certificate
                ).checked()
                try tool.runAsOfficer(kind, ["--write-object", certificate, "--type", "cert", "--id", id]).checked()
            }
            let opensc = PKCS11Tool(world: tool.world, module: "opensc-pkcs11.so")
            #expect(try Tool.run("cmp", tool.certificate(id).file, opensc.certificate(id).file).succeeded)
            let signed = try opensc.signAndVerify(
                Array("agreed".utf8), id: id, with: SigningMechanism("SHA256-RSA-PKCS"))
            #expect(signed.succeeded, "\(signed)")
            // A data object that is written through PKCS#11 is the one that OpenSC finds.
            guard kind.profile == Kind.yubiKey.profile else { return }
            let data = try home.write([0x01, 0x02, 0x03], to: "printed")
            let about = ["--type", "data", "--label", "Security Object", "--application-label", "Security Object"]
            try tool.runAsOfficer(kind, ["--write-object", data] + about).checked()
            let read = home.file("read")
            try tool.run(["--read-object", "--output-file", read] + about).checked()
            #expect(try Tool.run("cmp", data, read).succeeded)
            #expect(try opensc.run(["--list-objects", "--type", "data"]).checked().text.contains("Security Object"))
            try tool.runAsOfficer(kind, ["--delete-object"] + about).checked()
            #expect(try !tool.run(["--list-objects", "--type", "data"]).checked().text.contains("Security Object"))
        }
    }
}
