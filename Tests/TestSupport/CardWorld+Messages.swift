import Foundation

/// What pcscd is asked: a message for each call of PC/SC, and two or three for some.
extension CardWorld {
    /// The messages that pcscd gets while `body` runs, by pcscd's own name for them, as its log has them.
    /// - Throws: the error of `body`, or `ToolFailure` where the world's pcscd does not write them down.
    public func messages(during body: () throws -> Void) throws -> [String] {
        guard serviceLogLevel == "--debug" else { throw ToolFailure("this world's pcscd counts no messages") }
        let mark = try received().count
        try body()
        return Array(try received().dropFirst(mark))
    }

    private func received() throws -> [String] {
        String(decoding: try home.read("pcscd.log"), as: UTF8.self).split(separator: "\n").compactMap { line in
            guard let start = line.range(of: "Received command: ") else { return nil }
            return line[start.upperBound...].split(separator: " ").first.map(String.init)
        }
    }
}
