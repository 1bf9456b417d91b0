import TestSupport

/// Java's SunPKCS11, in one virtual machine for all jobs.
struct JavaClient: MechanismClient {
    let name = "Java"
    var missing: String? { JavaTools.missing }

    /// Java pads and hashes where the mechanism does not, but gives a signature no raw PKCS #1 padding. It knows no
    /// EdDSA with PKCS #11, and no cipher whose mechanism cannot encrypt.
    func knows(_ use: KeyUse) -> Bool { use.deed == .sign && !["RSA-PKCS", "EDDSA"].contains(use.mechanism) }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        let java = try JavaTools(world: bench.world, module: bench.tool.module, token: bench.card.token)
        return [try java.run(driver: "UseKeys.java", input: jobs.map(\.line))]
    }
}
