import Wiring

/// Whether the ssh-agent here holds a key of a card that it cannot use as the key wants it.
enum AgentKeysCheck {
    /// - Parameters:
    ///   - cards: the cards in the readers.
    ///   - named: the module, where one is named.
    static func findings(_ cards: [CardToken], module named: String?) -> [Finding] {
        guard let agent = AgentCheck.current, let held = agent.keys(), !held.isEmpty, !givesLogin(agent),
            let module = try? Companions.module(named: named)
        else { return [] }
        return cards.flatMap { card -> [Finding] in
            let contents = (try? card.contents(areAllSought: false)) ?? []
            return contents.filter { content in
                guard content.policy?.pin == .always, let key = content.publicKey.flatMap(SSHPublicKey.init) else {
                    return false
                }
                return held.contains(key.blob)
            }.map { content in
                .note(
                    "the ssh-agent holds the key \(content.name.text) of \((try? card.title()) ?? card.application.rawValue), "
                        + "which wants its PIN for each use: it gives a PIN once, when it gets the module, and "
                        + "signatures with that key fail",
                    run: AgentCheck.start(module, environment: "\(variable)=\(login) ") + " && ssh-add -s "
                        + module.shellWord)
            }
        }
    }

    private static let variable = Setting.eachUse.variable
    private static let login = "login"

    /// Whether the module in the agent gives the PIN of the login for each use. The helper that has it loaded was started by
    /// the agent, which itself lets nobody look at its environment.
    private static func givesLogin(_ agent: SSHAgent) -> Bool {
        let parent = AgentCheck.process(of: agent)?.pid
        let helpers = RunningProcess.all.compactMap(RunningProcess.init(pid:)).filter { process in
            // The kernel cuts names after 15 characters.
            process.name.hasPrefix("ssh-pkcs11") && process.usesMartlet && parent == process.parent
        }
        let inFile = SettingsFile.read().values[.eachUse] == login
        return helpers.isEmpty
            ? inFile : helpers.allSatisfy { $0.variable(variable).map { $0 == login } ?? inFile }
    }
}
