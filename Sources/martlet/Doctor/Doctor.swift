import ArgumentParser

/// Looks for what keeps programs from using a card.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why a card cannot be used, and what mends it.",
        discussion: """
            It looks at pcscd, the readers, the cards, their PINs, keys and certificates, the settings, the module, its \
            registration with p11-kit, ssh-agent, and the files that name keys by pkcs11: URIs. It gives no PIN and changes \
            nothing. The exit code is 1 where something is wrong.

            Examples:
              martlet doctor
              martlet doctor --json
            """)

    @Option(help: "The PKCS#11 module to look for. The default is the one that belongs to this program.")
    var module: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() throws {
        let findings = Diagnosis(module: module).findings
        try show(findings)
        guard findings.allSatisfy({ $0.state != .bad }) else { throw ExitCode(CommandFailure.Code.failed.rawValue) }
    }

    /// What `--json` prints.
    private struct Report: Encodable {
        let findings: [Finding]
    }

    private func show(_ findings: [Finding]) throws {
        if json { return try JSON.show(Report(findings: findings)) }
        let page = Page()
        for finding in findings { finding.show(on: page) }
    }
}
