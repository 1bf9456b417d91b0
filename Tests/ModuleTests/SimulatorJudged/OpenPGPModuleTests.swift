import TestSupport
import Testing

extension SimulatorJudged {
    /// OpenSC's module, by `pkcs11-tool`: it finds the OpenPGP card's keys and uses them; OpenSSL verifies.
    ///
    /// Its first slot has DEC and AUT, its second SIG.
    @Suite struct OpenPGPModuleTests {
        static let profiles = ["openpgp34", "yubikey57-both"]

        /// Keys for SIG, DEC and AUT, and the mechanisms of SIG and AUT.
        static let sets = [
            (keys: ["rsa2048", "rsa2048", "rsa2048"], mechanisms: ["SHA256-RSA-PKCS", "SHA512-RSA-PKCS"]),
            (keys: ["p256", "p384", "p521"], mechanisms: ["ECDSA", "ECDSA"]),
            (keys: ["ed25519", "x25519", "ed25519"], mechanisms: ["EDDSA", "EDDSA"]),
        ]

        @Test("The module's signatures verify", arguments: profiles, sets)
        func signs(_ profile: String, _ set: (keys: [String], mechanisms: [String])) throws {
            let world = try world(profile, set.keys)
            for (slot, id, mechanism) in [("1", "01", set.mechanisms[0]), ("0", "03", set.mechanisms[1])] {
                let message = try world.home.write("judged", to: "message")
                let hash = try Tool.run("openssl", "dgst", "-sha256", "-binary", message).checked().output
                let data = mechanism == "ECDSA" ? try world.home.write(hash, to: "hash") : message
                let signature = world.home.newFile("signature")
                try pkcs11(
                    world, slot,
                    [
                        "--login", "--pin", "123456", "--sign", "--id", id, "--mechanism", mechanism, "--input-file",
                        data,
                    ]
                        + ["--output-file", signature]
                        + (mechanism == "ECDSA" ? ["--signature-format", "openssl"] : [])
                ).checked()
                let key = try publicKey(world, slot, id)
                let digest = mechanism.hasPrefix("SHA512") ? "-sha512" : "-sha256"
                let verified = try Tool.run(
                    mechanism == "EDDSA"
                        ? ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", message]
                            + ["-sigfile", signature]
                        : ["openssl", "dgst", digest, "-verify", key, "-signature", signature, message])
                #expect(verified.succeeded, "\(id): \(verified)")
            }
        }

        @Test("The module decrypts what OpenSSL encrypted", arguments: profiles)
        func decrypts(_ profile: String) throws {
            let world = try world(profile, ["rsa2048", "rsa2048", "rsa2048"])
            let message = try world.home.write("judged", to: "message")
            let secret = world.home.file("secret")
            try Tool.run(
                "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey(world, "0", "02"), "-in", message,
                "-out",
                secret
            ).checked()
            let plain = world.home.file("plain")
            try pkcs11(
                world, "0",
                ["--login", "--pin", "123456", "--decrypt", "--id", "02", "--mechanism", "RSA-PKCS"]
                    + ["--input-file", secret, "--output-file", plain]
            ).checked()
            #expect(try world.home.read("plain") == Array("judged".utf8))
        }

        @Test("The module agrees on the secret that OpenSSL has", arguments: profiles, ["p256", "p384", "p521"])
        func agrees(_ profile: String, _ curve: String) throws {
            let world = try world(profile, ["p256", curve, "p256"])
            let (own, file) = (world.home.file("own.pem"), world.home.file("own.der"))
            let name = ["p256": "P-256", "p384": "P-384", "p521": "P-521"][curve] ?? ""
            try Tool.run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(name)", "-out", own)
                .checked()
            try Tool.run("openssl", "pkey", "-in", own, "-pubout", "-outform", "DER", "-out", file).checked()
            let secret = world.home.file("secret")
            try pkcs11(
                world, "0",
                ["--login", "--pin", "123456", "--derive", "--id", "02", "--mechanism", "ECDH1-DERIVE"]
                    + ["--input-file", file, "--output-file", secret]
            ).checked()
            let derived = try Tool.run(
                "openssl", "pkeyutl", "-derive", "-inkey", own, "-peerkey", publicKey(world, "0", "02")
            ).checked()
            #expect(try derived.output == world.home.read("secret"))
        }

        /// The specification has 6982 for a wrong password, which OpenSC takes for a login that is missing.
        @Test("The module learns of a wrong PIN", arguments: profiles)
        func wrongPIN(_ profile: String) throws {
            let world = try world(profile, ["p256", "p256", "p256"])
            let answer = try pkcs11(world, "0", ["--login", "--pin", "111111", "--list-objects"])
            #expect(!answer.succeeded && answer.allText.contains("C_Login failed"), "\(answer)")
            let pins = try world.run(["pkcs15-tool", "--list-pins"], environment: OpenPGPToolTests.environment)
            #expect(pins.text.contains(/Tries left +: 2\n/), "\(pins)")
        }

        private func world(_ profile: String, _ keys: [String]) throws -> CardWorld {
            try CardWorld(
                SimulatedCard(profile: profile, keys: zip(["sig", "dec", "aut"], keys).map { "\($0)=\($1)" }))
        }

        private func pkcs11(_ world: CardWorld, _ slot: String, _ arguments: [String]) throws -> ToolResult {
            try world.run(
                ["pkcs11-tool", "--module", "opensc-pkcs11.so", "--slot-index", slot] + arguments,
                environment: OpenPGPToolTests.environment)
        }

        /// PEM of the public key in a certificate, as the module gives it.
        private func publicKey(_ world: CardWorld, _ slot: String, _ id: String) throws -> String {
            let (certificate, key) = (world.home.newFile("certificate.der"), world.home.newFile("key.pem"))
            try pkcs11(
                world, slot, ["--read-object", "--type", "cert", "--id", id, "--output-file", certificate]
            ).checked()
            let read = ["openssl", "x509", "-inform", "DER", "-in", certificate, "-noout", "-pubkey"]
            try Tool.run(read + ["-out", key]).checked()
            return key
        }
    }
}
