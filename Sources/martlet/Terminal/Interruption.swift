import CLibrary

/// What is put right before a signal ends this program or stops it: the terminal's echo is on, and no file is left that
/// holds nothing yet.
///
/// What a handler reads is plain memory that is set before the handlers are installed.
enum Interruption {
    /// The signals that stop a program, and the one that lets it go on.
    private static let stops = [SIGTSTP, SIGTTIN, SIGTTOU]

    /// The signals that end nothing unless a program says so, those that cannot be caught, and those that say no more
    /// than that a write failed.
    private static let spared = [SIGKILL, SIGSTOP, SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGXFSZ]

    /// How many files can wait for their content at one time.
    private static let mostFiles = 8

    nonisolated(unsafe) private static let files: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = {
        let files = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: mostFiles)
        files.initialize(repeating: nil, count: mostFiles)
        return files
    }()

    nonisolated(unsafe) private static let echo: UnsafeMutablePointer<Echo> = {
        let echo = UnsafeMutablePointer<Echo>.allocate(capacity: 1)
        echo.initialize(to: Echo())
        return echo
    }()

    /// A terminal whose echo is off; its number is negative where there is none.
    private struct Echo {
        var terminal: Int32 = -1
        var shown = termios()
        var hidden = termios()
    }

    /// Catches every signal that would end the program, and that nobody told it to ignore.
    static func install() {
        (_, _) = (files, echo)
        // A file that grows too long for its limit is an error of write(2).
        signal(SIGXFSZ, SIG_IGN)
        for number in 1...64 where !spared.contains(Int32(number)) && !stops.contains(Int32(number)) {
            catchUnlessIgnored(Int32(number), end)
        }
        for number in stops {
            catchUnlessIgnored(number) { number in
                Interruption.show(true)
                raise(SIGSTOP)
            }
        }
        catchUnlessIgnored(SIGCONT) { _ in Interruption.show(false) }
    }

    /// Catches a signal also where the program was told to ignore it, as a shell does for those in the background.
    ///
    /// - Returns: what it did before.
    static func catchAlways(_ number: Int32) -> sighandler_t? { signal(number, end) }

    private static let end: @convention(c) (Int32) -> Void = { number in
        Interruption.cleanUp()
        signal(number, SIG_DFL)
        raise(number)
    }

    private static func catchUnlessIgnored(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        guard let previous = signal(number, handler) else { return }
        if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
    }

    // MARK: The terminal

    /// Notes that a terminal's echo is off until `showsEcho`.
    static func hidesEcho(_ terminal: Int32, shown: termios, hidden: termios) {
        echo.pointee = Echo(terminal: terminal, shown: shown, hidden: hidden)
    }

    /// Notes that the terminal is as it was.
    static func showsEcho() { echo.pointee.terminal = -1 }

    /// Only a program in the foreground may set the terminal: it is another one's else.
    fileprivate static func show(_ isShown: Bool) {
        let terminal = echo.pointee.terminal
        guard terminal >= 0, tcgetpgrp(terminal) == getpgrp() else { return }
        if isShown {
            tcsetattr(terminal, TCSANOW, &echo.pointee.shown)
        } else {
            tcsetattr(terminal, TCSANOW, &echo.pointee.hidden)
        }
    }

    // MARK: Files

    /// Notes a file that is to go unless something is written to it; the result is for `keep`.
    static func note(unfinished path: String) -> Int? {
        guard let place = (0..<mostFiles).first(where: { files[$0] == nil }) else { return nil }
        files[place] = strdup(path)
        return place
    }

    /// Lets a file stay.
    static func keep(_ place: Int?) {
        guard let place, let path = files[place] else { return }
        files[place] = nil
        free(path)
    }

    fileprivate static func cleanUp() {
        show(true)
        for place in 0..<mostFiles { if let path = files[place] { unlink(path) } }
    }
}
