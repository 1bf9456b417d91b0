import ArgumentParser
import PCSC

/// Looks for what keeps programs from using a card.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why a card cannot be used, and what mends it.",
        discussion: """
            It looks at pcscd, the readers, the cards, their PINs and certificates, the settings, the registration with \
            p11-kit and ssh-agent. It gives no PIN and changes nothing. The exit code is 1 where something is wrong.

            Examples:
              martlet doctor
              martlet doctor --json
            """)

    @Option(help: "The PKCS#11 module to look for. The default is the one that belongs to this program.")
    var module: String?

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() throws {
        var findings: [Finding] = []
        do {
            let readers = try ReaderMonitor().readers()
            findings.append(.good("pcscd answers"))
            findings += ReaderCheck.findings(readers)
            findings += CardCheck.findings(readers)
        } catch {
            findings.append(ServiceCheck.finding())
        }
        findings += SettingsCheck.findings() + ModuleCheck.findings(module: module) + OldModuleCheck.findings()
        try show(findings)
        guard findings.allSatisfy({ $0.state != .bad }) else { throw ExitCode(CommandFailure.Code.failed.rawValue) }
    }

    private func show(_ findings: [Finding]) throws {
        if json { return try JSON.show(findings) }
        let page = Page()
        for finding in findings { finding.show(on: page) }
    }
}
