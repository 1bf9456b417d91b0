import TestSupport
import Testing

extension SetupClients {
    /// Keys that `pkcs11-tool` has the card make, brings to it, and deletes.
    @Suite struct KeySetupTests {
        /// A key to be made: by its id, the tool's name for its kind, and a mechanism that signs with it.
        struct NewKey: Sendable, CustomTestStringConvertible {
            let kind: Kind
            let id: String
            let type: String
            /// What signs with it; nil where the tool cannot read the public key (0.23: P-384, P-521, Ed25519).
            let mechanism: String?

            init(_ kind: Kind, _ id: String, _ type: String, _ mechanism: String?) {
                (self.kind, self.id, self.type, self.mechanism) = (kind, id, type, mechanism)
            }

            var testDescription: String { "\(kind.profile) \(id) \(type)" }
        }

        static let made: [NewKey] = [
            NewKey(.yubiKey, "01", "rsa:2048", "SHA256-RSA-PKCS"),
            NewKey(.yubiKey, "01", "rsa:3072", "SHA256-RSA-PKCS"),
            NewKey(.yubiKey, "04", "EC:prime256v1", "ECDSA-SHA256"),
            NewKey(.yubiKey, "24", "EC:secp384r1", nil),
            NewKey(.yubiKey, "03", "EC:edwards25519", nil),
            NewKey(.yubiKey4, "01", "EC:prime256v1", "ECDSA-SHA256"),
            NewKey(.openPGP, "01", "rsa:2048", "SHA256-RSA-PKCS"),
            NewKey(.openPGP, "03", "rsa:2048", "SHA256-RSA-PKCS"),
            NewKey(.openPGP, "03", "EC:prime256v1", "ECDSA-SHA256"),
            NewKey(.openPGP, "01", "EC:secp521r1", nil),
            NewKey(.openPGP, "03", "EC:edwards25519", nil),
        ]

        @Test("The card makes a key", arguments: made) func isMade(_ key: NewKey) throws {
            let tool = try key.kind.tool()
            let made = try tool.runAsOfficer(
                key.kind, ["--keypairgen", "--key-type", key.type, "--id", key.id, "--label", "mine"])
            try #require(made.succeeded && made.text.contains("local"), "\(made)")
            // A card that does not tell its keys shows one to others once it has a certificate.
            if key.kind.profile == Kind.yubiKey4.profile { return }
            guard let mechanism = key.mechanism else { return }
            let publicKey = try tool.publicKey(key.id)
            #expect(try tool.signs(key.id, mechanism, publicKey: publicKey))
            let line = try Tool.run("ssh-keygen", "-i", "-m", "PKCS8", "-f", publicKey).checked().text
            let listed = try tool.world.run("ssh-keygen", "-D", tool.module).checked().text
            #expect(listed.contains(line.split(separator: " ")[1].filter { $0 != "\n" }), "\(listed)")
        }

        /// Without an id the key goes where none is; one in its place is replaced.
        @Test func theFirstEmptyPlaceIsTaken() throws {
            let tool = try Kind.yubiKey.tool()
            for id in ["01", "02"] {
                let made = try tool.runAsOfficer(.yubiKey, ["--keypairgen", "--key-type", "EC:prime256v1"]).checked()
                #expect(made.text.contains("ID:         \(id)"), "\(made)")
            }
            let first = try tool.publicKey("01")
            try tool.runAsOfficer(.yubiKey, ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "01"]).checked()
            #expect(try !Tool.run("cmp", first, tool.publicKey("01")).succeeded)
        }

        @Test(
            "A refusal names its reason; the tool has no name for CKR_CURVE_NOT_SUPPORTED, 0x140",
            arguments: [
                (Kind.yubiKey, ["--key-type", "EC:secp521r1", "--id", "01"], "0x140"),
                (.yubiKey, ["--key-type", "rsa:1000", "--id", "01"], "CKR_KEY_SIZE_RANGE"),
                (.yubiKey4, ["--key-type", "rsa:4096", "--id", "01"], "CKR_KEY_SIZE_RANGE"),
                (.yubiKey, ["--key-type", "rsa:2048", "--id", "30"], "CKR_ATTRIBUTE_VALUE_INVALID"),
                (.yubiKey4, ["--key-type", "rsa:2048"], "CKR_TEMPLATE_INCOMPLETE"),
                (.openPGP, ["--key-type", "EC:edwards25519", "--id", "02"], "0x140"),
            ])
        func isRefused(_ kind: Kind, _ arguments: [String], _ code: String) throws {
            let answer = try kind.tool().runAsOfficer(kind, ["--keypairgen"] + arguments)
            #expect(!answer.succeeded && answer.allText.contains(code), "\(answer)")
        }

        /// The user may not make keys unless the management key is behind the PIN.
        @Test func theUserGeneratesKeysWhereTheManagementKeyIsProtectedByThePIN() throws {
            let arguments = ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "05"]
            let refused = try Kind.yubiKey.tool().runLoggedIn(arguments)
            #expect(!refused.succeeded && refused.allText.contains("CKR_USER_NOT_LOGGED_IN"), "\(refused)")
            let world = try CardWorld(SimulatedCard.withProtectedManagementKey)
            try PKCS11Tool(world: world, module: BuiltModule.path()).runLoggedIn(arguments).checked()
        }

        static let imported: [(Kind, String, [String], String)] = [
            (.yubiKey, "01", ["RSA", "rsa_keygen_bits:2048"], "SHA256-RSA-PKCS"),
            (.yubiKey, "05", ["EC", "ec_paramgen_curve:P-256"], "ECDSA-SHA256"),
            (.openPGP, "01", ["RSA", "rsa_keygen_bits:2048"], "SHA256-RSA-PKCS"),
            (.openPGP, "03", ["EC", "ec_paramgen_curve:P-256"], "ECDSA-SHA256"),
        ]

        @Test("A key is imported, certified, and used", arguments: imported.indices)
        func isImported(_ index: Int) throws {
            let (kind, id, parameters, mechanism) = Self.imported[index]
            let tool = try kind.tool()
            let home = tool.world.home
            let (pem, der, publicKey) = (home.newFile("k.pem"), home.newFile("k.der"), home.newFile("p.pem"))
            try Tool.run(
                "openssl", "genpkey", "-algorithm", parameters[0], "-pkeyopt", parameters[1], "-out", pem
            ).checked()
            try Tool.run("openssl", "pkey", "-in", pem, "-outform", "DER", "-out", der).checked()
            try Tool.run("openssl", "pkey", "-in", pem, "-pubout", "-out", publicKey).checked()
            try tool.runAsOfficer(kind, ["--write-object", der, "--type", "privkey", "--id", id]).checked()
            #expect(try tool.signs(id, mechanism, publicKey: publicKey))
            #expect(try Tool.run("cmp", tool.publicKey(id), publicKey).succeeded)
            let line = try Tool.run("ssh-keygen", "-i", "-m", "PKCS8", "-f", publicKey).checked().text
            let key = line.split(separator: " ")[1].filter { $0 != "\n" }
            #expect(try tool.world.run("ssh-keygen", "-D", tool.module).checked().text.contains(key))

            let authority = try CertificateAuthority(folder: home)
            let about = ["--type", "cert", "--id", id]
            let own = try Self.certificate(authority, publicKey, home)
            try tool.runAsOfficer(kind, ["--write-object", own] + about).checked()
            #expect(try Tool.run("cmp", own, tool.certificate(id).file).succeeded)
            // One of another key is refused, and leaves what is there.
            let foreign = try Self.certificate(authority, Self.otherKey(home), home)
            let refused = try tool.runAsOfficer(kind, ["--write-object", foreign] + about)
            #expect(!refused.succeeded && refused.allText.contains("CKR_ATTRIBUTE_VALUE_INVALID"), "\(refused)")
            #expect(try Tool.run("cmp", own, tool.certificate(id).file).succeeded)
        }

        @Test func aKeyIsDeleted() throws {
            let tool = PKCS11Tool(
                world: try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)), module: try BuiltModule.path())
            try tool.runAsOfficer(.yubiKey, ["--delete-object", "--type", "privkey", "--id", "01"]).checked()
            // The certificate is an object of its own.
            #expect(try tool.run(["--read-object", "--type", "cert", "--id", "01"]).succeeded)
            let data = try tool.world.home.write("a message", to: "message")
            let signed = try tool.runLoggedIn(
                ["--sign", "--id", "01", "--mechanism", "SHA256-RSA-PKCS", "--input-file", data])
            #expect(!signed.succeeded, "\(signed)")
            try tool.runAsOfficer(.yubiKey, ["--delete-object", "--type", "cert", "--id", "01"]).checked()
            // Three are left.
            #expect(
                try tool.world.run("ssh-keygen", "-D", tool.module).checked().text.split(separator: "\n").count == 3)
        }

        /// yubico-piv-tool of Debian 12 attests and reads what the module has set up.
        @Test func yubicosToolAgrees() throws {
            let tool = try Kind.yubiKey4.tool()
            try tool.runAsOfficer(.yubiKey4, ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "01"]).checked()
            let attestation = tool.world.home.file("attestation.pem")
            func piv(_ arguments: String...) throws -> ToolResult {
                try tool.world.run(["yubico-piv-tool", "--reader", "", "--action"] + arguments)
            }
            try piv("attest", "--slot", "9a", "--output", attestation).checked()
            #expect(try piv("status").checked().text.contains("CHUID:\t3019"))
            let authority = try CertificateAuthority(folder: tool.world.home)
            let publicKey = tool.world.home.newFile("attested.pem")
            try Tool.run("openssl", "x509", "-in", attestation, "-noout", "-pubkey", "-out", publicKey).checked()
            let certificate = try Self.certificate(authority, publicKey, tool.world.home)
            try tool.runAsOfficer(.yubiKey4, ["--write-object", certificate, "--type", "cert", "--id", "01"]).checked()
            #expect(try piv("status").checked().text.contains("CN=Own"))
            #expect(try tool.signs("01", "ECDSA-SHA256", publicKey: publicKey))
        }

        private static func certificate(
            _ authority: CertificateAuthority, _ publicKey: String, _ home: TemporaryDirectory
        ) throws -> String {
            let der = home.newFile("certificate.der")
            try Tool.run(
                "openssl", "x509", "-in", authority.certify(publicKey, subject: "Own"), "-outform", "DER", "-out", der
            ).checked()
            return der
        }

        private static func otherKey(_ home: TemporaryDirectory) throws -> String {
            let (pem, publicKey) = (home.newFile("other.pem"), home.newFile("other.pub"))
            try Tool.run(
                "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", pem
            ).checked()
            try Tool.run("openssl", "pkey", "-in", pem, "-pubout", "-out", publicKey).checked()
            return publicKey
        }
    }
}
