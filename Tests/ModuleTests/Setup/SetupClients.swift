import TestSupport
import Testing

/// Cards that are set up by the programs that people use, with Martlet's module, and what the makers' own programs then
/// say of them.
@Suite struct SetupClients {
    /// A kind of card, and the secret of its SO.
    struct Kind: Sendable, CustomTestStringConvertible {
        let profile: String
        let officer: String

        var testDescription: String { profile }

        static let yubiKey = Kind(profile: "yubikey57", officer: SimulatedCard.managementKey)
        static let yubiKey4 = Kind(profile: "yubikey4-like", officer: SimulatedCard.managementKey)
        static let plainPIV = Kind(profile: "plain-piv", officer: SimulatedCard.managementKey)
        static let openPGP = Kind(profile: "openpgp34", officer: "12345678")

        /// `pkcs11-tool` in a world with such a card, as it comes from the factory.
        func tool() throws -> PKCS11Tool {
            PKCS11Tool(
                world: try CardWorld(SimulatedCard(profile: profile, keys: [])), module: try BuiltModule.path())
        }
    }
}

extension PKCS11Tool {
    /// Runs it after a login as the SO.
    func runAsOfficer(_ kind: SetupClients.Kind, _ arguments: [String]) throws -> ToolResult {
        try run(["--login", "--login-type", "so", "--so-pin", kind.officer] + arguments)
    }

    /// The public key of this id in a PEM file, as the module gives it.
    func publicKey(_ id: String) throws -> String {
        let (der, pem) = (world.home.newFile("public.der"), world.home.newFile("public.pem"))
        try run(["--read-object", "--type", "pubkey", "--id", id, "--output-file", der]).checked()
        try Tool.run("openssl", "pkey", "-pubin", "-inform", "DER", "-in", der, "-out", pem).checked()
        return pem
    }

    /// Signs with the key of this id and that PIN, and asks OpenSSL about the signature with that public key.
    func signs(_ id: String, _ mechanism: String, pin: String = SimulatedCard.pin, publicKey: String) throws -> Bool {
        let data = try world.home.write("a message of thirty-two bytes ...", to: "message")
        let signature = world.home.newFile("signature")
        let isECDSA = mechanism.hasPrefix("ECDSA")
        try run(
            ["--login", "--pin", pin, "--sign", "--id", id, "--mechanism", mechanism, "--input-file", data]
                + ["--output-file", signature] + (isECDSA ? ["--signature-format", "openssl"] : [])
        ).checked()
        let rest = ["-verify", publicKey, "-signature", signature, data]
        if mechanism == "EDDSA" {
            return try Tool.run(
                "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", publicKey, "-rawin", "-sigfile", signature, "-in",
                data
            ).succeeded
        }
        return try Tool.run(["openssl", "dgst", "-sha256"] + rest).succeeded
    }
}
