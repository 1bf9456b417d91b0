/// A record as text.
extension CardRecord {
    /// Why a text is no record.
    public enum Failure: Error, Hashable, Sendable {
        /// It does not begin as one.
        case notARecord
        /// A line, the first one being 1, is none that a record can have there.
        case line(Int)
    }

    /// The text of a file.
    public var text: String {
        var lines = ["martlet-record \(Self.format)", "reader \(reader)", "atr \(Self.digits(answerToReset))"]
        for exchange in exchanges {
            lines.append("> " + Self.digits(exchange.command) + Self.gap(exchange.hiddenCommand, before: " "))
            if exchange.answer.isEmpty {
                lines.append("! no answer")
            } else {
                lines.append("< " + Self.gap(exchange.hiddenAnswer, behind: " ") + Self.digits(exchange.answer))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads what `text` writes, whatever stands before it; a command without an answer is one that got none.
    public init(text: String) throws(Failure) {
        self.init(reader: "", answerToReset: [], exchanges: [])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "martlet-record \(Self.format)") else { throw .notARecord }
        var isAnswered = true
        for (index, line) in lines.enumerated().dropFirst(start + 1) where !line.isEmpty && !line.hasPrefix("#") {
            let parts = line.split(separator: " ", maxSplits: 1)
            let rest = parts.count == 2 ? parts[1] : ""
            switch parts[0] {
            case "reader": reader = String(rest)
            case "atr":
                guard let bytes = Self.bytes(rest) else { throw .line(index + 1) }
                answerToReset = bytes
            case ">":
                guard let (hidden, command) = Self.parts(rest), command.count >= 4 else { throw .line(index + 1) }
                exchanges.append(Exchange(command: command, hiddenCommand: hidden))
                isAnswered = false
            case "<":
                guard !isAnswered, let (hidden, answer) = Self.parts(rest), answer.count >= 2 else {
                    throw .line(index + 1)
                }
                exchanges[exchanges.count - 1].answer = answer
                exchanges[exchanges.count - 1].hiddenAnswer = hidden
                isAnswered = true
            case "!": isAnswered = true
            default: throw .line(index + 1)
            }
        }
    }

    private static func gap(_ count: Int, before: String = "", behind: String = "") -> String {
        count == 0 ? "" : before + "[\(count) bytes, secret]" + behind
    }

    /// The bytes of a line, and how many are left out in it.
    private static func parts(_ text: Substring) -> (hidden: Int, bytes: [UInt8])? {
        guard let start = text.firstIndex(of: "[") else { return bytes(text).map { (0, $0) } }
        guard let end = text.firstIndex(of: "]"), start < end else { return nil }
        let words = text[text.index(after: start)..<end].split(separator: " ")
        let digits = text[..<start].filter { $0 != " " } + text[text.index(after: end)...].filter { $0 != " " }
        guard words.count == 3, let count = Int(words[0]), (1...65_544).contains(count),
            words[1...] == ["bytes,", "secret"],
            let bytes = bytes(digits[...])
        else { return nil }
        return (count, bytes)
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { index -> UInt8? in
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            return high << 4 | low
        }
        return bytes.count == digits.count / 2 ? bytes : nil
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
