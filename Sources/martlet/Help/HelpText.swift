import CLibrary

/// A page of help, as wide as the terminal. Commands in it are for copying: they are never broken.
struct HelpText {
    /// More columns than any line of a page has.
    static let unlimited = 100_000
    private static let usual = 80

    private let text: String

    /// - Parameter text: what the parser made, its lines not broken.
    init(_ text: String) { self.text = text }

    func show() {
        guard text.contains("USAGE: ") else { return print(text) }
        print(lines(width: TerminalWidth.of(STDOUT_FILENO) ?? Self.usual).joined(separator: "\n"))
    }

    /// The page in lines of so many columns, but for those that hold a command.
    func lines(width: Int) -> [String] {
        var isOverview = true
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("USAGE: ") { isOverview = false }
            return Self.wrapped(String(line), width, isOverview: isOverview)
        }
    }

    private static func wrapped(_ line: String, _ width: Int, isOverview: Bool) -> String {
        guard line.count > width else { return line }
        let indentation = line.prefix { $0 == " " }.count
        if line.hasPrefix("USAGE: ") { return usage(line, width) }
        if let column = secondColumn(line) {
            let start = line.index(line.startIndex, offsetBy: column)
            // Beside a narrow terminal's first column nothing is left.
            let isNarrow = width - column < 20
            let margin = isNarrow ? indentation + 4 : column
            guard isNarrow else {
                return line[..<start] + String(line[start...]).wrapped(to: width, after: column, indentation: margin)
            }
            let first = String(line[..<start]).trimmingEnd
            let blanks = String(repeating: " ", count: margin)
            return first + "\n" + blanks
                + String(line[start...]).wrapped(to: width, after: margin, indentation: margin)
        }
        // An example, or a description below its option.
        if isOverview, indentation > 0 || line.hasPrefix("Example: ") { return line }
        let margin = min(indentation, max(0, width - 20))
        return String(repeating: " ", count: margin)
            + line.wrapped(to: width, after: margin, indentation: margin)
    }

    /// Where the second column of a line begins that has two: after two blanks or more.
    private static func secondColumn(_ line: String) -> Int? {
        let characters = Array(line)
        guard let first = characters.firstIndex(where: { $0 != " " }), first > 0, first < 20 else { return nil }
        for index in first..<(characters.count - 2)
        where characters[index] == " " && characters[index + 1] == " " {
            return characters[index...].firstIndex { $0 != " " }
        }
        return nil
    }

    /// An option and its value stay together.
    private static func usage(_ line: String, _ width: Int) -> String {
        var depth = 0
        let joined = line.map { character -> Character in
            if "[<(".contains(character) { depth += 1 }
            if "]>)".contains(character) { depth -= 1 }
            return character == " " && depth > 0 ? "\u{A0}" : character
        }
        return String(joined).wrapped(to: width, after: 0, indentation: 7).map { $0 == "\u{A0}" ? " " : String($0) }
            .joined()
    }
}

extension String {
    /// Without the blanks at its end.
    fileprivate var trimmingEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
