import Foundation

/// A command that a card has got, and its answer.
public struct LoggedAPDU: Sendable, Equatable, CustomStringConvertible {
    /// The command's bytes.
    public let command: [UInt8]
    /// The answer's bytes, the status word last.
    public let answer: [UInt8]

    /// Both, in hexadecimal.
    public var description: String { "\(digits(command)) \(digits(answer))" }

    init(line: Substring) throws {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false).map { bytes(digits: $0) }
        guard parts.count == 2, let command = parts[0], let answer = parts[1] else {
            throw ToolFailure("not a line of an APDU log: \(line)")
        }
        self.command = command
        self.answer = answer
    }
}

extension CardWorld {
    /// What a reader's card of `martlet-card` has been asked so far.
    ///
    /// - Parameter mark: how many commands to leave out: the count at an earlier time.
    /// - Throws: `ToolFailure` if the log is not one.
    public func apduLog(ofReader index: Int = 0, since mark: Int = 0) throws -> [LoggedAPDU] {
        guard FileManager.default.fileExists(atPath: apduLogFile(index)) else { return [] }
        let text = try String(contentsOfFile: apduLogFile(index), encoding: .utf8)
        return try text.split(separator: "\n").dropFirst(mark).map { try LoggedAPDU(line: $0) }
    }

    /// What a reader's card is asked while `body` runs.
    /// - Throws: the error of `body`, or `ToolFailure` if the log is not one.
    public func apduLog(ofReader index: Int = 0, during body: () throws -> Void) throws -> [LoggedAPDU] {
        let mark = try apduLog(ofReader: index).count
        try body()
        return try apduLog(ofReader: index, since: mark)
    }

    func apduLogFile(_ index: Int) -> String { home.file("apdu\(index).log") }
}

private func digits(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02X", $0) }.joined() }

private func bytes(digits: Substring) -> [UInt8]? {
    let digits = Array(digits)
    guard digits.count.isMultiple(of: 2) else { return nil }
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    return bytes.count == digits.count / 2 ? bytes : nil
}
