import TestSupport
import Testing

extension MainJob {
    /// p11-kit and GnuTLS's `p11tool`, which find the module by a `.module` file in the system's folder.
    @Suite struct P11KitTests {
        private let world: CardWorld

        init() throws {
            world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
            try world.registerModule()
        }

        /// p11-kit 0.25 has `list-tokens`; before, `list-modules` shows them.
        @Test func listsTheToken() throws {
            let listed = try world.run("p11-kit", "list-tokens")
            let answer = try listed.succeeded ? listed : world.run("p11-kit", "list-modules").checked()
            #expect(answer.text.contains("token: Martlet 9a"), "\(answer)")
            #expect(answer.text.contains("martlet"))
        }

        @Test func p11toolListsTheTokenAndWhatIsOnIt() throws {
            #expect(try world.run("p11tool", "--list-tokens").checked().text.contains("token=Martlet%209a"))
            let answer = try p11tool("--list-all", "--login").checked().text
            for label in ["PIV AUTH key", "SIGN key", "KEY MAN key", "CARD AUTH key", "PIV AUTH pubkey"] {
                #expect(answer.contains("Label: \(label)\n"), "\(label)")
            }
            #expect(answer.contains("Label: Certificate for PIV Authentication\n"))
        }

        @Test("p11tool signs with a key and verifies", arguments: ["%01", "%02", "%03", "%04"])
        func p11toolSigns(_ id: String) throws {
            let answer = try p11tool("--test-sign", "--login", object: ";id=\(id);type=private")
            #expect(
                answer.succeeded && answer.allText.contains("Verifying against public key in the token... ok"),
                "\(answer)")
        }

        private func p11tool(_ options: String..., object: String = "") throws -> ToolResult {
            try world.run(
                ["p11tool", "--batch", "--set-pin", SimulatedCard.pin] + options + [
                    "pkcs11:token=Martlet%209a\(object)"
                ])
        }
    }
}
