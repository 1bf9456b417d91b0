/// What the doctor found in one place, and what mends it.
struct Finding: Encodable {
    /// How it is.
    enum State: String, Encodable {
        case good
        /// Worth knowing; nothing fails for it.
        case note
        case bad
    }

    let state: State
    let text: String
    /// What to do; nil where there is nothing to do.
    let remedy: String?
    /// Whether the remedy is a line for a shell, which works as it stands.
    let remedyIsCommand: Bool

    static func good(_ text: String) -> Finding {
        Finding(state: .good, text: text, remedy: nil, remedyIsCommand: false)
    }

    /// - Parameter remedy: advice, for a person to follow.
    static func note(_ text: String, mend remedy: String) -> Finding {
        Finding(state: .note, text: text, remedy: remedy, remedyIsCommand: false)
    }

    /// - Parameter command: a line for a shell.
    static func note(_ text: String, run command: String) -> Finding {
        Finding(state: .note, text: text, remedy: command, remedyIsCommand: true)
    }

    /// - Parameter remedy: advice, for a person to follow.
    static func bad(_ text: String, mend remedy: String) -> Finding {
        Finding(state: .bad, text: text, remedy: remedy, remedyIsCommand: false)
    }

    /// - Parameter command: a line for a shell.
    static func bad(_ text: String, run command: String) -> Finding {
        Finding(state: .bad, text: text, remedy: command, remedyIsCommand: true)
    }

    func show(on page: Page) {
        let mark: Page.Cell =
            switch state {
            case .good: .init("✓", .good)
            case .note: .init("!", .heading)
            case .bad: .init("✗", .bad)
            }
        page.line(mark, .init(text))
        guard let remedy else { return }
        // A command is for copying, and is not broken.
        if remedyIsCommand { page.unbroken("      " + remedy) } else { page.line("   ", .init(remedy)) }
    }
}
