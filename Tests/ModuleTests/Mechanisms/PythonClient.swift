import TestSupport

/// `python-pkcs11`, in one process for all jobs.
struct PythonClient: MechanismClient {
    let name = "python-pkcs11"
    var missing: String? { Self.missing }
    /// The Python that has it, where the variable names one.
    static let python = Tool.inheritedEnvironment["MARTLET_PYTHON_PKCS11"]
    static let missing =
        python == nil
        ? "python-pkcs11 is not here: eval \"$(.ci/python-clients FOLDER)\" installs it and names it" : nil

    /// It has no names for ECDSA with SHA-3, and no parameters for PSS with it, for Ed448 and for wrapping through AES; it
    /// reads no keys of Montgomery curves.
    func knows(_ use: KeyUse) -> Bool {
        guard use.deed != .signRecover, !use.mechanism.hasSuffix("KEY-WRAP"), !use.key.isMontgomery,
            use.key.kind != "ed448"
        else { return false }
        let mechanism = SigningMechanism(use.mechanism)
        return mechanism.digest?.hasPrefix("SHA3") != true || !mechanism.isECDSA && !mechanism.isPSS
    }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        guard let python = Self.python else { throw ToolFailure("no Python") }
        let script = PackageRoot.path + "/Tests/ModuleTests/Drivers/use-keys.py"
        return [
            try bench.world.run(
                [python, "-B", script, bench.tool.module, bench.card.token, SimulatedCard.pin],
                environment: Workbench.environment, input: Array((jobs.map(\.line) + [""]).joined(separator: "\n").utf8)
            )
        ]
    }
}
