import CLibrary

/// How many columns a line may have.
enum TerminalWidth {
    private static let usual = 80

    /// The columns of what a descriptor is, or nil where it is no terminal and nobody says how wide its lines are to be: the
    /// variable COLUMNS goes first, as POSIX has it.
    static func of(_ descriptor: Int32) -> Int? {
        if let text = getenv("COLUMNS").map({ String(cString: $0) }), let columns = Int(text), columns > 0 {
            return columns
        }
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usual }
        return Int(size.ws_col)
    }
}

extension String {
    /// The text, with a sign that something is missing at its end where it has more characters than there is room for.
    func shortened(to room: Int) -> String { count <= room ? self : prefix(max(room - 1, 0)) + "…" }

    /// The text in lines of so many columns, broken between words alone: a word that is longer than a line has one of
    /// its own.
    ///
    /// - Parameters:
    ///   - first: how many columns the first line has already.
    ///   - indentation: how many blanks each further line begins with.
    func wrapped(to width: Int, after first: Int, indentation: Int) -> String {
        var lines = [""], used = first
        for word in split(separator: " ", omittingEmptySubsequences: true) {
            let isFirst = lines[lines.count - 1].isEmpty
            if !isFirst, used + 1 + word.count > width {
                lines.append(String(word))
                used = indentation + word.count
            } else {
                lines[lines.count - 1] += (isFirst ? "" : " ") + word
                used += (isFirst ? 0 : 1) + word.count
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indentation))
    }
}
