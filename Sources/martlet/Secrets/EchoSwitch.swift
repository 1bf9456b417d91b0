import CLibrary

/// A terminal's echo, switched off, and on again also where a signal ends or stops the program meanwhile.
struct EchoSwitch {
    private let terminal: Int32
    private let shown: termios
    /// What the keyboard's signals did before: who types a secret can always end the program.
    private let previous: [(number: Int32, handler: sighandler_t?)]

    /// Switches the echo off.
    ///
    /// - Throws: where the terminal does not do that: nothing secret is to be typed on it.
    init(_ terminal: Int32) throws(CommandFailure) {
        var shown = termios()
        guard tcgetattr(terminal, &shown) == 0 else { throw Self.failure }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        (self.terminal, self.shown) = (terminal, shown)
        previous = Command.keyboardSignals.map { ($0, Interruption.catchAlways($0)) }
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
        for (number, handler) in previous { signal(number, handler) }
    }

    private static let failure = CommandFailure(
        "the terminal's echo cannot be switched off", hint: "run this at another terminal", .unavailable)
}
