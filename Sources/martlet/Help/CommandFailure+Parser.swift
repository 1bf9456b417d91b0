import ArgumentParser

extension CommandFailure {
    /// What a person is told whose command line is not understood.
    init(parsing error: any Error) {
        // The parser lists values in lines of their own.
        let lines = Martlet.message(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }
        let values = lines.filter { $0.hasPrefix("- ") }.map { $0.dropFirst(2) }
        var message = lines.filter { !$0.hasPrefix("- ") }.joined(separator: " ")
        if !values.isEmpty { message += " " + values.joined(separator: ", ") }
        let hint = Self.meantCommand(message, values.map(String.init)) ?? "see \(Self.helpCommand(for: error))"
        self.init(message, hint: hint, .usage)
    }

    /// The question whether another of the values was meant: with the whole line as it would be then.
    private static func meantCommand(_ message: String, _ values: [String]) -> String? {
        let quoted = message.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        guard quoted.count > 2, let meant = Spelling.closest(to: quoted[1], among: values) else { return nil }
        let words = CommandLine.arguments.dropFirst().map { $0 == quoted[1] ? meant : $0 }
        return "did you mean '\((["martlet"] + words.map(\.shellWord)).joined(separator: " "))'?"
    }

    /// The command that shows the help of the subcommand that was not understood: it stands between quotation marks in
    /// the parser's last line.
    private static func helpCommand(for error: any Error) -> String {
        let lastLine = Martlet.fullMessage(for: error).split(separator: "\n").last ?? ""
        let quoted = lastLine.split(separator: "'")
        return quoted.count == 3 && quoted[1].hasSuffix("--help") ? String(quoted[1]) : "martlet --help"
    }
}
