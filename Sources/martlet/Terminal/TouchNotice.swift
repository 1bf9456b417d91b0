import Glibc
import Token

/// Tells a person at a terminal that the key waits for a touch, as long as it does.
struct TouchNotice {
    private let terminal: Int32

    /// Shows the notice where the policy wants a touch and standard error is a terminal.
    init(_ policy: KeyPolicy.TouchPolicy) {
        guard policy != .never, isatty(STDERR_FILENO) == 1 else {
            terminal = -1
            return
        }
        terminal = STDERR_FILENO
        fflush(nil)
        show(policy == .always ? "Touch your key now." : "Touch your key now, if it blinks.")
    }

    /// Takes the notice away.
    func end() { show("\r\u{1B}[K") }

    private func show(_ text: String) {
        guard terminal >= 0 else { return }
        text.utf8CString.withUnsafeBufferPointer { _ = write(terminal, $0.baseAddress, $0.count - 1) }
    }
}
