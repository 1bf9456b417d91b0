import TestSupport
import Testing

/// The built module with programs that people use, on a card that nobody here wrote, behind a real pcscd.
@Suite(.enabled(if: PublicCard.packages != nil, PublicCard.isMissing))
struct PublicCardInWorldTests {
    private func tool(_ world: CardWorld, _ arguments: String...) throws -> ToolResult {
        try world.run(["pkcs11-tool", "--module", BuiltModule.path()] + arguments)
    }

    @Test func theWholeViewCostsTwelveCommands() throws {
        let world = try CardWorld(card: PublicCard.program("p256,p256,p384"))
        var shown: [String] = []
        let log = try world.apduLog {
            shown = try world.run("ssh-keygen", "-D", BuiltModule.path()).checked().lines
        }
        #expect(shown.count == 3, "\(shown)")
        #expect(shown.first?.hasSuffix(" Signature key") == true, "\(shown)")
        #expect(shown.last?.hasPrefix("ecdsa-sha2-nistp384 ") == true, "\(shown)")
        #expect(log.count <= 12, "\(log.map(\.description).joined(separator: "\n"))")
    }

    @Test func pkcs11ToolShowsTheTokenAndSigns() throws {
        let world = try CardWorld(card: PublicCard.program("p256,x25519,p256"))
        let slots = try tool(world, "--list-slots").checked().text
        #expect(slots.contains(/token label +: OpenPGP card \(User PIN\)/), "\(slots)")
        #expect(slots.contains(/token manufacturer +: unmanaged S\/N range/), "\(slots)")
        #expect(slots.contains(/token model +: OpenPGP card 3.4/), "\(slots)")
        #expect(slots.contains(/serial num +: ff4200001234/), "\(slots)")
        let objects = try tool(world, "--list-objects", "--login", "--pin", "123456").checked().text
        for label in ["Signature key", "Encryption key", "Authentication key"] {
            #expect(objects.contains(label), "\(objects)")
        }
        let message = try world.home.write("a message", to: "message")
        try tool(world, "--read-object", "--type", "pubkey", "--id", "03", "--output-file", "key.der").checked()
        for (id, file) in [("03", "signature3"), ("01", "signature1")] {
            try tool(
                world, "--login", "--pin", "123456", "--sign", "--id", id, "--mechanism", "ECDSA-SHA256",
                "--signature-format", "openssl", "--input-file", message, "--output-file", file
            ).checked()
        }
        let verified = try world.run(
            "openssl", "dgst", "-sha256", "-verify", "key.der", "-keyform", "DER", "-signature", "signature3", message)
        #expect(verified.text == "Verified OK\n", "\(verified)")
    }
}
