/// What a program left behind: how it ended, and what it wrote.
public struct ToolResult: Sendable, CustomStringConvertible {
    /// How a program ended.
    public enum Ending: Sendable, Equatable {
        /// It ended by itself with this code.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)
        /// It did not end in time; its process group was killed.
        case timedOut
    }

    /// The program and its arguments.
    public let command: [String]
    /// How it ended.
    public let ending: Ending
    /// The bytes of its standard output.
    public let output: [UInt8]
    /// The bytes of its standard error.
    public let errorOutput: [UInt8]

    /// Whether the program ended by itself with code 0.
    public var succeeded: Bool { ending == .exited(0) }
    /// The standard output, read as UTF-8.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// The standard error, read as UTF-8.
    public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
    /// Standard output and then standard error, for programs that mix their uses.
    public var allText: String { text + errorText }
    /// The lines of the standard output.
    public var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// The whole story, for the message of a test that failed.
    public var description: String {
        """
        \(command.joined(separator: " "))
        ended: \(ending)
        output: \(text)
        errors: \(errorText)
        """
    }

    /// This result, if the program succeeded.
    /// - Throws: `ToolFailure` with the whole story if it did not.
    @discardableResult
    public func checked() throws -> ToolResult {
        guard succeeded else { throw ToolFailure(description) }
        return self
    }
}

/// A program that could not be started, or did not do what a test needs from it.
public struct ToolFailure: Error, CustomStringConvertible {
    /// What happened, for a person.
    public let description: String

    /// A failure with its story.
    public init(_ description: String) {
        self.description = description
    }
}
