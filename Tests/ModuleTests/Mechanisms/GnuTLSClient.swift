import TestSupport

/// GnuTLS: its `certtool` signs a certificate request, a structure of its own, with the key.
struct GnuTLSClient: MechanismClient {
    let name = "GnuTLS"
    var missing: String? { Tool.missing("certtool", package: "gnutls-bin") }

    /// It computes each hash itself, so that RSA keys see CKM_RSA_PKCS and EC keys CKM_ECDSA. Of the curves it knows NIST's
    /// and, in a token, Ed25519.
    func knows(_ use: KeyUse) -> Bool {
        let isKnown = !use.key.kind.hasPrefix("brainpool") && !["secp256k1", "ed448"].contains(use.key.kind)
        return use.deed == .sign && ["RSA-PKCS", "ECDSA", "EDDSA"].contains(use.mechanism) && isKnown
    }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        let template = try bench.world.home.write("cn = \"GnuTLS\"\n", to: "template")
        return try jobs.map { job in
            let uri = bench.uri(job.use.key)
            return try bench.world.run(
                ["certtool", "--provider", bench.tool.module, "--generate-request", "--template", template]
                    + ["--load-privkey", uri, "--load-pubkey", bench.certificate(job.use.key).publicKey()]
                    + ["--outfile", job.output], environment: Workbench.environment)
        }
    }

    func accepts(_ job: KeyJob, at bench: Workbench) throws -> Bool {
        try Tool.run("openssl", "req", "-verify", "-noout", "-in", job.output).succeeded
    }
}
