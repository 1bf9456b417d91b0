import TestSupport
import Testing

extension MainJob {
    /// OpenSC's `pkcs11-tool`, with every option that a person tries first. `MechanismTests` has its signatures.
    @Suite struct PKCS11ToolTests {
        private let tool: PKCS11Tool

        init() throws {
            tool = try PKCS11Tool(world: MainJob.manyKeys.get(), module: BuiltModule.path())
        }

        @Test func listsSlots() throws {
            let answer = try tool.run(["--list-slots"]).checked().text
            for line in [
                "Yubico YubiKey OTP+FIDO+CCID 00 00", "token label        : Martlet 9a",
                "login required, rng, token initialized, PIN initialized", "pin min/max        : 6/64",
            ] {
                #expect(answer.contains(line), "\(answer)")
            }
            #expect(answer.contains(/serial num +: [0-9a-f]{16}\n/))
        }

        @Test func listsMechanisms() throws {
            let answer = try tool.run(["--list-mechanisms"]).checked().text
            for mechanism in SigningMechanism.rsa + SigningMechanism.ecdsa + SigningMechanism.eddsa {
                #expect(answer.contains("  \(mechanism.name), keySize="), "\(mechanism.name)")
            }
        }

        /// An object as `pkcs11-tool --list-objects` shows it: what kind, and with which id and label.
        typealias Listed = (kind: String, id: String, label: String)

        static let publicObjects: [Listed] = [
            ("Certificate Object", "01", "Certificate for PIV Authentication"),
            ("Certificate Object", "02", "Certificate for Digital Signature"),
            ("Certificate Object", "03", "Certificate for Key Management"),
            ("Certificate Object", "04", "Certificate for Card Authentication"),
            ("Certificate Object", "05", "Retired Certificate for Key Management 1"),
            ("Certificate Object", "08", "Retired Certificate for Key Management 4"),
            ("Public Key Object", "01", "PIV AUTH pubkey"), ("Public Key Object", "02", "SIGN pubkey"),
            ("Public Key Object", "03", "KEY MAN pubkey"), ("Public Key Object", "04", "CARD AUTH pubkey"),
            ("Public Key Object", "05", "Retired KEY MAN 1"), ("Public Key Object", "08", "Retired KEY MAN 4"),
            ("Private Key Object", "04", "CARD AUTH key"),
        ]
        static let privateObjects: [Listed] = [
            ("Private Key Object", "01", "PIV AUTH key"), ("Private Key Object", "02", "SIGN key"),
            ("Private Key Object", "03", "KEY MAN key"), ("Private Key Object", "05", "Retired KEY MAN 1"),
            ("Private Key Object", "08", "Retired KEY MAN 4"),
        ]

        @Test func listsWhatIsPublic() throws {
            let answer = try tool.run(["--list-objects"]).checked().text
            for object in Self.publicObjects { #expect(shows(answer, object), "\(object)") }
            for object in Self.privateObjects { #expect(!shows(answer, object), "\(object)") }
        }

        /// The Key History counts certificates; a retired key without one is found by who names it.
        @Test func aKeyWithoutIndexIsFoundByItsID() throws {
            let key: Listed = ("Public Key Object", "09", "Retired KEY MAN 5")
            #expect(!shows(try tool.run(["--list-objects"]).checked().text, key))
            let der = try tool.run(["--read-object", "--type", "pubkey", "--id", "09"]).checked().output
            #expect(der.starts(with: [0x30, 0x59]), "a SubjectPublicKeyInfo of P-256")
        }

        @Test func listsEverythingAfterLogin() throws {
            let answer = try tool.runLoggedIn(["--list-objects"]).checked().text
            for object in Self.publicObjects + Self.privateObjects { #expect(shows(answer, object), "\(object)") }
            #expect(answer.contains(/SIGN key\n(  .*\n)*?  Access: +always authenticate/))
        }

        /// The card itself tells of such a key; one that cannot be asked has none to show.
        @Test(
            "A key without a certificate is shown and signs",
            arguments: [("yubikey57", true), ("yubikey4-like", false)])
        func keyWithoutCertificate(_ profile: String, _ isShown: Bool) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: ["9a=p256,nocert", "9e=p256"]))
            let tool = try PKCS11Tool(world: world, module: BuiltModule.path())
            let answer = try tool.runLoggedIn(["--list-objects"]).checked().text
            #expect(shows(answer, ("Private Key Object", "01", "PIV AUTH key")) == isShown)
            #expect(shows(answer, ("Public Key Object", "01", "PIV AUTH pubkey")) == isShown)
            #expect(shows(answer, ("Private Key Object", "04", "CARD AUTH key")))
            guard isShown else { return }
            let message = try world.home.write("message", to: "message")
            let (key, signature) = (world.home.file("key.der"), world.home.file("signature"))
            try tool.run(["--read-object", "--type", "pubkey", "--id", "01", "--output-file", key]).checked()
            try tool.runLoggedIn([
                "--sign", "--id", "01", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl",
                "--input-file", message, "--output-file", signature,
            ]).checked()
            try Tool.run(
                "openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", key, "-signature", signature, message
            ).checked()
        }

        @Test func passesItsOwnTest() throws {
            let answer = try tool.runLoggedIn(["--test"])
            #expect(answer.succeeded && answer.text.hasSuffix("No errors\n"), "\(answer)")
        }

        private func shows(_ listing: String, _ object: Listed) -> Bool {
            blocks(listing).contains { block in
                block[0].hasPrefix(object.kind)
                    && block.contains { $0.hasPrefix("  label: ") && $0.hasSuffix(" " + object.label) }
                    && block.contains { $0.hasPrefix("  ID: ") && $0.hasSuffix(" " + object.id) }
            }
        }

        /// The lines of each object in a listing: one at the margin, and those below it.
        private func blocks(_ listing: String) -> [[Substring]] {
            listing.split(separator: "\n").reduce(into: []) { blocks, line in
                if line.hasPrefix(" "), !blocks.isEmpty {
                    blocks[blocks.count - 1].append(line)
                } else {
                    blocks.append([line])
                }
            }
        }
    }
}
