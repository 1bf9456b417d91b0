import CLibrary
import HostCrypto

/// A folder with the sealed secrets of cards, and a record of which card had its turn: what is in it is on disk before its card
/// changes.
final class SealedList {
    /// How far a card is.
    enum State: String {
        /// Its secrets are sealed; it may have been changed.
        case begun
        /// It is whose it is to be.
        case done
    }

    /// A line of the record.
    struct Entry {
        let row: Int
        let name: String
        let serial: String
        let state: State
    }

    private let folder: String
    private let sealer: Sealer
    private(set) var entries: [Entry] = []

    private static let recordName = "record.csv"
    private static let header = "row,name,serial,state"

    /// Opens a folder, or makes it, for its owner alone.
    init(_ folder: String, _ sealer: Sealer) throws(CommandFailure) {
        (self.folder, self.sealer) = (folder, sealer)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw CommandFailure(system: "cannot make", folder) }
        let record = folder + "/" + Self.recordName
        guard let text = FileTree.text(of: record) else {
            guard errno == ENOENT || access(record, F_OK) != 0 else {
                throw CommandFailure(system: "cannot read", record)
            }
            try append(Self.header)
            return
        }
        for cells in try CommaSeparated.rows(text, record).dropFirst() {
            // A line that was cut off when the power went says nothing that the one before it does not.
            guard cells.count == 4, let row = Int(cells[0]), let state = State(rawValue: cells[3]) else { continue }
            entries.append(Entry(row: row, name: cells[1], serial: cells[2], state: state))
        }
        if !text.hasSuffix("\n") { try append("") }
    }

    /// The last word on a card.
    func last(serial: String) -> Entry? { entries.last { $0.serial.lowercased() == serial.lowercased() } }

    /// The last word on a person.
    func last(row: BadgeRow) -> Entry? { entries.last { $0.row == row.number && $0.name == row.name } }

    /// Seals what a card is to have, writes it down, and notes that the card's turn has begun.
    ///
    /// - Parameter text: is wiped.
    func begin(_ row: BadgeRow, _ serial: String, _ text: inout [UInt8]) throws(CommandFailure) {
        let sealed = try sealer.seal(&text)
        let attempt = entries.filter { $0.serial == serial && $0.state == .begun }.count
        let name = Self.fileName(serial) + (attempt == 0 ? "" : "-\(attempt + 1)")
        let file = try OutputFile("\(folder)/\(name).\(sealer.suffix)", isSecret: true, isReplacing: false)
        try file.write(sealed)
        try note(Entry(row: row.number, name: row.name, serial: serial, state: .begun))
    }

    /// Notes that a card is whose it is to be.
    func finish(_ row: BadgeRow, _ serial: String) throws(CommandFailure) {
        try note(Entry(row: row.number, name: row.name, serial: serial, state: .done))
    }

    /// Where a file that is no secret goes.
    func path(_ serial: String, _ suffix: String) -> String { "\(folder)/\(Self.fileName(serial)).\(suffix)" }

    private static func fileName(_ serial: String) -> String {
        String(serial.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
    }

    private func note(_ entry: Entry) throws(CommandFailure) {
        let name = entry.name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        try append("\(entry.row),\"\(name)\",\(entry.serial),\(entry.state.rawValue)")
        entries.append(entry)
    }

    /// Adds a line to the record, and waits until it is on disk.
    private func append(_ line: String) throws(CommandFailure) {
        let path = folder + "/" + Self.recordName
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw CommandFailure(system: "cannot write", path) }
        defer { close(file) }
        let bytes = Array((line + "\n").utf8)
        guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            throw CommandFailure(system: "cannot write", path)
        }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
