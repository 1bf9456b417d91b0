import TestSupport
import Testing

extension OpenPGPClients {
    /// `pkcs11-tool`, with each key of the card.
    @Suite struct PKCS11ToolTests {
        /// What a key is, and what it signs with.
        struct Kind: Sendable, CustomTestStringConvertible {
            let name: String
            let mechanisms: [SigningMechanism]
            var testDescription: String { name }

            init(_ name: String, _ mechanisms: [SigningMechanism]) { (self.name, self.mechanisms) = (name, mechanisms) }
        }

        static let kinds = [
            Kind("rsa2048", SigningMechanism.rsa), Kind("rsa4096", SigningMechanism.rsa),
            Kind("p256", SigningMechanism.ecdsa), Kind("p384", SigningMechanism.ecdsa),
            Kind("ed25519", SigningMechanism.eddsa),
        ]

        /// SIG and AUT. With PW1 valid for one signature, the login that was just made is for it.
        @Test("A key signs, OpenSSL verifies", arguments: profiles, kinds)
        func signs(_ profile: String, _ kind: Kind) throws {
            let tool = try tool(world(profile, [kind.name, "x25519", kind.name]))
            try signs(with: tool, kind)
        }

        /// The other curves, with hashes as long as they are.
        @Test(
            "A key on another curve signs",
            arguments: [
                ("p521", "ECDSA-SHA512"), ("brainpoolp256r1", "ECDSA-SHA256"), ("brainpoolp512r1", "ECDSA-SHA512"),
                ("secp256k1", "ECDSA-SHA256"),
            ])
        func signsOnOtherCurves(_ kind: String, _ mechanism: String) throws {
            let tool = try tool(world("openpgp34", [kind, "x25519", kind]))
            try signs(with: tool, Kind(kind, [SigningMechanism(mechanism)]))
        }

        /// Version 2.0 has one certificate, that of AUT, and short commands.
        @Test func signsOnAnOldCard() throws {
            let tool = try tool(world("openpgp20", ["rsa2048", "rsa2048", "rsa2048"]))
            try signs(with: tool, Kind("rsa2048", SigningMechanism.rsa), certificates: ["03"])
        }

        @Test("DEC decrypts what OpenSSL has encrypted", arguments: profiles, ["rsa2048", "rsa4096"])
        func decrypts(_ profile: String, _ kind: String) throws {
            let tool = try tool(world(profile, ["p256", kind, "p256"]))
            let home = tool.world.home
            try home.write("the secret", to: "plain")
            try Tool.run(
                "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", tool.certificate("02").publicKey(),
                "-in", home.file("plain"), "-out", home.file("cipher")
            ).checked()
            try tool.runLoggedIn([
                "--decrypt", "--mechanism", "RSA-PKCS", "--id", "02", "--input-file", home.file("cipher"),
                "--output-file", home.file("back"),
            ]).checked()
            #expect(try home.read("back") == Array("the secret".utf8))
        }

        @Test("It passes the tool's own test", arguments: profiles + ["openpgp20"])
        func passesItsOwnTest(_ profile: String) throws {
            let answer = try tool(world(profile, ["rsa2048", "rsa2048", "rsa2048"])).runLoggedIn(["--test"])
            #expect(answer.succeeded && answer.text.hasSuffix("No errors\n"), "\(answer)")
            #expect(answer.text.count { $0 == "\n" } > 20 && !answer.text.contains("no private key"), "\(answer)")
        }

        /// A card that pads signs with no other padding, and says so.
        @Test func offersNoPaddingThatTheCardHasNot() throws {
            let tool = try tool(world("openpgp34", ["rsa2048", "rsa2048", "rsa2048"]))
            let mechanisms = try tool.run(["--list-mechanisms"]).checked().lines
            let flags = { (name: String) in
                mechanisms.first { $0.hasPrefix("  \(name), ") }?.components(separatedBy: ", ").dropFirst(2)
                    .filter { !$0.hasPrefix("other flags") }
            }
            #expect(flags("RSA-PKCS-PSS") == ["verify"])
            #expect(flags("RSA-X-509") == ["encrypt", "verify", "verify_recover"])
            #expect(flags("SHA256-RSA-PKCS") == ["hw", "sign", "verify"])
        }

        /// Asked for its slots, the module shows both applications, whether or not somebody has asked for tokens before.
        @Test func showsBothApplications() throws {
            let world = try world("yubikey57-both", and: ["9a=p256"])
            let shown = try PKCS11Tool(world: world, module: BuiltModule.path()).run(["--list-slots"]).checked().text
            for label in ["Martlet 9a", OpenPGPClients.token] {
                #expect(shown.contains("token label        : \(label)\n"), "\(shown)")
            }
        }

        private func signs(with tool: PKCS11Tool, _ kind: Kind, certificates: [String] = ["01", "03"]) throws {
            for (id, mechanism) in kind.mechanisms.enumerated().flatMap({ [("01", $1), ("03", $1)] }) {
                let message = [UInt8]("It is this that is signed.......".utf8)
                if certificates.contains(id) {
                    let verified = try tool.signAndVerify(message, id: id, with: mechanism)
                    #expect(verified.succeeded, "\(id) \(mechanism): \(verified)")
                } else {
                    let data = try tool.world.home.write("message", to: "message")
                    try tool.runLoggedIn(
                        ["--sign", "--id", id, "--mechanism", mechanism.name, "--input-file", data]
                            + ["--output-file", "signature"]
                    ).checked()
                }
            }
        }
    }
}
