import ArgumentParser

/// The words of the command line that name a command, looked at before the parser is: it takes a word that it does not know
/// for a value that is one too many.
struct CommandLineWords {
    private let words: [String]

    init(_ words: [String] = Array(CommandLine.arguments.dropFirst())) { self.words = words }

    /// The help that is asked for with the word `help`, or nil where it is not.
    ///
    /// - Throws: where a word names no command.
    func help() throws(CommandFailure) -> String? {
        var path: [any ParsableCommand.Type] = [Martlet.self]
        var isHelp = false
        for (index, word) in words.enumerated() {
            let known = path[path.count - 1].configuration.subcommands
            guard !known.isEmpty, !word.hasPrefix("-") else { break }
            if word == "help", !isHelp {
                isHelp = true
            } else if let next = known.first(where: { $0._commandName == word }) {
                path.append(next)
            } else {
                throw Self.failure(word, path, before: isHelp ? [] : words.dropFirst(index + 1))
            }
        }
        guard isHelp, let last = path.last else { return nil }
        return Martlet.helpMessage(for: last, columns: HelpText.unlimited)
    }

    /// - Parameter rest: the words behind it, which the line that was meant has as well.
    private static func failure(
        _ word: String, _ path: [any ParsableCommand.Type], before rest: ArraySlice<String>
    ) -> CommandFailure {
        let before = path.map { $0._commandName }.joined(separator: " ")
        let known = path[path.count - 1].configuration.subcommands.filter { $0.configuration.shouldDisplay }
        let closest = Spelling.closest(to: word, among: known.map { $0._commandName })
        let behind = rest.map { " " + $0.shellWord }.joined()
        return CommandFailure(
            "there is no command '\(before) \(word)'",
            hint: closest.map { "did you mean '\(before) \($0)\(behind)'?" } ?? "\(before) --help lists the commands",
            .usage)
    }
}

/// Words that are nearly the same.
enum Spelling {
    /// The word that was meant, as far as can be told: one that begins so, or that few slips of the finger lead from.
    static func closest(to typed: String, among words: [String]) -> String? {
        if typed.count >= 3, let word = words.first(where: { $0.hasPrefix(typed) }) { return word }
        let distances = words.map { (word: $0, distance: distance(Array(typed.lowercased()), Array($0))) }
        let best = distances.min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, typed.count / 3) else { return nil }
        return best.word
    }

    /// How many letters are to be put in, taken out, changed, or swapped with the next one (Damerau and Levenshtein).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var rows = [Array(0...other.count)]
        for i in 1..<max(one.count + 1, 1) where i <= one.count {
            var row = [i]
            for j in 1..<max(other.count + 1, 1) where j <= other.count {
                let cost = one[i - 1] == other[j - 1] ? 0 : 1
                var least = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
                if i > 1, j > 1, one[i - 1] == other[j - 2], one[i - 2] == other[j - 1] {
                    least = min(least, rows[i - 2][j - 2] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
