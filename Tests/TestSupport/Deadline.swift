import CLibrary

/// A point in time after which a test stops waiting for something that should have happened long ago.
public struct Deadline: Sendable {
    private let end: Int

    /// The point that lies `seconds` after now, by the clock that never jumps.
    public init(seconds: Double) {
        end = Deadline.nowInMilliseconds + Int(seconds * 1000)
    }

    /// Milliseconds left, 0 when the deadline has passed.
    public var millisecondsLeft: Int { max(0, end - Deadline.nowInMilliseconds) }
    /// Whether the deadline has passed.
    public var hasPassed: Bool { millisecondsLeft == 0 }

    /// Asks `condition` again and again until it holds.
    /// - Throws: `ToolFailure` naming `what` if it does not hold in time, or the error of `condition`.
    public static func wait(
        seconds: Double = 20, for what: String, until condition: () throws -> Bool
    ) throws {
        let deadline = Deadline(seconds: seconds)
        while try !condition() {
            guard !deadline.hasPassed else { throw ToolFailure("waited \(seconds) s in vain for: \(what)") }
            usleep(5000)
        }
    }

    private static var nowInMilliseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }
}
