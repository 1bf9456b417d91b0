import CLibrary
import Platform

/// Standard output as a page for a person: headings, fields and tables, with a little colour on a terminal.
struct Page {
    /// How a piece of text looks.
    enum Style: String {
        case plain = ""
        case heading = "1"
        case faint = "2"
        case good = "32"
        case bad = "31"
    }

    /// A piece of text in one style.
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let style: Style

        init(_ text: String, _ style: Style = .plain) { self.init(text.printable, style, isPrintable: true) }

        /// - Parameter isPrintable: that the text has no control characters, unless they are this program's own.
        fileprivate init(_ text: String, _ style: Style, isPrintable: Bool) { (self.text, self.style) = (text, style) }

        init(stringLiteral text: String) { self.init(text) }
    }

    private let isColoured: Bool
    /// How many columns a line may have; nil for any number.
    private let width = TerminalWidth.of(STDOUT_FILENO)

    /// A page that is coloured where a person reads it and has not refused colours (https://no-color.org).
    init() {
        let refusal = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
        isColoured = !refusal && !isDumb && isatty(STDOUT_FILENO) == 1
    }

    /// A heading with a blank line before it.
    func heading(_ text: String) { print("\n" + painted(Cell(text, .heading))) }

    /// A line of text, which goes on below itself where it is too long.
    func line(_ cells: Cell...) {
        guard let width, cells.map(\.text.count).reduce(cells.count + 1, +) > width else {
            return print("  " + cells.map(painted).joined(separator: " "))
        }
        var line = "  ", used = 2
        for word in cells.flatMap(Self.words) {
            let isFirst = used == 2
            if !isFirst, used + 1 + word.text.count > width {
                print(line)
                (line, used) = ("      ", 6)
            } else if !isFirst {
                (line, used) = (line + " ", used + 1)
            }
            (line, used) = (line + painted(word), used + word.text.count)
        }
        print(line)
    }

    /// A line that stays whole, for copying.
    func unbroken(_ text: String) { print(text.printable) }

    private static func words(_ cell: Cell) -> [Cell] {
        cell.text.split(separator: " ").map { Cell(String($0), cell.style) }
    }

    /// A line for copying: no indentation, no colour.
    func verbatim(_ lines: [String]) { print("\n" + lines.map(\.printable).joined(separator: "\n") + "\n") }

    /// Names and their values. A value that is too long goes on below itself, whole.
    func fields(_ fields: [(name: String, value: Cell)]) {
        let names = fields.map(\.name.count).max() ?? 0
        for (name, value) in fields {
            let margin = width.map { names + 24 > $0 } ?? false ? 4 : names + 4
            let start = "  " + painted(Cell(name, .faint)) + String(repeating: " ", count: names - name.count) + "  "
            guard let width, names + 4 + value.text.count > width else {
                print(start + painted(value))
                continue
            }
            let text = value.text.wrapped(to: width, after: names + 4, indentation: margin)
            print(start + painted(Cell(text, value.style, isPrintable: true)))
        }
    }

    /// A table with the columns' names at its top. Its cells are shortened where it would be too wide.
    func table(_ header: [String], _ body: [[Cell]]) {
        rows([header.map { Cell($0, .faint) }] + body)
    }

    /// Lines whose columns are aligned.
    private func rows(_ rows: [[Cell]]) {
        let columns = rows.map(\.count).max() ?? 0
        let wanted = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
        }
        let widths = Self.fitted(wanted, into: width.map { $0 - 2 * columns })
        for row in rows {
            let line = row.indices.map { column in
                let cell = Cell(row[column].text.shortened(to: widths[column]), row[column].style)
                let padding = column == row.indices.last ? 0 : widths[column] - cell.text.count
                return painted(cell) + String(repeating: " ", count: padding)
            }
            print("  " + line.joined(separator: "  "))
        }
    }

    /// The widths of columns, the widest ones made narrower until all fit, as far as they may.
    private static func fitted(_ wanted: [Int], into room: Int?) -> [Int] {
        let least = 3
        guard let room else { return wanted }
        var widths = wanted
        while widths.reduce(0, +) > room, let widest = widths.max(), widest > least,
            let column = widths.firstIndex(of: widest)
        {
            widths[column] -= 1
        }
        return widths
    }

    private func painted(_ cell: Cell) -> String {
        guard isColoured, cell.style != .plain else { return cell.text }
        return "\u{1B}[\(cell.style.rawValue)m\(cell.text)\u{1B}[0m"
    }
}
