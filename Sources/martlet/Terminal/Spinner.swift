import Glibc
import Platform

/// Shows on a terminal that the card is at work, until it has done: making an RSA key takes a card a minute or more.
final class Spinner: @unchecked Sendable {
    private static let frames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    private let text: String
    private var thread: pthread_t?
    /// Guards `isOver`.
    private let lock = Lock()
    private var isOver = false

    /// Begins to spin where standard error is a terminal.
    init(_ text: String) {
        self.text = text
        guard isatty(STDERR_FILENO) == 1 else { return }
        fflush(nil)
        var started = pthread_t()
        let status = pthread_create(
            &started, nil,
            { argument in
                if let argument { Unmanaged<Spinner>.fromOpaque(argument).takeUnretainedValue().spin() }
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
        if status == 0 { thread = started }
    }

    /// Ends, and takes the line away.
    func end() {
        guard let thread else { return }
        lock.withLock { isOver = true }
        pthread_join(thread, nil)
        self.thread = nil
        StandardError.write("\r\u{1B}[K")
    }

    private func spin() {
        var turn = 0
        repeat {
            StandardError.write("\r\(Self.frames[turn % Self.frames.count]) \(text)")
            turn += 1
            usleep(100_000)
        } while !lock.withLock({ isOver })
    }
}
