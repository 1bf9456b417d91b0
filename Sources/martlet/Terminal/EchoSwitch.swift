import Glibc

/// A terminal's echo, switched off, and on again also where a signal ends or stops the program meanwhile.
struct EchoSwitch {
    /// Ctrl-C, Ctrl-\ and what ends a program from outside.
    private static let endings = [SIGINT, SIGQUIT, SIGTERM, SIGHUP]

    private let previous: [(number: Int32, handler: sighandler_t?)]

    /// Switches the echo off.
    ///
    /// - Throws: where the terminal does not do that: nothing secret is to be typed on it.
    init(_ terminal: Int32) throws(CommandFailure) {
        var shown = termios()
        guard tcgetattr(terminal, &shown) == 0 else { throw Self.failure }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        echo = (terminal, shown, hidden)
        var previous = Self.endings.map { number in
            (
                number,
                signal(number) { number in
                    showEcho(true)
                    _exit(128 + number)
                }
            )
        }
        // Ctrl-Z: the shell must not be left without echo, nor the question with it when the program goes on.
        previous.append(
            (
                SIGTSTP,
                signal(SIGTSTP) { _ in
                    showEcho(true)
                    raise(SIGSTOP)
                }
            ))
        previous.append((SIGCONT, signal(SIGCONT) { _ in showEcho(false) }))
        self.previous = previous
        guard tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else {
            restore()
            throw Self.failure
        }
    }

    /// Switches it on.
    func restore() {
        if var echo { tcsetattr(echo.terminal, TCSAFLUSH, &echo.shown) }
        for (number, handler) in previous { signal(number, handler) }
        echo = nil
    }

    private static let failure = CommandFailure(
        "the terminal's echo cannot be switched off", hint: "run this at another terminal", .unavailable)
}

/// For signal handlers, which can capture nothing. Set before they are installed.
private nonisolated(unsafe) var echo: (terminal: Int32, shown: termios, hidden: termios)?

private func showEcho(_ isShown: Bool) {
    guard var echo else { return }
    _ =
        isShown
        ? tcsetattr(echo.terminal, TCSANOW, &echo.shown) : tcsetattr(echo.terminal, TCSANOW, &echo.hidden)
}
