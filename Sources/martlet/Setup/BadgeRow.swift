import Certificates
import HostCrypto
import Token

/// A person in the list of an administrator, and what the card is to become.
struct BadgeRow {
    /// What speaks for the key.
    enum Statement: String, CaseIterable {
        case selfSign = "self-sign"
        case request
        case none
    }

    /// A column of the list.
    enum Column: String, CaseIterable {
        case name
        case serial
        case key
        case algorithm
        case subject
        case certificate
        case days
    }

    /// The row's number, the first one below the columns' names being 1.
    let number: Int
    let name: String
    /// The serial number of the card that it must be; nil for any.
    let serial: String?
    let key: KeyName
    let algorithm: KeyAlgorithmName
    let subject: Subject
    let certificate: Statement
    let days: Int

    /// The rows of a file.
    ///
    /// - Throws: at the first row that cannot be: no card is touched where one is wrong.
    static func read(_ path: String) throws(CommandFailure) -> [BadgeRow] {
        let bytes = try InputFile.read(path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("\(path) is no text in UTF-8", hint: "save the list as CSV in UTF-8", .data)
        }
        let table = try CommaSeparated.rows(text, path)
        guard let header = table.first, table.count > 1 else {
            throw CommandFailure(
                "\(path) has no rows", hint: "its first line names columns, such as name,serial,key", .data)
        }
        let columns = try header.map { (title) throws(CommandFailure) -> Column in
            guard let column = Column(rawValue: title.lowercased()) else {
                let known = Column.allCases.map(\.rawValue)
                let meant = Spelling.closest(to: title, among: known)
                throw CommandFailure(
                    "\(path) has a column '\(title)', which means nothing",
                    hint: CommaSeparated.otherSeparator(in: title)
                        ?? meant.map { "did you mean '\($0)'?" } ?? "the columns are \(known.joined(separator: ", "))",
                    .data)
            }
            return column
        }
        guard Set(columns).count == columns.count, columns.contains(.name) else {
            throw CommandFailure(
                "\(path) has a column twice, or none with names", hint: "name each person: name", .data)
        }
        var rows: [BadgeRow] = []
        for (number, cells) in table.dropFirst().enumerated() {
            rows.append(try BadgeRow(number + 1, columns, cells, path))
        }
        try checkSerials(rows, path)
        return rows
    }

    private static func checkSerials(_ rows: [BadgeRow], _ path: String) throws(CommandFailure) {
        var seen: [Substring: Int] = [:]
        for row in rows {
            guard let serial = row.serial.map(SerialNumber.plain) else { continue }
            if let other = seen[serial] {
                throw CommandFailure(
                    "\(path): rows \(other) and \(row.number) name the same card, \(serial)",
                    hint: "each card has one row", .data)
            }
            seen[serial] = row.number
        }
    }

    private init(
        _ number: Int, _ columns: [Column], _ cells: [String], _ path: String
    ) throws(CommandFailure) {
        func failure(_ text: String, _ hint: String) -> CommandFailure {
            CommandFailure("\(path), row \(number): \(text)", hint: hint, .data)
        }
        guard cells.count == columns.count else {
            throw failure(
                "\(cells.count) cells where there are \(columns.count) columns",
                cells.compactMap(CommaSeparated.otherSeparator).first ?? "put cells with commas in double quotes")
        }
        var values: [Column: String] = [:]
        for (column, cell) in zip(columns, cells) where !cell.isEmpty { values[column] = cell }
        guard let name = values[.name] else { throw failure("there is no name", "name each person") }
        guard !name.hasControlCharacters else {
            throw failure("the name has control characters", "leave them out: a name is one line")
        }
        guard let key = KeyName(argument: values[.key] ?? "9a"), key.application == .piv else {
            throw failure("'\(values[.key] ?? "")' is no key of PIV", "9a, 9c, 9d, 9e or 82 to 95")
        }
        guard let algorithm = KeyAlgorithmName(argument: values[.algorithm] ?? KeyAlgorithmName.usual.text) else {
            throw failure("there is no algorithm '\(values[.algorithm] ?? "")'", "such as p256 or rsa2048")
        }
        let subject =
            values[.subject] ?? "CN=" + name.map { "\\,+\"<>;=#".contains($0) ? "\\\($0)" : String($0) }.joined()
        guard let distinguished = Subject(argument: subject) else {
            throw failure(
                "'\(subject)' is no name of a subject", "such as CN=Jane Doe,O=Example; at most 64 characters each")
        }
        guard let certificate = Statement(rawValue: values[.certificate] ?? "self-sign") else {
            throw failure(
                "there is no kind of certificate '\(values[.certificate] ?? "")'", "self-sign, request or none")
        }
        guard let days = Int(values[.days] ?? "365"), (1...36_500).contains(days) else {
            throw failure("'\(values[.days] ?? "")' is no number of days", "1 to 36500")
        }
        (self.number, self.name, self.serial) = (number, name, values[.serial])
        (self.key, self.algorithm, self.subject) = (key, algorithm, distinguished)
        (self.certificate, self.days) = (certificate, days)
    }
}

/// Text in columns with commas between them (RFC 4180).
enum CommaSeparated {
    /// The cells of each line, blanks around them left out; lines without any are passed over.
    static func rows(_ text: String, _ path: String) throws(CommandFailure) -> [[String]] {
        var rows: [[String]] = [], row: [String] = [], cell = ""
        var isQuoted = false, wasQuoted = false
        var rest = Array(text)[...]
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
        func finished(_ cell: String) -> String { wasQuoted ? cell : cell.withoutBlanks }
        var line = 1
        while let character = rest.popFirst() {
            defer { if character.isNewline { line += 1 } }
            if isQuoted {
                if character == "\"", rest.first == "\"" {
                    cell.append("\"")
                    rest.removeFirst()
                } else if character == "\"" {
                    isQuoted = false
                } else {
                    cell.append(character)
                }
            } else if wasQuoted, character != ",", !character.isNewline {
                guard character == " " || character == "\t" else {
                    throw CommandFailure(
                        "\(path), line \(line): there is text after a closing quote",
                        hint: "a double quote within a cell is written twice: \"\"", .data)
                }
            } else if character == "\"", cell.withoutBlanks.isEmpty {
                (isQuoted, wasQuoted, cell) = (true, true, "")
            } else if character == "," || character.isNewline {
                row.append(finished(cell))
                (cell, wasQuoted) = ("", false)
                if character.isNewline {
                    if row.contains(where: { !$0.isEmpty }) { rows.append(row) }
                    row = []
                }
            } else {
                cell.append(character)
            }
        }
        guard !isQuoted else {
            throw CommandFailure("\(path) ends within double quotes", hint: "close the last cell", .data)
        }
        row.append(finished(cell))
        if row.contains(where: { !$0.isEmpty }) { rows.append(row) }
        return rows
    }
}

extension CommaSeparated {
    /// What to do about a text that has another character where commas belong.
    fileprivate static func otherSeparator(in text: String) -> String? {
        let (separator, name) = text.contains(";") ? (";", "semicolons") : ("\t", "tabs")
        return text.contains(separator) ? "put commas between the columns, not \(name)" : nil
    }
}

extension String {
    /// Whether it is more than one line, or would steer a terminal.
    fileprivate var hasControlCharacters: Bool {
        unicodeScalars.contains {
            [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
    }

    /// Without blanks at both ends.
    fileprivate var withoutBlanks: String {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
