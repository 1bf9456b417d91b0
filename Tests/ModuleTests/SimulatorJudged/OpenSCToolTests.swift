import TestSupport
import Testing

extension SimulatorJudged {
    /// OpenSC's `piv-tool` and `pkcs15-tool`, on the new kind of card, on one without extended length, and on a plain
    /// PIV card with contacts.
    @Suite struct OpenSCToolTests {
        static let profiles = ["yubikey57", "yubikey-short", "plain-piv"]

        @Test("piv-tool names the card", arguments: profiles)
        func pivTool(_ profile: String) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: SimulatedCard.fourKeys))
            let answer = try world.run("piv-tool", "--name", "--serial").checked()
            #expect(answer.text.contains("Personal Identity Verification Card"))
            #expect(answer.text.contains(/([0-9A-F]{2} ){16}/), "the serial number is the GUID of the CHUID")
        }

        @Test("pkcs15-tool finds four keys with their certificates", arguments: profiles)
        func pkcs15Tool(_ profile: String) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: SimulatedCard.fourKeys))
            let answer = try world.run(
                "pkcs15-tool", "--list-keys", "--list-certificates", "--list-public-keys", "--short"
            ).checked().text
            #expect(answer.contains("Card has 4 Certificate(s)."))
            #expect(answer.contains("Card has 4 Private key(s)."))
            #expect(answer.contains("Card has 4 Public key(s)."))
            for key in ["PIV AUTH key", "SIGN key", "KEY MAN key", "CARD AUTH key"] { #expect(answer.contains(key)) }
            #expect(try world.run("pkcs15-tool", "--verify-pin", "--pin", SimulatedCard.pin).succeeded)
            #expect(try !world.run("pkcs15-tool", "--verify-pin", "--pin", "111111").succeeded)
        }
    }
}
