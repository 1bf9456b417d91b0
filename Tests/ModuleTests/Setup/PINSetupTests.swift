import TestSupport
import Testing

extension SetupClients {
    /// PINs that `pkcs11-tool` sets, and applications that it puts back to the factory's state.
    @Suite struct PINSetupTests {
        @Test("The SO gives the user a PIN", arguments: [Kind.yubiKey, .openPGP])
        func isInitialised(_ kind: Kind) throws {
            let tool = try kind.tool()
            try tool.runAsOfficer(kind, ["--init-pin", "--new-pin", "654321"]).checked()
            #expect(try tool.run(["--login", "--pin", "654321", "--list-objects"]).succeeded)
        }

        /// On a PIV card it is the PUK that gives the PIN another value, whoever made the card.
        @Test(arguments: [Kind.yubiKey, .yubiKey4, .plainPIV])
        func theSOLogsInWithThePUK(_ kind: Kind) throws {
            let tool = try kind.tool()
            let officer = Kind(profile: kind.profile, officer: "12345678")
            try tool.runAsOfficer(officer, ["--init-pin", "--new-pin", "654321"]).checked()
            try tool.runAsOfficer(officer, ["--change-pin", "--new-pin", "87654321"]).checked()
            let refused = try tool.runAsOfficer(officer, ["--init-pin", "--new-pin", "111111"])
            #expect(!refused.succeeded && refused.allText.contains("CKR_PIN_INCORRECT"), "\(refused)")
            #expect(try tool.run(["--login", "--pin", "654321", "--list-objects"]).succeeded)
        }

        @Test("The user changes the PIN", arguments: [Kind.yubiKey, .yubiKey4, .plainPIV, .openPGP])
        func isChanged(_ kind: Kind) throws {
            let tool = try kind.tool()
            let refused = try tool.run(["--login", "--pin", SimulatedCard.pin, "--change-pin", "--new-pin", "1"])
            #expect(!refused.succeeded && refused.allText.contains("CKR_PIN_LEN_RANGE"), "\(refused)")
            try tool.run(["--login", "--pin", SimulatedCard.pin, "--change-pin", "--new-pin", "654321"]).checked()
            #expect(try tool.run(["--login", "--pin", "654321", "--list-objects"]).succeeded)
            #expect(try !tool.run(["--login", "--pin", SimulatedCard.pin, "--list-objects"]).succeeded)
        }

        @Test("A blocked PIN is unblocked with the PUK", arguments: [Kind.yubiKey, .plainPIV])
        func isUnblocked(_ kind: Kind) throws {
            let tool = try kind.tool()
            for _ in 0..<3 { #expect(try !tool.run(["--login", "--pin", "999999", "--list-objects"]).succeeded) }
            let blocked = try tool.runLoggedIn(["--list-objects"])
            #expect(blocked.allText.contains("CKR_PIN_LOCKED"), "\(blocked)")
            let refused = try tool.run(["--unlock-pin", "--puk", "00000000", "--new-pin", "654321"])
            #expect(!refused.succeeded && refused.allText.contains("CKR_PIN_INCORRECT"), "\(refused)")
            try tool.run(["--unlock-pin", "--puk", "12345678", "--new-pin", "654321"]).checked()
            #expect(try tool.run(["--login", "--pin", "654321", "--list-objects"]).succeeded)
        }

        @Test("A blocked PIN is unblocked with the resetting code")
        func isUnblockedByTheResettingCode() throws {
            let tool = try Kind.openPGP.tool()
            let code = [("New reset code:", "87654321"), ("New reset code again:", "87654321")]
            try tool.world.run(
                [PackageRoot.program("martlet"), "pin", "change-code"], typing: [("Admin PIN of", "12345678")] + code
            ).checked()
            for _ in 0..<3 { #expect(try !tool.run(["--login", "--pin", "999999", "--list-objects"]).succeeded) }
            let refused = try tool.run(["--unlock-pin", "--puk", "00000000", "--new-pin", "654321"])
            #expect(!refused.succeeded && refused.allText.contains("CKR_PIN_INCORRECT"), "\(refused)")
            try tool.run(["--unlock-pin", "--puk", "87654321", "--new-pin", "654321"]).checked()
            #expect(try tool.run(["--login", "--pin", "654321", "--list-objects"]).succeeded)
        }

        @Test("The SO's secret is changed", arguments: [Kind.yubiKey, .openPGP])
        func theSOChangesItsSecret(_ kind: Kind) throws {
            let tool = try kind.tool()
            let new = String(kind.officer.reversed())
            try tool.runAsOfficer(kind, ["--change-pin", "--new-pin", new]).checked()
            let making = ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "03"]
            #expect(try !tool.runAsOfficer(kind, making).succeeded)
            try tool.runAsOfficer(Kind(profile: kind.profile, officer: new), making).checked()
        }

        /// Nothing is lost by accident: the label must be the serial number, and the SO's secret the right one.
        @Test("An application is put back to the factory's state", arguments: [Kind.yubiKey, .openPGP])
        func isReset(_ kind: Kind) throws {
            let tool = try kind.tool()
            try tool.runAsOfficer(kind, ["--keypairgen", "--key-type", "EC:prime256v1", "--id", "03"]).checked()
            let new = String(kind.officer.reversed())
            try tool.runAsOfficer(kind, ["--change-pin", "--new-pin", new]).checked()
            let told = try tool.run(["--list-token-slots"]).checked().text
            let serial = try #require(told.firstMatch(of: /serial num *: ([0-9a-f]+)/)).output.1
            func reset(_ label: Substring, _ secret: String) throws -> ToolResult {
                try tool.run(["--init-token", "--label", String(label), "--so-pin", secret])
            }
            let unnamed = try reset("My card", new)
            #expect(!unnamed.succeeded && unnamed.allText.contains("CKR_TOKEN_WRITE_PROTECTED"), "\(unnamed)")
            let refused = try reset(serial, kind.officer)
            #expect(!refused.succeeded && refused.allText.contains("CKR_PIN_INCORRECT"), "\(refused)")
            #expect(try tool.runLoggedIn(["--list-objects"]).text.contains("Private Key Object"))
            try reset(serial, new).checked()
            #expect(try !tool.runLoggedIn(["--list-objects"]).checked().text.contains("Private Key Object"))
            // The SO has the secret that was given, and gives the user a PIN as the standard has it.
            let officer = Kind(profile: kind.profile, officer: new)
            try tool.runAsOfficer(officer, ["--init-pin", "--new-pin", "654321"]).checked()
            #expect(try tool.run(["--login", "--pin", "654321", "--list-objects"]).succeeded)
        }
    }
}
