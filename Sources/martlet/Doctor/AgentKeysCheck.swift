/// Whether the ssh-agent here holds a key of a card that it cannot use as the key wants it.
enum AgentKeysCheck {
    /// - Parameters:
    ///   - cards: the cards in the readers.
    ///   - named: the module, where one is named.
    static func findings(_ cards: [CardToken], module named: String?) -> [Finding] {
        guard let agent = AgentCheck.current, let held = agent.keys(), !held.isEmpty,
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
                        + "which wants its PIN for each use: it gives the PIN once, and the second signature fails",
                    run: AgentCheck.start(module, environment: "MARTLET_EACH_USE=login ") + " && ssh-add -s "
                        + module.shellWord)
            }
        }
    }
}
