import TestSupport

/// OpenSC's `pkcs11-tool`.
struct PKCS11ToolClient: MechanismClient {
    let name = "pkcs11-tool"
    var missing: String? { Tool.missing("pkcs11-tool", package: "opensc") }

    func knows(_ use: KeyUse) -> Bool { true }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        try jobs.map { job in
            let isECDSA = SigningMechanism(job.use.mechanism).isECDSA
            return try bench.tool.runLoggedIn(
                ["--\(job.use.deed)", "--id", job.use.key.id, "--mechanism", job.use.mechanism]
                    + ["--input-file", job.input, "--output-file", job.output]
                    + (isECDSA ? ["--signature-format", "openssl"] : []))
        }
    }
}
