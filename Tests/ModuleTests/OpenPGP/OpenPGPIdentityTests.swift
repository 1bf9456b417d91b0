import TestSupport
import Testing

extension OpenPGPClients {
    /// What people's configurations name.
    @Suite struct IdentityTests {
        /// The fields of the token: label, manufacturer, model, serial number, as `pkcs11-tool --list-slots` shows them.
        static let identities: [(profile: String, setting: String?, expected: [String])] = [
            ("openpgp34", nil, ["Nitrokey", "OpenPGP card 3.4", "000f12345678"]),
            ("yubikey57-both", nil, ["Yubico", "OpenPGP card 3.4", "000612345678"]),
            ("openpgp34", "opensc", ["OpenPGP project", "PKCS#15 emulated", "000f12345678"]),
            ("yubikey57-both", "opensc", ["Yubico", "PKCS#15 emulated", "000612345678"]),
        ]

        @Test("The token's fields", arguments: identities)
        func tokenFields(_ profile: String, _ setting: String?, _ expected: [String]) throws {
            let tool = PKCS11Tool(
                world: try world(profile), module: try BuiltModule.path(),
                environment: setting.map { ["MARTLET_IDENTITY": $0] } ?? [:])
            let shown = fields(try tool.run(["--list-slots"]).checked().text)
            #expect(shown == [OpenPGPClients.token] + expected)
            guard setting == "opensc" else { return }
            let openSC = try tool.world.run(
                ["pkcs11-tool", "--module", "opensc-pkcs11.so", "--list-slots"],
                environment: SimulatorJudged.OpenPGPToolTests.environment
            ).checked().text
            #expect(shown == fields(openSC), "\(openSC)")
        }

        /// OpenSC's module has the same labels and ids in its two slots, but for the public keys' it has to log in.
        @Test("Labels and ids are OpenSC's", arguments: profiles)
        func labels(_ profile: String) throws {
            let world = try world(profile)
            let own = objects(try OpenPGPClients.tool(world).runLoggedIn(["--list-objects"]).checked().text)
            let expected = [("01", "SIG", "Signature"), ("02", "DEC", "Encryption"), ("03", "AUT", "Authentication")]
                .flatMap { (id, short, long) in
                    ["Certificate \(id) \(short) certificate", "Public \(id) \(long) key", "Private \(id) \(long) key"]
                }
            #expect(own == Set(expected))
            let openSC = try ["0", "1"].map { slot in
                try world.run(
                    ["pkcs11-tool", "--module", "opensc-pkcs11.so", "--slot-index", slot, "--login"]
                        + ["--pin", SimulatedCard.pin, "--list-objects"],
                    environment: SimulatorJudged.OpenPGPToolTests.environment
                ).checked().text
            }.joined()
            #expect(own == objects(openSC), "\(openSC)")
        }

        /// The four fields of the OpenPGP token in a listing.
        private func fields(_ listing: String) -> [String] {
            let lines = listing.split(separator: "\n").drop { !$0.hasSuffix(": \(OpenPGPClients.token)") }
            return ["token label", "token manufacturer", "token model", "serial num"].compactMap { name in
                let line = lines.first { $0.hasPrefix("  \(name) ") }
                return line?.split(separator: ":", maxSplits: 1).last.map { $0.drop { $0 == " " }.description }
            }
        }

        /// Kind, id and label of each certificate and key in a listing.
        private func objects(_ listing: String) -> Set<String> {
            var (found, kind, label) = (Set<String>(), "", "")
            for line in listing.split(separator: "\n") {
                if !line.hasPrefix(" ") { kind = line.split(separator: " ").first.map(String.init) ?? "" }
                if line.hasPrefix("  label:") { label = line.dropFirst(8).drop { $0 == " " }.description }
                if line.hasPrefix("  ID:") { found.insert("\(kind) \(line.suffix(2)) \(label)") }
            }
            return found
        }
    }
}
