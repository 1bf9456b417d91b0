import TestSupport
import Testing

extension SetupClients {
    /// GnuTLS's `p11tool`, which makes up an id where it is given none.
    @Suite struct P11ToolSetupTests {
        private let world: CardWorld
        private let module: String

        init() throws {
            world = try CardWorld(SimulatedCard(keys: []))
            module = try BuiltModule.path()
        }

        private func p11tool(_ arguments: String...) throws -> ToolResult {
            try world.run(
                ["p11tool", "--provider", module, "--batch", "--so-login"] + arguments + ["pkcs11:manufacturer=Yubico"],
                environment: ["GNUTLS_PIN": SimulatedCard.pin, "GNUTLS_SO_PIN": SimulatedCard.managementKey])
        }

        @Test func keysAreGeneratedAndImported() throws {
            let pem = world.home.file("key.pem")
            try Tool.run(
                "openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", pem
            ).checked()
            let out = world.home.file("public.pem")
            try p11tool("--generate-ecc", "--curve", "secp256r1", "--id", "03", "--label", "x", "--outfile", out)
                .checked()
            try p11tool("--generate-rsa", "--bits", "2048", "--label", "y", "--outfile", out).checked()
            try p11tool("--write", "--load-privkey", pem, "--id", "04", "--label", "z").checked()
            let certificate = world.home.file("certificate.pem")
            try Tool.run(
                "openssl", "req", "-x509", "-new", "-key", pem, "-subj", "/CN=Own", "-out", certificate
            ).checked()
            try p11tool("--write", "--load-certificate", certificate, "--id", "04", "--label", "z").checked()
            let listed = try world.run(
                ["p11tool", "--provider", module, "--batch", "--login", "--list-all", "pkcs11:manufacturer=Yubico"],
                environment: ["GNUTLS_PIN": SimulatedCard.pin]
            ).checked().text
            #expect(try world.run("ssh-keygen", "-D", module).checked().text.split(separator: "\n").count == 3)
            // The key without an id went into the first empty place.
            for label in ["PIV AUTH key", "KEY MAN key", "CARD AUTH key", "Certificate for Card Authentication"] {
                #expect(listed.contains("Label: \(label)\n"), "\(label): \(listed)")
            }
        }
    }
}
