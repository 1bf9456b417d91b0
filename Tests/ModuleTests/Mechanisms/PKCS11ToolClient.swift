import TestSupport

/// OpenSC's `pkcs11-tool`.
struct PKCS11ToolClient: MechanismClient {
    let name = "pkcs11-tool"
    var missing: String? { Tool.missing("pkcs11-tool", package: "opensc") }

    /// It wraps with secret keys only, and shows no key that it unwraps. It has no parameters for Ed448, and reads no keys
    /// of Montgomery curves.
    func knows(_ use: KeyUse) -> Bool {
        [.sign, .decrypt, .derive].contains(use.deed) && !use.key.isMontgomery && use.key.kind != "ed448"
    }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        try jobs.map { job in
            let mechanism = SigningMechanism(job.use.mechanism)
            let takesHash = ["RSA-PKCS-PSS", "RSA-PKCS-OAEP"].contains(mechanism.name)
            return try bench.tool.runLoggedIn(
                ["--\(job.use.deed)", "--id", job.use.key.id, "--mechanism", mechanism.name]
                    + ["--input-file", job.input, "--output-file", job.output]
                    + (mechanism.isECDSA ? ["--signature-format", "openssl"] : [])
                    + (takesHash ? ["--hash-algorithm", "SHA256"] : []))
        }
    }
}
