import Glibc

/// A terminal's echo, switched off, and on again also where a signal ends or stops the program meanwhile.
struct EchoSwitch {
    private let terminal: Int32
    private let shown: termios

    /// Switches the echo off.
    ///
    /// - Throws: where the terminal does not do that: nothing secret is to be typed on it.
    init(_ terminal: Int32) throws(CommandFailure) {
        var shown = termios()
        guard tcgetattr(terminal, &shown) == 0 else { throw Self.failure }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        (self.terminal, self.shown) = (terminal, shown)
        // Before it is off: a signal in between finds it.
        Interruption.hidesEcho(terminal, shown: shown, hidden: hidden)
        guard tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else {
            restore()
            throw Self.failure
        }
    }

    /// Switches it on.
    func restore() {
        var shown = shown
        tcsetattr(terminal, TCSAFLUSH, &shown)
        Interruption.showsEcho()
    }

    private static let failure = CommandFailure(
        "the terminal's echo cannot be switched off", hint: "run this at another terminal", .unavailable)
}
