import CLibrary

/// A program at a terminal of its own, which is its standard input and error and what it opens as /dev/tty, and the
/// person who sits there. Its standard output is a pipe.
final class TerminalSession {
    private let command: [String]
    private let child: ChildProcess
    /// The terminal's other end: what is written here is typed, what is read here was shown.
    private let person: Int32
    private var shown: [UInt8] = []
    private var output: [UInt8] = []
    /// How much of `shown` was awaited already.
    private var seen = 0

    /// Starts a program.
    /// - Throws: `ToolFailure` if it cannot be started.
    init(_ command: [String], environment: [String: String]) throws {
        self.command = command
        var ends: (person: Int32, program: Int32) = (-1, -1)
        guard openpty(&ends.person, &ends.program, nil, nil, nil) == 0 else {
            throw ToolFailure("no terminal: \(String(cString: strerror(errno)))")
        }
        person = ends.person
        let terminal = ends.program
        defer { close(terminal) }
        // Another child must not hold the terminal open.
        for end in [person, terminal] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A session of its own, with the terminal for its controlling one.
        child = try ChildProcess(
            ["setsid", "--ctty", "--wait"] + command, environment: environment, terminal: terminal)
        for descriptor in [person, child.output] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    deinit { close(person) }

    /// Waits until the terminal shows a text, after what was awaited before.
    /// - Throws: `ToolFailure` with all that it shows, if the text does not come.
    func wait(for text: String) throws {
        let awaited = Array(text.utf8)
        let deadline = Deadline(seconds: 30)
        while true {
            drain()
            if let end = Self.end(of: awaited, in: shown, from: seen) {
                seen = end
                return
            }
            guard !deadline.hasPassed, child.pollEnding() == nil else {
                throw ToolFailure("'\(text)' did not come: \(String(decoding: shown, as: UTF8.self))")
            }
            usleep(2000)
        }
    }

    /// Types a line, or a control character, such as Ctrl-Z, alone.
    /// - Throws: `ToolFailure` if the terminal takes none.
    func type(_ line: String) throws {
        let isControl = line.utf8.count == 1 && line.utf8.allSatisfy { $0 < 0x20 }
        let bytes = Array((isControl ? line : line + "\n").utf8)
        guard write(person, bytes, bytes.count) == bytes.count else { throw ToolFailure("nobody reads the terminal") }
    }

    /// Waits for the program's end.
    func end() throws -> ToolResult {
        let deadline = Deadline(seconds: 60)
        while !deadline.hasPassed {
            let ending = child.pollEnding()
            drain()
            if let ending {
                return ToolResult(command: command, ending: ending, output: output, errorOutput: shown)
            }
            usleep(2000)
        }
        child.killGroup()
        throw ToolFailure("it does not end: \(String(decoding: shown, as: UTF8.self))")
    }

    private func drain() {
        shown += Self.pending(person)
        output += Self.pending(child.output)
    }

    private static func pending(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Where a text ends, if it is there.
    private static func end(of text: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= start + text.count else { return nil }
        let found = (start...(bytes.count - text.count)).first { bytes[$0..<($0 + text.count)].elementsEqual(text) }
        return found.map { $0 + text.count }
    }
}
