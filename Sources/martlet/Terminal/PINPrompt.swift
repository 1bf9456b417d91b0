import Glibc
import HostCrypto
import Platform

/// Asks for a PIN on the terminal, whatever standard input and output are.
enum PINPrompt {
    /// The longest PIN that can be typed, in bytes. PIV's have at most 8.
    private static let longest = 256

    /// The PIN that the person typed, without echo; nil where nothing was typed or there is no terminal.
    static func ask(_ question: String) throws(CommandFailure) -> TypedPIN? {
        let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        fflush(nil)
        show(question.printable + " ", on: terminal)
        let echo = EchoSwitch(terminal)
        defer {
            echo.restore()
            show("\n", on: terminal)
        }
        var typed = [UInt8](repeating: 0, count: longest)
        defer { typed.wipe() }
        // A terminal hands over a line in one piece.
        let count = read(terminal, &typed, typed.count)
        guard count > 0, typed[count - 1] == UInt8(ascii: "\n") else { return nil }
        guard count > 1 else { return nil }
        return try TypedPIN(typed.span.bytes.extracting(first: count - 1))
    }

    /// The same, where nothing goes on without an answer.
    ///
    /// - Parameter what: what is asked for.
    static func require(_ question: String, what: String) throws(CommandFailure) -> TypedPIN {
        guard let typed = try ask(question) else {
            throw CommandFailure(
                "no \(what) was typed", hint: "the \(what) is asked for on the terminal; run this where there is one",
                .refused)
        }
        return typed
    }

    private static func show(_ text: String, on terminal: Int32) {
        text.utf8CString.withUnsafeBufferPointer { _ = write(terminal, $0.baseAddress, $0.count - 1) }
    }
}

/// A terminal's echo, switched off, and on again also where Ctrl-C ends the program meanwhile.
private struct EchoSwitch {
    private let terminal: Int32
    private let saved: termios?

    init(_ terminal: Int32) {
        self.terminal = terminal
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else {
            saved = nil
            return
        }
        saved = settings
        echoToRestore = (terminal, settings)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                if var echo = echoToRestore { tcsetattr(echo.terminal, TCSANOW, &echo.settings) }
                _exit(128 + number)
            }
        }
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(terminal, TCSAFLUSH, &settings)
    }

    func restore() {
        guard var saved else { return }
        tcsetattr(terminal, TCSAFLUSH, &saved)
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
        echoToRestore = nil
    }
}

/// For the signal handler, which can capture nothing. Set before the handler is installed.
private nonisolated(unsafe) var echoToRestore: (terminal: Int32, settings: termios)?
