import TestSupport
import Testing

extension OpenPGPClients {
    /// gpg at work on the same card, through a scdaemon that shares it (`pcsc-shared`).
    ///
    /// scdaemon 2.2 remembers that PW1 was verified and is never told that another program's SELECT of PIV took that
    /// back: its signatures then fail until it is started anew. So a process of ours that opens a card with both
    /// applications goes before it, unless PW1 is valid for one signature.
    @Suite struct BesideGnuPGTests {
        @Test("Signatures by gpg and by the module, in turn", arguments: zip(profiles, [true, false]))
        func inTurn(_ profile: String, _ isSingle: Bool) throws {
            let (world, gnupg) = try made(profile)
            let session = try OpenPGPSession(world, profile)
            try session.sign(session.authentication)
            try gnupg.releaseCard()
            for round in 0..<100 {
                try sign(gnupg, "round \(round)")
                if round.isMultiple(of: 2) {
                    try session.sign(session.authentication)
                } else {
                    try session.sign(session.signature, pin: isSingle ? SimulatedCard.pin : nil)
                }
            }
        }

        /// On a new `yubikey57-both` PW1 is valid for several signatures.
        @Test(
            "Programs that start while scdaemon has the card",
            arguments: [("openpgp34", false), ("openpgp34", true), ("yubikey57-both", true)])
        func started(_ profile: String, _ turnsForceSignature: Bool) throws {
            let (world, gnupg) = try made(profile)
            if turnsForceSignature { try gnupg.edit("forcesig").checked() }
            let tool = try tool(world)
            for round in 0..<5 {
                try sign(gnupg, "round \(round)")
                let data = try world.home.write("message", to: "data")
                try tool.runLoggedIn(
                    ["--sign", "--id", "03", "--mechanism", "ECDSA-SHA256", "--input-file", data]
                        + ["--output-file", "signature"]
                ).checked()
            }
            try sign(gnupg, "at the end")
        }

        /// A card with P-256 keys that gpg has made.
        private func made(_ profile: String) throws -> (CardWorld, GnuPG) {
            let world = try world(profile, [])
            let gnupg = try GnuPG(world, isShared: true)
            try gnupg.interact(["--expert", "--card-edit"], ["admin", "key-attr", "2", "3", "2", "3", "2", "3"])
                .checked()
            let made = try gnupg.edit("generate", "n", "0", "Jane Doe", "jane@example.org", "", "O")
            try #require(made.text.contains("KEY_CREATED"), "\(made)")
            return (world, gnupg)
        }

        private func sign(_ gnupg: GnuPG, _ moment: String) throws {
            let message = try gnupg.world.home.write("judged\n", to: "message")
            let signed = try gnupg.run("--output", "message.sig", "--detach-sign", message)
            try #require(signed.succeeded, "\(moment): \(signed)")
            let verified = try gnupg.run("--verify", gnupg.world.home.file("message.sig"), message)
            try #require(verified.allText.contains("Good signature"), "\(moment): \(verified)")
        }
    }
}
