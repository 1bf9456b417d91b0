import CLibrary
import Platform

/// Why a command did not do what was asked: one line that says what is wrong, and one that says what helps.
struct CommandFailure: Error {
    /// The exit code, documented in `martlet --help`.
    enum Code: Int32 {
        /// The card, the module or a program failed.
        case failed = 1
        /// The command line is not understood (EX_USAGE of sysexits.h).
        case usage = 64
        /// What was given is not what it should be: no certificate, a ciphertext for another key (EX_DATAERR).
        case data = 65
        /// A file, a program or a card is missing, or not to be had (EX_UNAVAILABLE).
        case unavailable = 69
        /// The user may not do this, or the PIN is wrong (EX_NOPERM).
        case refused = 77
    }

    let message: String
    let hint: String
    let code: Code

    init(_ message: String, hint: String, _ code: Code = .failed) {
        self.message = message
        self.hint = hint
        self.code = code
    }

    /// Writes both lines to standard error. What a card or a file contributed is shown without control characters; line feeds
    /// are kept.
    func report() {
        fflush(nil)
        StandardError.write("martlet: error: \(Self.shown(message))\nmartlet: hint: \(Self.shown(hint))\n")
    }

    private static func shown(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: true).map { String($0).printable }
            .joined(separator: "\n  ")
    }
}
