/// A manual page in the language of man(7), of a program and all its commands.
struct ManualPage {
    private var lines: [String] = []

    /// - Parameters:
    ///   - version: the program's version.
    ///   - date: year, month and day.
    init(_ program: ProgramDescription, version: String, date: String) {
        let command = program.command
        let name = command.commandName
        lines.append(".TH \(Self.escaped(name.uppercased())) 1 \"\(date)\" \"Martlet \(version)\" \"User Commands\"")
        lines.append(".SH NAME")
        lines.append("\(Self.escaped(name)) \\- \(Self.escaped(Self.withoutStop(command.abstract ?? "")))")
        lines.append(".SH SYNOPSIS")
        lines.append(".B \(Self.escaped(name))")
        lines.append(".I COMMAND")
        lines.append("[options]")
        lines.append(".SH DESCRIPTION")
        add(text: command.discussion ?? "")
        lines.append(".SH COMMANDS")
        for subcommand in command.shownCommands { add(subcommand, after: name) }
        lines.append(".SH SEE ALSO")
        lines.append(name == "martlet" ? ".BR martlet-card (1)," : ".BR martlet (1),")
        lines.append(".BR pcscd (8)")
    }

    /// The page.
    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func add(_ command: ProgramDescription.Command, after path: String) {
        let name = path + " " + command.commandName
        let shown = (command.arguments ?? []).filter { $0.shouldDisplay && $0.preferredName?.name != "help" }
        lines.append(".SS \"\(Self.escaped(name))\"")
        let usage = shown.map { argument in
            let value = argument.valueName.map { "<\($0)>" } ?? ""
            let text =
                (argument.preferredName.map(\.text).map { [$0] } ?? []) + (argument.kind == "flag" ? [] : [value])
            let joined = text.joined(separator: " ") + (argument.isRepeating ? " ..." : "")
            return argument.isOptional ? "[\(joined)]" : joined
        }
        lines.append("\\fB\(Self.escaped(name))\\fR " + Self.escaped(usage.joined(separator: " ")))
        lines.append(".PP")
        lines.append(Self.escaped(command.abstract ?? ""))
        add(text: command.discussion ?? "")
        for argument in shown {
            let names =
                argument.kind == "positional" ? ["<\(argument.valueName ?? "")>"] : (argument.names ?? []).map(\.text)
            let value = argument.kind == "option" ? " <\(argument.valueName ?? "")>" : ""
            lines.append(".TP")
            lines.append("\\fB" + Self.escaped(names.joined(separator: ", ") + value) + "\\fR")
            let usual = argument.defaultValue.map { " (default: \($0))" } ?? ""
            lines.append(Self.escaped((argument.abstract ?? "") + usual))
        }
        for subcommand in command.shownCommands { add(subcommand, after: name) }
    }

    /// Paragraphs; lines that are indented are for copying.
    private mutating func add(text: String) {
        guard !text.isEmpty else { return }
        var isExample = false
        lines.append(".PP")
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isIndented = line.hasPrefix("  ")
            if isIndented != isExample { lines.append(isIndented ? ".EX" : ".EE") }
            isExample = isIndented
            lines.append(line.isEmpty ? ".PP" : Self.escaped(String(line)))
        }
        if isExample { lines.append(".EE") }
    }

    private static func withoutStop(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

    /// A hyphen is one for copying; a line is no request.
    private static func escaped(_ text: String) -> String {
        let escaped = text.map { character -> String in
            switch character {
            case "\\": "\\e"
            case "-": "\\-"
            default: String(character)
            }
        }.joined()
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }
}
