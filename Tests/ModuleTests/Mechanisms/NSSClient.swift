import TestSupport

/// NSS: its `cmsutil` signs and decrypts CMS messages.
struct NSSClient: MechanismClient {
    let name = "NSS"
    var missing: String? { NSSTools.missing }

    /// It computes each hash itself, so that RSA keys see CKM_RSA_PKCS and EC keys CKM_ECDSA. The policy of Debian 13's (3.110)
    /// has no curve of Brainpool: SEC_ERROR_SIGNATURE_ALGORITHM_DISABLED, before the key is asked for anything.
    func knows(_ use: KeyUse) -> Bool {
        if use.deed == .sign, use.key.kind.hasPrefix("brainpool"), Debian.release >= 13 { return false }
        return [.sign, .decrypt].contains(use.deed) && ["RSA-PKCS", "ECDSA"].contains(use.mechanism)
    }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        let tools = try NSSTools(world: bench.world, module: bench.tool.module)
        return try jobs.map { job in
            switch job.use.deed {
            case .sign:
                let name = "\(bench.card.token):\(job.use.key.certificate)"
                try tools.trust(name)
                return try tools.run("cmsutil", "-S", "-N", name, "-i", job.input, "-o", job.output)
            default:
                let message = bench.world.home.newFile("enveloped")
                try bench.certificate(job.use.key).encryptMessage(bench.world.home.file("message"), to: message)
                return try tools.run("cmsutil", "-D", "-i", message, "-o", job.output)
            }
        }
    }

    func accepts(_ job: KeyJob, at bench: Workbench) throws -> Bool {
        guard job.use.deed == .sign else { return try bench.isRight(job) }
        return try bench.certificate(job.use.key).verifyMessage(job.output)
    }
}
