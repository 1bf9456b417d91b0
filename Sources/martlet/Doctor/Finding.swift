/// What the doctor found in one place, and the line that mends it.
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

    static func good(_ text: String) -> Finding { Finding(state: .good, text: text, remedy: nil) }

    static func note(_ text: String, mend remedy: String) -> Finding {
        Finding(state: .note, text: text, remedy: remedy)
    }

    static func bad(_ text: String, mend remedy: String) -> Finding {
        Finding(state: .bad, text: text, remedy: remedy)
    }

    func show(on page: Page) {
        let mark: Page.Cell =
            switch state {
            case .good: .init("✓", .good)
            case .note: .init("!", .heading)
            case .bad: .init("✗", .bad)
            }
        page.line(mark, .init(text))
        if let remedy { page.line("   ", .init(remedy)) }
    }
}
