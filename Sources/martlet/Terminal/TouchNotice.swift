import Token

/// Tells a person at a terminal that the key waits for a touch, as long as it does.
struct TouchNotice {
    private let number: Int?

    /// Shows the notice where the policy wants a touch and standard error is a terminal.
    init(_ policy: KeyPolicy.TouchPolicy) {
        guard policy != .never else {
            number = nil
            return
        }
        let text = policy == .always ? "Touch your key now." : "Touch your key now, if it blinks."
        number = Progress.begin(text, .atOnce, hasMark: false)
    }

    /// Takes the notice away.
    func end() { if let number { Progress.end(number) } }
}
