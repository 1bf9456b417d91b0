import CLibrary
import Platform

/// A private world with a real pcscd, its readers, and cards in them, for any programs to run in.
///
/// The world is a set of Linux namespaces: mounts, network and processes are its own. So worlds run in parallel, as
/// any user, and none of them sees the machine's own pcscd, readers or tokens. All that was started in it ends when
/// the object goes, and also when the tests die. The tests' user is root in it, but only as mighty as before outside.
public final class CardWorld: Sendable {
    /// The readers, in the order in which they were given.
    public let readers: [CardReader]
    /// A folder for this world's files, which is also the home directory of the programs that run in it.
    public let home: TemporaryDirectory
    private let supervisor: Guarded<WorldSupervisor>
    private let worldPid: String
    private let watch: Guarded<SecretWatch>
    /// What pcscd writes to its log: `--debug` or `--info`.
    let serviceLogLevel: String

    /// Starts a world and waits until its pcscd runs and each card that it names is in its reader.
    /// - Parameters:
    ///   - readers: the readers, each with a name of its own.
    ///   - countsMessages: whether pcscd writes down what it is asked, for `messages`.
    /// - Throws: `ToolFailure` with the logs if that does not come about.
    public init(readers: [CardReader], countsMessages: Bool = false) throws {
        // pcscd numbers the readers of one driver; ours each have their own, and so would get the same number.
        guard Set(readers.map(\.name)).count == readers.count else { throw ToolFailure("readers share a name") }
        self.readers = readers
        serviceLogLevel = countsMessages ? "--debug" : "--info"
        home = try TemporaryDirectory(prefix: "martlet-world")
        watch = Guarded(SecretWatch(folder: home.path))
        let started = try WorldSupervisor(directory: home.path)
        worldPid = started.worldPid
        supervisor = Guarded(started)
        try writeReaderConfiguration()
        try startService()
    }

    /// Starts a world with one reader with this name, and a card in it.
    public convenience init(card: CardProgram, inReader name: String = CardReader.yubiKeyName) throws {
        try self.init(readers: [CardReader(name, card: card)])
    }

    /// The name that PC/SC shows for a reader: pcscd appends the reader's and the slot's number.
    ///
    /// vpcd gives each reader a second slot too, ending in 01, that always is empty.
    public func readerName(_ index: Int = 0) -> String { readers[index].name + " 00 00" }

    /// The socket of the world's pcscd as this process, outside the world, reaches it: for libpcsclite's variable
    /// PCSCLITE_CSOCK_NAME, which it reads once in a process.
    public var serviceSocket: String { "/proc/\(worldPid)/root/run/pcscd/pcscd.comm" }

    deinit {
        // What the last programs wrote. Nobody is there to catch an error.
        do { try watch.withLock { try $0.look() } } catch { fatalError("\(error)") }
    }

    // MARK: Programs

    /// Runs a program in this world to its end.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments.
    ///   - environment: variables that it sees besides a plain PATH, LANG, and HOME, the world's folder.
    ///   - input: the bytes of its standard input.
    ///   - timeout: seconds, after which it is killed and the result says `timedOut`.
    /// - Throws: `ToolFailure` if it cannot be started, or if the module has written a secret to a log or a trace.
    public func run(
        _ command: [String], environment: [String: String] = [:], input: [UInt8] = [], timeout: Double = 60
    ) throws -> ToolResult {
        let result = try Tool.run(
            enter + command, environment: programEnvironment.merging(environment) { $1 }, input: input,
            timeout: timeout)
        try SecretWatch.check(result.errorText, "standard error")
        try watch.withLock { try $0.look() }
        return result
    }

    /// The same, with the arguments one after the other.
    public func run(_ program: String, _ arguments: String...) throws -> ToolResult {
        try run([program] + arguments)
    }

    /// Starts a program in this world that answers each line with a line, and ends with the conversation.
    /// - Throws: `ToolFailure` if it cannot be started.
    public func converse(_ command: [String], environment: [String: String] = [:]) throws -> Conversation {
        Conversation(
            try ChildProcess(
                enter + command, environment: programEnvironment.merging(environment) { $1 }, directory: home.path))
    }

    /// Runs a program in this world to its end, at a terminal at which a person answers its questions.
    ///
    /// - Parameters:
    ///   - typing: what the terminal must show, and the line that the person types then, in this order.
    ///   - prepare: what happens before a line is typed.
    /// - Returns: the result, whose standard error is all that the terminal showed.
    /// - Throws: `ToolFailure` if it cannot be started, or does not show what is awaited; or the error of `prepare`.
    public func run(
        _ command: [String], typing: [(awaited: String, line: String)], prepare: () throws -> Void = {}
    ) throws -> ToolResult {
        let session = try TerminalSession(enter + command, environment: programEnvironment)
        for (awaited, line) in typing {
            try session.wait(for: awaited)
            try prepare()
            try session.type(line)
        }
        return try session.end()
    }

    /// Starts a program in this world that runs beside the test, until a `signal` or the world's end.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments.
    ///   - environment: as for `run`.
    ///   - log: the file in the world's folder that its output goes to.
    /// - Returns: its process id in the world.
    /// - Throws: `ToolFailure` if it cannot be started.
    public func startInBackground(
        _ command: [String], environment: [String: String] = [:], log: String
    ) throws -> Int {
        let shell = #"file=$1; shift; : >"$file"; "$@" >"$file" 2>&1 </dev/null & echo $!"#
        let started = try run(
            ["bash", "-c", shell, "bash", home.file(log)] + command, environment: environment
        ).checked()
        guard let pid = Int(started.text.filter(\.isNumber)) else { throw ToolFailure("\(started)") }
        return pid
    }

    /// Sends a signal to a process of this world.
    /// - Throws: `ToolFailure` if the process is no more.
    public func signal(_ name: String, to pid: Int) throws {
        try run("kill", "-s", name, String(pid)).checked()
    }

    /// Shows a folder of this world's instead of one of the machine's, to the programs in this world alone.
    /// - Throws: `ToolFailure` if there is no such folder.
    public func mount(_ folder: String, over place: String) throws {
        try run("mount", "--bind", folder, place).checked()
    }

    // MARK: The world's own parts

    /// Runs one line of shell in the world's first process.
    /// - Returns: the exit status of its last command.
    func tell(_ line: String) throws -> Int32 {
        try supervisor.withLock { try $0.run(line) }
    }

    private var programEnvironment: [String: String] {
        Tool.cleanEnvironment.merging(Sanitizer.environment) { $1 }.merging(["HOME": home.path]) { $1 }
            .merging(watch.withLock { $0.environment }) { $1 }
    }

    private var enter: [String] {
        let user = getuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", worldPid, "--mount", "--net", "--pid"] + user + [
            "--", "env", "--chdir", home.path,
        ]
    }
}

/// A string as one word of a shell's line.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
}
