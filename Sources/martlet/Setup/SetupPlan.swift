import Token

/// What a card is to become.
struct SetupPlan {
    var key: KeyName
    var algorithm: KeyAlgorithmName
}

/// What a person answers to a question of the dialogue.
enum Question {
    /// The person wants to stop here.
    struct Leaving: Error {}

    /// Asks until one of the answers is given; an empty line is the first one.
    static func choose(_ question: String, _ answers: [(name: String, meaning: String)]) throws -> String {
        for (name, meaning) in answers { PINPrompt.tell("    \(name)  \(meaning)") }
        let names = answers.map(\.name)
        while true {
            let typed = try text("\(question) [\(names[0])]", usual: names[0]).lowercased()
            if names.contains(typed) { return typed }
            PINPrompt.tell("  Type one of \(names.joined(separator: ", ")), or q to leave.")
        }
    }

    /// Asks yes or no; an empty line is the usual answer.
    static func isYes(_ question: String, usually isUsual: Bool = true) throws -> Bool {
        while true {
            let typed = try text(question + (isUsual ? " [Y/n/q]" : " [y/N/q]"), usual: isUsual ? "y" : "n")
                .lowercased()
            if ["y", "yes"].contains(typed) { return true }
            if ["n", "no"].contains(typed) { return false }
            PINPrompt.tell("  Type y, n, or q to leave.")
        }
    }

    /// Asks for a text; an empty line is the usual one.
    ///
    /// - Throws: `Leaving` also at the end of the input, which is no consent.
    static func text(_ question: String, usual: String) throws -> String {
        guard let typed = PINPrompt.askOpenly("  " + question), typed.lowercased() != "q" else { throw Leaving() }
        return typed.isEmpty ? usual : typed
    }
}
