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
        /// The SHA-256 of the public key that the card has made for the row, in hexadecimal digits; nil before that.
        let key: String?

        init(_ row: BadgeRow, _ serial: String, _ state: State, key: String?) {
            (self.row, name, self.serial) = (row.number, row.name, serial)
            (self.state, self.key) = (state, key)
        }

        /// Nil where the cells are no whole line.
        init?(_ cells: [String]) {
            guard (4...5).contains(cells.count), let row = Int(cells[0]), let state = State(rawValue: cells[3]) else {
                return nil
            }
            let key = cells.count == 5 ? cells[4] : ""
            guard key.isEmpty || key.count == 64 else { return nil }
            (self.row, name, serial) = (row, cells[1], cells[2])
            (self.state, self.key) = (state, key.isEmpty ? nil : key)
        }
    }

    private let folder: String
    private let sealer: Sealer
    /// The record, which is locked as long as it is open.
    private let record: Int32
    private(set) var entries: [Entry] = []

    private static let header = "row,name,serial,state,key"

    private let recordPath: String

    /// Opens a folder, or makes it, for its owner alone.
    ///
    /// - Throws: where another run has it, too: two runs would give one person two cards.
    init(_ folder: String, _ sealer: Sealer) throws(CommandFailure) {
        (self.folder, self.sealer) = (folder, sealer)
        recordPath = folder + "/record.csv"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw CommandFailure(system: "cannot make", folder) }
        try Self.checkOwner(folder)
        record = open(recordPath, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard record >= 0 else { throw CommandFailure(system: "cannot write", recordPath) }
        guard flock(record, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandFailure(
                "another run uses the folder \(folder)", hint: "wait for its end, or name another folder with --list",
                .unavailable)
        }
        try readRecord()
    }

    deinit { if record >= 0 { close(record) } }

    /// Throws where somebody else could put files into the folder, or take them away.
    private static func checkOwner(_ folder: String) throws(CommandFailure) {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw CommandFailure(system: "cannot use the folder", folder) }
        defer { close(directory) }
        var status = stat()
        guard fstat(directory, &status) == 0 else { throw CommandFailure(system: "cannot use the folder", folder) }
        guard status.st_uid == geteuid() else {
            throw CommandFailure(
                "the folder \(folder) is another user's", hint: "name one of your own with --list, or a new one",
                .refused)
        }
        guard status.st_mode & 0o022 == 0 else {
            throw CommandFailure(
                "others may write into the folder \(folder)", hint: "chmod go-w \(folder.shellWord)", .refused)
        }
    }

    private func readRecord() throws(CommandFailure) {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = read(record, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure(system: "cannot read", recordPath) }
            guard count > 0 else { break }
            content += buffer[..<count]
        }
        let whole = Self.wholeLines(of: content)
        let rows = try CommaSeparated.rows(String(decoding: content[..<whole], as: UTF8.self), recordPath)
        entries = rows.dropFirst().compactMap(Entry.init)
        if whole < content.count {
            // A line that was cut off when the power went says nothing that the one before it does not. One that lacks its end
            // only was written by hand.
            let last = try? CommaSeparated.rows(String(decoding: content[whole...], as: UTF8.self), recordPath).last
            guard ftruncate(record, off_t(whole)) == 0 else { throw CommandFailure(system: "cannot write", recordPath) }
            if whole > 0, let entry = last.flatMap(Entry.init) { try note(entry) }
        }
        if whole == 0 { try append(Self.header) }
    }

    /// How many bytes there are up to the last line feed that is not in a cell.
    private static func wholeLines(of content: [UInt8]) -> Int {
        var isQuoted = false, whole = 0
        for (index, byte) in content.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n"), !isQuoted { whole = index + 1 }
        }
        return whole
    }

    /// The last word on a card.
    func last(serial: String) -> Entry? { entries.last { $0.serial.lowercased() == serial.lowercased() } }

    /// The last word on a person.
    func last(row: BadgeRow) -> Entry? { entries.last { $0.row == row.number && $0.name == row.name } }

    /// Seals what a card is to have, writes it down, and notes that the card's turn has begun.
    ///
    /// - Parameters:
    ///   - key: which key the card has made for the row already.
    ///   - text: is wiped.
    func begin(
        _ row: BadgeRow, _ serial: String, key: String?, _ text: inout [UInt8]
    ) throws(CommandFailure) {
        let sealed = try sealer.seal(&text)
        let file = try OutputFile(unusedPath(serial), isSecret: true, isReplacing: false)
        try file.write(sealed)
        try note(Entry(row, serial, .begun, key: key))
    }

    /// Notes which key the card has made.
    func noteKey(_ row: BadgeRow, _ serial: String, _ key: String) throws(CommandFailure) {
        try note(Entry(row, serial, .begun, key: key))
    }

    /// Notes that a card is whose it is to be.
    func finish(_ row: BadgeRow, _ serial: String) throws(CommandFailure) {
        try note(Entry(row, serial, .done, key: last(serial: serial)?.key))
    }

    /// Where the next sealed file goes. One that is there stays: the card may have what it says.
    private func unusedPath(_ serial: String) -> String {
        var path = "\(folder)/\(Self.fileName(serial)).\(sealer.suffix)", number = 1
        var status = stat()
        while lstat(path, &status) == 0 {
            number += 1
            path = "\(folder)/\(Self.fileName(serial))-\(number).\(sealer.suffix)"
        }
        return path
    }

    /// Where a file that is no secret goes.
    func path(_ serial: String, _ suffix: String) -> String { "\(folder)/\(Self.fileName(serial)).\(suffix)" }

    private static func fileName(_ serial: String) -> String {
        String(serial.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
    }

    private func note(_ entry: Entry) throws(CommandFailure) {
        let name = entry.name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        try append("\(entry.row),\"\(name)\",\(entry.serial),\(entry.state.rawValue),\(entry.key ?? "")")
        entries.append(entry)
    }

    /// Adds a line to the record, and waits until it is on disk.
    private func append(_ line: String) throws(CommandFailure) {
        let bytes = Array((line + "\n").utf8)
        guard write(record, bytes, bytes.count) == bytes.count, fsync(record) == 0 else {
            throw CommandFailure(system: "cannot write", recordPath)
        }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}
