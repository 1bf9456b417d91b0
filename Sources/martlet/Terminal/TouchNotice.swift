import Glibc
import Token

/// Tells a person at a terminal that the key waits for a touch, as long as it does.
struct TouchNotice {
    private let isShown: Bool

    /// Shows the notice where the policy wants a touch and standard error is a terminal.
    init(_ policy: KeyPolicy.TouchPolicy) {
        isShown = policy != .never && isatty(STDERR_FILENO) == 1
        guard isShown else { return }
        fflush(nil)
        StandardError.write(policy == .always ? "Touch your key now." : "Touch your key now, if it blinks.")
    }

    /// Takes the notice away.
    func end() {
        if isShown { StandardError.write("\r\u{1B}[K") }
    }
}
