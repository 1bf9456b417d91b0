import CLibrary

/// A program that answers each line with a line.
public final class Conversation {
    private let child: ChildProcess
    private let reader: LineReader

    init(_ child: ChildProcess) {
        self.child = child
        reader = LineReader(child.output)
    }

    /// A program with these variables besides a plain environment.
    /// - Throws: `ToolFailure` if it cannot be started.
    public convenience init(_ command: [String], environment: [String: String] = [:]) throws {
        let variables = Tool.cleanEnvironment.merging(environment) { $1 }
        self.init(try ChildProcess(command, environment: variables))
    }

    /// Sends a line and waits for the answer.
    /// - Throws: `ToolFailure` if the program has ended, or does not answer within the seconds.
    public func ask(_ line: String, timeout: Double = 30) throws -> String {
        let bytes = Array((line + "\n").utf8)
        guard write(child.input, bytes, bytes.count) == bytes.count else {
            throw ToolFailure("the program has ended before '\(line)': \(child.errors)")
        }
        let answer = try reader.next(Deadline(seconds: timeout))
        guard !answer.isEmpty else { throw ToolFailure("no answer to '\(line)': \(child.errors)") }
        return answer
    }
}
