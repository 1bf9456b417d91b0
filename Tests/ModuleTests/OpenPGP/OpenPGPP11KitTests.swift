import TestSupport
import Testing

extension OpenPGPClients {
    /// p11-kit and GnuTLS's `p11tool`, which find the module by a `.module` file in the system's folder.
    @Suite struct P11KitTests {
        @Test("It lists the token and what is on it, and signs", arguments: profiles)
        func p11tool(_ profile: String) throws {
            let world = try world(profile)
            try world.registerModule()
            let modules = try world.run("p11-kit", "list-modules").checked().text
            #expect(modules.contains("martlet") && modules.contains("token: \(OpenPGPClients.token)"), "\(modules)")
            let uri = "pkcs11:token=OpenPGP%20card%20%28User%20PIN%29"
            let tool = ["p11tool", "--batch", "--set-pin", SimulatedCard.pin]
            let listed = try world.run(tool + ["--list-all", "--login", uri]).checked().text
            for label in ["Signature", "Encryption", "Authentication"] {
                // The public and the private key.
                #expect(listed.split(separator: "\n").count { $0.hasSuffix("Label: \(label) key") } == 2, "\(listed)")
            }
            for label in ["SIG", "DEC", "AUT"] {
                #expect(listed.contains("Label: \(label) certificate\n"), "\(listed)")
            }
            for id in ["%01", "%03"] {
                let signed = try world.run(tool + ["--test-sign", "--login", uri + ";id=\(id);type=private"])
                let isVerified = signed.allText.contains("Verifying against public key in the token... ok")
                #expect(signed.succeeded && isVerified, "\(signed)")
            }
        }
    }
}
