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
        try OpenSSLEngine(world: bench.world, module: bench.tool.module).carryOut(jobs, at: bench)
    }
}

/// OpenSSL's `pkeyutl`, with `pkcs11-provider`.
struct OpenSSLProviderClient: MechanismClient {
    let name = "OpenSSL provider"
    var missing: String? { OpenSSLProvider.missing }

    /// `pkeyutl` hands hashes to sign; only Edwards keys get the message. Version 1.0 agrees on no keys of Montgomery curves.
    func knows(_ use: KeyUse) -> Bool {
        let known = ["RSA-PKCS", "RSA-PKCS-PSS", "RSA-PKCS-OAEP", "ECDSA", "EDDSA", "ECDH1-DERIVE"]
        return [.sign, .decrypt, .derive].contains(use.deed) && known.contains(use.mechanism) && !use.key.isMontgomery
    }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        try OpenSSLProvider(world: bench.world, module: bench.tool.module).carryOut(jobs, at: bench)
    }
}

extension OpenSSLWithCard {
    /// Does jobs of a table of mechanisms with `pkeyutl`.
    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        try jobs.map { job in
            let input = job.use.deed == .derive ? ["-peerform", "DER", "-peerkey"] : ["-in"]
            let padding = SigningMechanism(job.use.mechanism).options.flatMap { ["-pkeyopt", $0] }
            let wholeMessage = job.use.mechanism == "EDDSA" ? ["-rawin"] : []
            return try run(
                "pkeyutl",
                ["-\(job.use.deed)"] + keyForm + ["-inkey", bench.uri(job.use.key)] + wholeMessage
                    + (job.use.deed == .sign ? padding : Workbench.paddingOptions(job.use)) + input
                    + [job.input, "-out", job.output])
        }
    }
}
