import TestSupport

/// A program in C: it does what no other client here can be told to do.
struct CClient: MechanismClient {
    let name = "a program in C"
    /// Each world has something in C.
    var missing: String? { nil }

    func knows(_ use: KeyUse) -> Bool {
        use.deed == .signRecover || use.deed == .unwrap || use.key.isMontgomery || use.key.kind == "ed448"
    }

    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult] {
        let program = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/use-keys.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl"])
        return [
            try bench.world.run(
                [program, bench.tool.module, bench.card.token, SimulatedCard.pin],
                environment: Workbench.environment, input: Array((jobs.map(\.line) + [""]).joined(separator: "\n").utf8)
            )
        ]
    }
}
