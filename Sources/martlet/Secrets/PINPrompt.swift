import CLibrary
import HostCrypto
import Platform

/// Asks for a PIN: on the terminal, whatever standard input and output are, or where a script has it (`SecretSource`).
enum PINPrompt {
    /// What came of a question.
    enum Answer {
        case typed(TypedPIN)
        /// An empty line.
        case nothing
        /// The end of the input: nobody has said anything, not even nothing.
        case ended
        /// There is no terminal, and no program that asks.
        case nobody
    }

    /// What the person typed, without echo.
    static func ask(_ question: String) throws(CommandFailure) -> Answer {
        // What is typed stays in no core file.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        return try SecretSource.current().ask(question)
    }

    /// The same, where nothing goes on without an answer.
    ///
    /// - Parameter what: what is asked for.
    static func require(_ question: String, what: String) throws(CommandFailure) -> TypedPIN {
        switch try ask(question) {
        case .typed(let typed): return typed
        case .nothing, .ended: throw nothingTyped(what)
        case .nobody: throw nobodyAsked(what)
        }
    }

    /// Why nothing goes on where nothing was typed.
    static func nothingTyped(_ what: String) -> CommandFailure {
        CommandFailure(
            "nothing was typed as the \(what), and nothing was sent to the card",
            hint: "run it again, and type the \(what)", .refused)
    }

    /// Why nothing goes on where nobody can be asked.
    static func nobodyAsked(_ what: String) -> CommandFailure {
        CommandFailure(
            "no \(what) was typed: there is no terminal",
            hint: "the \(what) is asked for on the terminal; a script gives it with --pin-fd or MARTLET_ASKPASS",
            .refused)
    }

    /// A secret that is to be set: it is typed twice, so that a slip of the finger locks nobody out. A script gives it once.
    ///
    /// - Parameter name: what it is, such as "PIN".
    static func new(_ name: String) throws(CommandFailure) -> TypedPIN {
        let first = try require("New \(name):", what: "new \(name)")
        if case .descriptor = SecretSource.current() { return first }
        let second = try require("New \(name) again:", what: "new \(name)")
        guard first.isEqual(to: second) else {
            throw CommandFailure(
                "the two are not the same; nothing was changed", hint: "type the same \(name) twice", .data)
        }
        return first
    }

    /// What the person typed, which everybody may see: an empty text for an empty line; nil at the end of the input, or
    /// where there is no terminal.
    static func askOpenly(_ question: String) -> String? { Terminal()?.ask(question) }

    /// Tells a person what to do elsewhere; on standard error where there is no terminal.
    static func tell(_ text: String) {
        guard let terminal = Terminal() else {
            fflush(nil)
            return StandardError.write(text.printable + "\n")
        }
        terminal.show(text.printable + "\n")
    }
}
