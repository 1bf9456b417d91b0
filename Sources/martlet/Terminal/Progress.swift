import CLibrary
import Platform

/// What is going on, for a person who waits: on a terminal a line that moves and tells for how long, elsewhere one line for
/// what takes more than two seconds.
enum Progress {
    /// When a line is shown.
    enum Start {
        /// On a terminal, however soon it is over.
        case atOnce
        /// On a terminal after a second.
        case later
    }

    /// One thing that goes on.
    private struct Activity {
        let number: Int
        let text: String
        let hasMark: Bool
        let start: Start
        let since: Int
    }

    private static let frames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
    private static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Guards what follows.
    private static let lock = Lock()
    nonisolated(unsafe) private static var activities: [Activity] = []
    nonisolated(unsafe) private static var isDrawn = false
    nonisolated(unsafe) private static var isTold = false
    nonisolated(unsafe) private static var isTicking = false
    nonisolated(unsafe) private static var turn = 0
    nonisolated(unsafe) private static var lastNumber = 0

    /// Runs `body`, and tells of it where it takes long.
    static func during<R: ~Copyable, E: Error>(
        _ text: String, start: Start = .later, _ body: () throws(E) -> R
    ) throws(E) -> R {
        let number = begin(text, start)
        defer { end(number) }
        return try body()
    }

    /// Begins something; the result is for `end`. Of things in one another, the first one is shown.
    ///
    /// - Parameter hasMark: whether the line has a mark that turns.
    static func begin(_ text: String, _ start: Start, hasMark: Bool = true) -> Int {
        lock.withLock {
            lastNumber += 1
            activities.append(
                Activity(
                    number: lastNumber, text: text.printable, hasMark: hasMark, start: start,
                    since: MonotonicClock.milliseconds()))
            if activities.count == 1 { isTold = false }
            if activities.count == 1, start == .atOnce, isTerminal { draw() }
            startTicking()
            return lastNumber
        }
    }

    /// Ends it, and takes the line away.
    static func end(_ number: Int) {
        lock.withLock {
            activities.removeAll { $0.number == number }
            guard isDrawn, activities.isEmpty else { return }
            isDrawn = false
            StandardError.write("\r\u{1B}[K")
        }
    }

    private static func startTicking() {
        guard !isTicking else { return }
        var thread = pthread_t()
        isTicking =
            pthread_create(
                &thread, nil,
                { _ in
                    while true {
                        usleep(100_000)
                        Progress.lock.withLock { Progress.tick() }
                    }
                }, nil) == 0
        if isTicking { pthread_detach(thread) }
    }

    private static func tick() {
        guard let first = activities.first else { return }
        let elapsed = MonotonicClock.milliseconds() - first.since
        if isTerminal {
            if first.start == .atOnce || elapsed >= 1000 { draw() }
        } else if elapsed >= 2000, !isTold {
            isTold = true
            StandardError.write("martlet: waiting: \(first.text)\n")
        }
    }

    private static func draw() {
        guard let first = activities.first else { return }
        fflush(nil)
        let seconds = (MonotonicClock.milliseconds() - first.since) / 1000
        let mark = first.hasMark ? "\(frames[turn % frames.count]) " : ""
        let time = seconds > 0 ? " (\(seconds) s)" : ""
        let room = (TerminalWidth.of(STDERR_FILENO) ?? 80) - mark.count - time.count - 1
        StandardError.write("\r\u{1B}[K" + mark + first.text.shortened(to: max(room, 8)) + time)
        turn += 1
        isDrawn = true
    }
}
