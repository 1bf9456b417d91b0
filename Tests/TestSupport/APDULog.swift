import Foundation

extension CardWorld {
    /// The commands that a reader's card has got, in capital hexadecimal digits, one string each.
    ///
    /// - Parameter mark: how many commands to leave out: what `apduCount` said at an earlier time.
    /// - Throws: the file system's error.
    public func apduLog(ofReader index: Int = 0, since mark: Int = 0) throws -> [String] {
        let file = "apdu\(index).log"
        guard FileManager.default.fileExists(atPath: home.file(file)) else { return [] }
        let lines = try String(decoding: home.read(file), as: UTF8.self).split(separator: "\n")
        return lines.dropFirst(mark).map { $0.uppercased() }
    }

    /// How many commands a reader's card has got so far.
    /// - Throws: the file system's error.
    public func apduCount(ofReader index: Int = 0) throws -> Int {
        try apduLog(ofReader: index).count
    }

    func apduLogFile(_ index: Int) -> String { home.file("apdu\(index).log") }
}
