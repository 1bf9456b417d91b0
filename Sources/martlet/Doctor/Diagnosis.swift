import PCSC

/// All that the doctor looks at.
struct Diagnosis {
    private(set) var findings: [Finding] = []
    /// The applications of the cards that can be used.
    private(set) var cards: [CardToken] = []

    init(module: String?) {
        do {
            let readers = try ReaderMonitor().readers()
            findings.append(.good("pcscd answers"))
            findings += ReaderCheck.findings(readers)
            let check = CardCheck(readers)
            findings += check.findings
            cards = check.cards
        } catch {
            findings.append(ServiceCheck.finding())
        }
        findings += SettingsCheck.findings() + ModuleCheck.findings(module: module) + OldModuleCheck.findings()
        findings += AgentKeysCheck.findings(cards, module: module) + ConfigurationCheck.findings(cards)
        findings += DiskUnlockCheck.findings()
    }
}
