import TestSupport

/// OpenSSL's `pkeyutl`, with the engine of `libengine-pkcs11-openssl`.
struct OpenSSLClient: MechanismClient {
    let name = "OpenSSL engine"
    var missing: String? { OpenSSLEngine.missing }

    /// The engine gets hashes to sign.
    func knows(_ use: KeyUse) -> Bool { ["RSA-PKCS", "ECDSA"].contains(use.mechanism) }

    /// libp11 0.4.12 finds no key at all on a token that has an Ed25519 key: it ends its search there.
    func knows(_ card: TestedCard) -> Bool { !card.keys.contains { $0.kind == "ed25519" } }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        let engine = OpenSSLEngine(world: bench.world, module: bench.tool.module)
        return try jobs.map { job in
            try engine.run(
                "pkeyutl",
                ["-\(job.use.deed)", "-keyform", "engine", "-inkey", bench.uri(job.use.key)]
                    + ["-in", job.input, "-out", job.output])
        }
    }
}
