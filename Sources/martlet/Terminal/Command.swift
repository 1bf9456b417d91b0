import Glibc

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
        for number in keyboardSignals { sigaddset(&signals, number) }
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
            case process: return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
            default: return errno == EINTR ? nil : 1
            }
        }
    }

    /// Becomes another program.
    static func replaceProcess(by program: String, _ arguments: [String]) throws(CommandFailure) -> Never {
        fflush(nil)
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
