import Glibc
import Platform
import Token

/// What the environment sets. A setuid program ignores its user's environment.
struct Settings {
    /// MARTLET_IDENTITY: `opensc` shows the token fields that OpenSC shows.
    let identity: TokenIdentity
    /// MARTLET_EACH_USE: `login` gives the PIN of the login for each use of a key that wants it.
    let loginServesEachUse: Bool
    /// MARTLET_VERIFY: `all` verifies each signature of a card before it leaves, and not only RSA's.
    let verifiesAllSignatures: Bool
    /// MARTLET_LOG: where lines on errors go.
    let log: LogFile?
    /// MARTLET_TRACE: where APDUs go, with PINs and plaintext left out.
    let trace: LogFile?

    static func current() -> Settings {
        Settings(
            identity: Environment.value(of: "MARTLET_IDENTITY") == "opensc" ? .opensc : .truthful,
            loginServesEachUse: Environment.value(of: "MARTLET_EACH_USE") == "login",
            verifiesAllSignatures: Environment.value(of: "MARTLET_VERIFY") == "all",
            log: Environment.value(of: "MARTLET_LOG").flatMap(LogFile.init),
            trace: Environment.value(of: "MARTLET_TRACE").flatMap(LogFile.init))
    }
}

/// A file, or standard error, that lines are added to. Each line is one write, so that processes do not mix theirs.
final class LogFile: Sendable {
    private let descriptor: Int32

    /// Opens a file for appending, readable by its owner only; "stderr" and "/dev/stderr" are standard error. Nil where
    /// it cannot be opened.
    init?(_ path: String) {
        guard path != "stderr", path != "/dev/stderr" else {
            guard let copy = Self.aboveStandard(STDERR_FILENO) else { return nil }
            descriptor = copy
            return
        }
        // Not blocking: a FIFO without a reader must not hold up the host.
        let opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let copy = Self.aboveStandard(opened)
        else { return nil }
        descriptor = copy
    }

    /// The same open file under a number above the standard ones: in a host that has closed those, what it writes to
    /// its standard output or error must not come to be in the log.
    private static func aboveStandard(_ descriptor: Int32) -> Int32? {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        return copy < 0 ? nil : copy
    }

    deinit { close(descriptor) }

    /// Adds one line.
    func write(_ line: String) {
        var text = "martlet[\(getpid())]: \(line)\n"
        // Standard error may be a pipe that nobody reads any more: its signal must not end the host.
        var pipe = sigset_t(), before = sigset_t(), pending = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        sigpending(&pending)
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        let written = text.withUTF8 { bytes in Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
        if written < 0, errno == EPIPE, sigismember(&pending, SIGPIPE) == 0 {
            var now = timespec()
            sigtimedwait(&pipe, nil, &now)
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
