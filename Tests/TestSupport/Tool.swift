import CLibrary

/// Programs from outside, run to their end.
public enum Tool {
    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - command: the program, looked up in PATH if it has no slash, and its arguments.
    ///   - environment: all the variables that it sees; `cleanEnvironment` if not said.
    ///   - input: the bytes of its standard input.
    ///   - directory: its working directory.
    ///   - timeout: seconds, after which its process group is killed and the result says `timedOut`.
    /// - Returns: how it ended and what it wrote. A code other than 0 is no error here: see `checked`.
    /// - Throws: `ToolFailure` if the program cannot be started.
    public static func run(
        _ command: [String], environment: [String: String]? = nil, input: [UInt8] = [], directory: String? = nil,
        timeout: Double = 60
    ) throws -> ToolResult {
        let child = try ChildProcess(
            command, environment: environment ?? cleanEnvironment, directory: directory)
        var exchange = Exchange(input: input, child: child)
        let ending = exchange.untilEnd(Deadline(seconds: timeout))
        return ToolResult(
            command: command, ending: ending, output: exchange.output, errorOutput: exchange.errorOutput)
    }

    /// The same, with the arguments one after the other.
    public static func run(_ program: String, _ arguments: String...) throws -> ToolResult {
        try run([program] + arguments)
    }

    /// What a test that is skipped says, where a program is in none of the folders of `cleanEnvironment` that a world has;
    /// else nil.
    public static func missing(_ program: String, package: String) -> String? {
        let folders = cleanEnvironment["PATH", default: ""].split(separator: ":")
        let isHere = folders.contains { folder in
            // A link of Debian's alternatives leads to a path of the root's: that it is there is enough.
            var status = stat()
            return lstat(Debian.inWorld("\(folder)/\(program)"), &status) == 0
        }
        return isHere ? nil : "\(program) is not here: apt-get install \(package)"
    }

    /// The same of a file.
    public static func missing(file: String, package: String) -> String? {
        access(Debian.inWorld(file), R_OK) == 0 ? nil : "\(file) is not here: apt-get install \(package)"
    }

    /// What a program sees that nobody gave any settings: a path with the system's folders, and a plain language.
    public static let cleanEnvironment: [String: String] = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
    ]

    /// This process's own environment.
    public static var inheritedEnvironment: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }
}

/// The traffic with one child: its input goes out and its output comes in, as fast as either side allows.
private struct Exchange {
    let child: ChildProcess
    private(set) var output: [UInt8] = []
    private(set) var errorOutput: [UInt8] = []
    private var input: ArraySlice<UInt8>
    private var outputIsOpen = true
    private var errorIsOpen = true

    init(input: [UInt8], child: ChildProcess) {
        self.input = input[...]
        self.child = child
        for descriptor in [child.input, child.output, child.errorOutput] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
        if input.isEmpty { child.closeInput() }
    }

    /// Serves the pipes until the program has ended and its output is read, or until the deadline.
    mutating func untilEnd(_ deadline: Deadline) -> ToolResult.Ending {
        while !deadline.hasPassed {
            // A daemon that the program leaves behind holds the pipes open, so the program's own end counts.
            let ending = child.pollEnding()
            servePipes(milliseconds: ending == nil ? Int32(min(20, deadline.millisecondsLeft)) : 0)
            if let ending { return ending }
        }
        child.killGroup()
        servePipes(milliseconds: 0)
        return .timedOut
    }

    private mutating func servePipes(milliseconds: Int32) {
        var waits = [
            pollfd(fd: outputIsOpen ? child.output : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errorIsOpen ? child.errorOutput : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.input, events: Int16(POLLOUT), revents: 0),
        ]
        poll(&waits, nfds_t(waits.count), milliseconds)
        if outputIsOpen { outputIsOpen = Exchange.drain(child.output, into: &output) }
        if errorIsOpen { errorIsOpen = Exchange.drain(child.errorOutput, into: &errorOutput) }
        feed()
    }

    private mutating func feed() {
        while !input.isEmpty, child.input >= 0 {
            let written = input.withUnsafeBytes { write(child.input, $0.baseAddress, $0.count) }
            if written <= 0 {
                if written < 0 && errno != EAGAIN { child.closeInput() }
                return
            }
            input = input.dropFirst(written)
        }
        child.closeInput()
    }

    /// Reads what is there; false when the pipe has ended.
    private static func drain(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { bytes += buffer[..<count] } else { return count < 0 && errno == EAGAIN }
        }
    }
}
