import CLibrary
import Platform

/// Other programs, looked up in PATH.
enum Command {
    /// Runs a program, whose output nobody sees, and tells whether it ended with code 0.
    static func succeeds(_ words: [String]) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var process: pid_t = 0
        guard let program = words.first,
            withArguments(words, { posix_spawnp(&process, program, &actions, nil, $0, environ) }) == 0
        else { return false }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return false }
        }
        return status == 0
    }

    /// Starts a program that has this one's standard input, output and error, and which the signals of the keyboard end
    /// even where this one ignores them; nil where it cannot be started, with errno telling why.
    static func start(_ words: [String]) -> Child? {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in keyboardSignals + [SIGXFSZ] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        guard let program = words.first else { return nil }
        let status = withArguments(words) { posix_spawnp(&process, program, nil, &attributes, $0, environ) }
        errno = status
        return status == 0 ? Child(process: process) : nil
    }

    /// Ctrl-C and Ctrl-\.
    static let keyboardSignals = [SIGINT, SIGQUIT]

    /// A program that was started.
    struct Child {
        fileprivate let process: pid_t

        /// The exit code, or 128 and the number of the signal that ended it; nil while it runs.
        func pollEnd() -> Int32? {
            var status: Int32 = 0
            switch waitpid(process, &status, WNOHANG) {
            case 0: return nil
            case process: return Command.code(status)
            default: return errno == EINTR ? nil : 1
            }
        }
    }

    /// A program whose standard input and output are pipes of this one's.
    struct Partner {
        fileprivate let process: pid_t
        fileprivate let input: Descriptor
        /// What it writes is read here.
        let output: Int32
        /// What it writes to standard error; nil where that is this program's own.
        fileprivate let errors: Int32?

        /// Writes to its standard input.
        func send(_ text: String) { send(Array(text.utf8)) }

        /// The same of bytes.
        func send(_ bytes: [UInt8]) {
            // A partner that has gone ends nobody else.
            let previous = signal(SIGPIPE, SIG_IGN)
            defer { signal(SIGPIPE, previous) }
            bytes.withUnsafeBytes { buffer in
                var sent = 0
                while sent < buffer.count {
                    let count = CLibrary.write(
                        input.number, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
                    guard count > 0 || (count < 0 && errno == EINTR) else { return }
                    sent += max(count, 0)
                }
            }
        }

        /// Lets it see the end of its input.
        func closeInput() { input.close() }

        /// All that it writes, until it has ended or the time is over: it is killed then.
        ///
        /// - Returns: nil where it did not end by itself with code 0 in time.
        func result(withinSeconds limit: Int) -> [UInt8]? { resultAndErrors(withinSeconds: limit).result }

        /// The same, and what it wrote to standard error, where that is taken.
        func resultAndErrors(withinSeconds limit: Int) -> (result: [UInt8]?, errors: [UInt8]) {
            let deadline = MonotonicClock.milliseconds() + 1000 * limit
            var contents: [[UInt8]] = []
            for pipe in [output] + (errors.map { [$0] } ?? []) {
                guard let content = Self.content(of: pipe, until: deadline) else {
                    kill(process, SIGKILL)
                    _ = end()
                    return (nil, [])
                }
                contents.append(content)
            }
            return (end() == 0 ? contents[0] : nil, contents.count > 1 ? contents[1] : [])
        }

        /// All that comes through a pipe; nil where it has no end in time.
        private static func content(of pipe: Int32, until deadline: Int) -> [UInt8]? {
            var content: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 12)
            while true {
                let left = deadline - MonotonicClock.milliseconds()
                var wait = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
                guard left > 0, poll(&wait, 1, Int32(clamping: left)) > 0 else {
                    if left > 0, errno == EINTR { continue }
                    return nil
                }
                let count = read(pipe, &buffer, buffer.count)
                guard count > 0 else { return content }
                content += buffer[..<count]
            }
        }

        /// Closes the pipes, and waits for its end: the exit code, or 128 and the number of the signal that ended it.
        func end() -> Int32 {
            input.close()
            CLibrary.close(output)
            if let errors { CLibrary.close(errors) }
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 {
                guard errno == EINTR else { return 1 }
            }
            return Command.code(status)
        }
    }

    /// An open file that is closed once.
    fileprivate final class Descriptor {
        private(set) var number: Int32

        init(_ number: Int32) { self.number = number }

        func close() {
            if number >= 0 { CLibrary.close(number) }
            number = -1
        }
    }

    /// Starts a program that this one talks to; nil where it cannot be started, with errno telling why.
    ///
    /// - Parameter takesErrors: whether what it writes to standard error is kept, as long as it is short.
    static func open(_ words: [String], takingErrors takesErrors: Bool = false) -> Partner? {
        var (toChild, fromChild) = ([Int32](repeating: -1, count: 2), [Int32](repeating: -1, count: 2))
        var errors = [Int32](repeating: -1, count: 2)
        guard let program = words.first, pipe(&toChild) == 0, pipe(&fromChild) == 0,
            !takesErrors || pipe(&errors) == 0
        else { return nil }
        for end in toChild + fromChild + errors where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
        if takesErrors { posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO) }
        var process: pid_t = 0
        fflush(nil)
        let status = withArguments(words) { posix_spawnp(&process, program, &actions, nil, $0, environ) }
        close(toChild[0])
        close(fromChild[1])
        if takesErrors { close(errors[1]) }
        guard status == 0 else {
            close(toChild[1])
            close(fromChild[0])
            if takesErrors { close(errors[0]) }
            errno = status
            return nil
        }
        return Partner(
            process: process, input: Descriptor(toChild[1]), output: fromChild[0],
            errors: takesErrors ? errors[0] : nil)
    }

    /// Whether a program of this name is in a folder of PATH.
    static func isInPath(_ program: String) -> Bool {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return folders.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    private static func code(_ status: Int32) -> Int32 {
        status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }

    /// Becomes another program.
    static func replaceProcess(by program: String, _ arguments: [String]) throws(CommandFailure) -> Never {
        fflush(nil)
        signal(SIGXFSZ, SIG_DFL)
        withArguments([program] + arguments) { _ = execvp(program, $0) }
        throw CommandFailure(
            "\(program) cannot be started: \(String(cString: strerror(errno)))", hint: "is it installed?", .unavailable)
    }

    /// Calls `body` with the words as execvp(3) wants them.
    private static func withArguments<Result>(
        _ words: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: words.count + 1)
        for (index, word) in words.enumerated() { list[index] = strdup(word) }
        list[words.count] = nil
        defer {
            for index in words.indices { free(list[index]) }
            list.deallocate()
        }
        return body(list)
    }
}
