import CLibrary

/// A file, or standard error, that lines are added to. Each line is one write, so that processes do not mix theirs.
public final class LogFile: Sendable {
    private let descriptor: Int32

    /// Opens a file for appending, readable by its owner only; "stderr" and "/dev/stderr" are standard error. Nil where
    /// it cannot be opened, or is not to be trusted: another user's, or one with another name beside this one, by which
    /// others could make the process write to a file that they cannot write to.
    ///
    /// Where the environment of a process of root's names it, it must be there, and empty or a log: whoever could set a
    /// variable, and no more, must not have lines added to a file of the system's, nor make one.
    public init?(_ path: String, from origin: Setting.Origin) {
        guard path != "stderr", path != "/dev/stderr" else {
            guard let copy = Self.aboveStandard(STDERR_FILENO) else { return nil }
            descriptor = copy
            return
        }
        let mustBeLog = origin == .environment && geteuid() == 0
        // Not blocking: a FIFO without a reader must not hold up the host.
        let flags = O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (mustBeLog ? O_RDWR : O_WRONLY | O_CREAT)
        let opened = open(path, flags, 0o600)
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
            status.st_uid == geteuid(), !mustBeLog || Self.isLog(opened), let copy = Self.aboveStandard(opened)
        else { return nil }
        descriptor = copy
    }

    private static let lineStart = "martlet["

    /// Whether a file is empty, or begins with a line of the module's.
    private static func isLog(_ descriptor: Int32) -> Bool {
        let start = [UInt8](unsafeUninitializedCapacity: lineStart.utf8.count) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return start.isEmpty || start.elementsEqual(lineStart.utf8)
    }

    /// The same open file under a number above the standard ones: in a host that has closed those, what it writes to
    /// its standard output or error must not come to be in the log.
    private static func aboveStandard(_ descriptor: Int32) -> Int32? {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        return copy < 0 ? nil : copy
    }

    deinit { close(descriptor) }

    /// Adds one line.
    public func write(_ line: String) {
        var text = "\(Self.lineStart)\(getpid())]: \(line)\n"
        // Standard error may be a pipe that nobody reads any more, and the file may be as long as the host's limit lets
        // it be (RLIMIT_FSIZE): their signals must not end the host.
        var signals = sigset_t(), before = sigset_t(), pending = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGPIPE, SIGXFSZ] { sigaddset(&signals, signal) }
        sigpending(&pending)
        pthread_sigmask(SIG_BLOCK, &signals, &before)
        let written = text.withUTF8 { bytes in CLibrary.write(descriptor, bytes.baseAddress, bytes.count) }
        if written < 0, let signal = [EPIPE: SIGPIPE, EFBIG: SIGXFSZ][errno], sigismember(&pending, signal) == 0 {
            var one = sigset_t(), now = timespec()
            sigemptyset(&one)
            sigaddset(&one, signal)
            sigtimedwait(&one, nil, &now)
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
