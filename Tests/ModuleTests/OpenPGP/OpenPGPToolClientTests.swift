import TestSupport
import Testing

extension OpenPGPClients {
    /// `pkcs11-tool`; `MechanismTests` has what it does with each key.
    @Suite struct PKCS11ToolTests {
        /// The other curves, with hashes as long as they are.
        @Test(
            "A key on another curve signs",
            arguments: [
                ("p521", "ECDSA-SHA512"), ("brainpoolp256r1", "ECDSA-SHA256"), ("brainpoolp512r1", "ECDSA-SHA512"),
                ("secp256k1", "ECDSA-SHA256"),
            ])
        func signsOnOtherCurves(_ kind: String, _ mechanism: String) throws {
            let tool = try tool(world("openpgp34", [kind, "x25519", kind]))
            for id in ["01", "03"] {
                let verified = try tool.signAndVerify(KeyUse.message, id: id, with: SigningMechanism(mechanism))
                #expect(verified.succeeded, "\(id): \(verified)")
            }
        }

        /// Version 2.0 has one certificate, that of AUT, and short commands.
        @Test func signsOnAnOldCard() throws {
            let tool = try tool(world("openpgp20", ["rsa2048", "rsa2048", "rsa2048"]))
            for mechanism in SigningMechanism.rsa {
                let verified = try tool.signAndVerify(KeyUse.message, id: "03", with: mechanism)
                #expect(verified.succeeded, "\(mechanism): \(verified)")
            }
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
    }
}
