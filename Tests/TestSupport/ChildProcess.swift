import CLibrary
import Platform

/// A program running in a process group of its own, with pipes to its standard input, output and error.
///
/// It inherits no end of another child's pipes, so that a pipe closes as soon as its owner closes it.
public final class ChildProcess {
    /// Its process id, which is its process group's too.
    public let pid: pid_t
    /// The end of the pipe that it reads as standard input. This side closes it with `closeInput`.
    public private(set) var input: Int32
    /// The end of the pipe that it writes standard output to.
    public let output: Int32
    /// The end of the pipe that it writes standard error to.
    public let errorOutput: Int32
    private var ending: ToolResult.Ending?

    /// Starts a program.
    /// - Parameters:
    ///   - command: the program, looked up in PATH if it has no slash, and its arguments.
    ///   - environment: all the variables that it sees.
    ///   - directory: its working directory, or nil for this process's own.
    ///   - terminal: a terminal to be its standard input and error in place of the pipes; or nil.
    /// - Throws: `ToolFailure` if it cannot be started.
    public init(
        _ command: [String], environment: [String: String], directory: String? = nil, terminal: Int32? = nil
    ) throws {
        _ = ChildProcess.ignoreBrokenPipes
        let command = directory.map { ["env", "--chdir", $0] + command } ?? command
        (pid, input, output, errorOutput) = try ChildProcess.startingAlone.withLock {
            try ChildProcess.start(command, environment.map { "\($0.key)=\($0.value)" }, terminal)
        }
    }

    deinit {
        closeInput()
        close(output)
        close(errorOutput)
        if ending == nil { killGroup() }
    }

    private typealias Started = (pid: pid_t, input: Int32, output: Int32, errorOutput: Int32)

    /// Held while no child may start: between a pipe's making and its marking as not to be inherited, for one.
    static let startingAlone = Lock()

    private static func start(
        _ command: [String], _ environment: [String], _ terminal: Int32?
    ) throws -> Started {
        guard let program = command.first else { throw ToolFailure("no program is named") }
        let inputPipe = try Pipe(), outputPipe = try Pipe(), errorPipe = try Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, terminal ?? inputPipe.readEnd, 0)
        posix_spawn_file_actions_adddup2(&actions, outputPipe.writeEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, terminal ?? errorPipe.writeEnd, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaultSignals = sigset_t(), noSignals = sigset_t()
        sigfillset(&defaultSignals)
        sigemptyset(&noSignals)
        posix_spawnattr_setsigdefault(&attributes, &defaultSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var pid: pid_t = 0
        let status = withCStrings(command) { arguments in
            withCStrings(environment) { posix_spawnp(&pid, program, &actions, &attributes, arguments, $0) }
        }
        for end in [inputPipe.readEnd, outputPipe.writeEnd, errorPipe.writeEnd] { close(end) }
        guard status == 0 else {
            for end in [inputPipe.writeEnd, outputPipe.readEnd, errorPipe.readEnd] { close(end) }
            throw ToolFailure("\(program) cannot be started: \(String(cString: strerror(status)))")
        }
        return (pid, inputPipe.writeEnd, outputPipe.readEnd, errorPipe.readEnd)
    }

    /// Closes the program's standard input, which then reads as ended.
    public func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    /// How the program ended, or nil while it runs.
    public func pollEnding() -> ToolResult.Ending? { reap(WNOHANG) }

    /// Kills the whole process group and waits for the program's end.
    public func killGroup() {
        kill(-pid, SIGKILL)
        _ = reap(0)
    }

    private func reap(_ options: Int32) -> ToolResult.Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        var reaped = waitpid(pid, &status, options)
        while reaped == -1 && errno == EINTR { reaped = waitpid(pid, &status, options) }
        guard reaped == pid else { return nil }
        let signal = status & 0x7F
        ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
        return ending
    }

    /// A program that ends before it has read its input must not end the tests.
    private static let ignoreBrokenPipes: Void = { signal(SIGPIPE, SIG_IGN) }()
}

/// Both ends of a new pipe, closed in programs that this process starts.
private struct Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ToolFailure("no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }
}

/// Calls `body` with a NULL-terminated array of C strings, as exec wants them.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}
