import TestSupport

/// OpenSSL's `pkeyutl`, with the engine of `libengine-pkcs11-openssl`.
struct OpenSSLClient: MechanismClient {
    let name = "OpenSSL engine"
    var missing: String? { OpenSSLEngine.missing }

    /// The engine gets hashes to sign, and numbers to decrypt.
    func knows(_ use: KeyUse) -> Bool {
        let known = ["RSA-PKCS", "RSA-PKCS-PSS", "RSA-PKCS-OAEP", "RSA-X-509", "ECDSA", "ECDH1-DERIVE"]
        return [.sign, .decrypt, .derive].contains(use.deed) && known.contains(use.mechanism)
            && (use.deed != .sign || use.mechanism != "RSA-X-509")
    }

    /// libp11 0.4.12 finds no key at all on a token that has a key of a type that it does not know: it ends its search there.
    func knows(_ card: TestedCard) -> Bool { !card.keys.contains(where: \.isOfNewKind) }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        let engine = OpenSSLEngine(world: bench.world, module: bench.tool.module)
        return try jobs.map { job in
            let input = job.use.deed == .derive ? ["-peerform", "DER", "-peerkey"] : ["-in"]
            let padding = SigningMechanism(job.use.mechanism).options.flatMap { ["-pkeyopt", $0] }
            return try engine.run(
                "pkeyutl",
                ["-\(job.use.deed)", "-keyform", "engine", "-inkey", bench.uri(job.use.key)]
                    + (job.use.deed == .sign ? padding : Workbench.paddingOptions(job.use)) + input
                    + [job.input, "-out", job.output])
        }
    }
}
