import TestSupport

/// Java's SunPKCS11, in one virtual machine for all jobs.
struct JavaClient: MechanismClient {
    let name = "Java"
    var missing: String? { JavaTools.missing }

    /// Java knows RSA signatures with their hash only, with PKCS #11 no EdDSA and no OAEP. PSS with SHA-3 ends in an
    /// exception inside SunPKCS11 17.
    func knows(_ use: KeyUse) -> Bool {
        if use.key.isOfNewKind { return false }
        return switch use.deed {
        case .sign:
            use.mechanism == "ECDSA"
                || SigningMechanism(use.mechanism).digest != nil
                    && !(use.mechanism.hasPrefix("SHA3") && use.mechanism.hasSuffix("PSS"))
        case .decrypt: use.mechanism != "RSA-PKCS-OAEP"
        case .derive: true
        case .unwrap: use.mechanism == "RSA-PKCS"
        case .signRecover, .wrap: false
        }
    }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        let java = try JavaTools(world: bench.world, module: bench.tool.module, token: bench.card.token)
        return [try java.run(driver: "UseKeys.java", input: jobs.map(\.line))]
    }
}
