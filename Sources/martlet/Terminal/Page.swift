import Glibc
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

        init(_ text: String, _ style: Style = .plain) {
            self.text = text.printable
            self.style = style
        }

        init(stringLiteral text: String) { self.init(text) }
    }

    private let isColoured: Bool

    /// A page that is coloured where a person reads it and has not refused colours (https://no-color.org).
    init() {
        let refusal = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        isColoured = !refusal && isatty(STDOUT_FILENO) == 1
    }

    /// A heading with a blank line before it.
    func heading(_ text: String) { print("\n" + painted(Cell(text, .heading))) }

    /// A line of text.
    func line(_ cells: Cell...) { print("  " + cells.map(painted).joined(separator: " ")) }

    /// A line for copying: no indentation, no colour.
    func verbatim(_ lines: [String]) { print("\n" + lines.map(\.printable).joined(separator: "\n") + "\n") }

    /// Names and their values.
    func fields(_ fields: [(name: String, value: Cell)]) {
        rows(fields.map { [Cell($0.name, .faint), $0.value] })
    }

    /// A table with the columns' names at its top.
    func table(_ header: [String], _ body: [[Cell]]) {
        rows([header.map { Cell($0, .faint) }] + body)
    }

    /// Lines whose columns are aligned.
    private func rows(_ rows: [[Cell]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
        }
        for row in rows {
            let line = row.indices.map { column in
                let padding = column == row.indices.last ? 0 : widths[column] - row[column].text.count
                return painted(row[column]) + String(repeating: " ", count: padding)
            }
            print("  " + line.joined(separator: "  "))
        }
    }

    private func painted(_ cell: Cell) -> String {
        guard isColoured, cell.style != .plain else { return cell.text }
        return "\u{1B}[\(cell.style.rawValue)m\(cell.text)\u{1B}[0m"
    }
}
