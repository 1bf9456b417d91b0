/// A line that the module has written to its trace, in words. What is not understood is shown as it is.
struct TraceLine {
    let text: String

    /// - Parameter line: `martlet[4711]: > 00A40400…`, `… < …9000`, or `… ! …`; a secret field is written
    ///   `[9 bytes, secret]`.
    init(_ line: String) {
        guard let mark = line.firstRange(of: "]: "), line.hasPrefix("martlet[") else {
            text = line
            return
        }
        let content = line[mark.upperBound...]
        let fields = content.dropFirst(2)
        switch content.prefix(2) {
        case "> ":
            let digits = fields.prefix { $0.isHexDigit }
            let meaning = CommandText(header: Self.bytes(digits), isWhole: digits.count == fields.count)
            text = "> \(meaning.text)  \(fields)"
        case "< ":
            let digits = fields.suffix(4)
            text = "< \(StatusText.meaning(of: UInt16(digits, radix: 16) ?? 0))  \(fields)"
        default: text = String(content)
        }
    }

    private static func bytes(_ digits: Substring) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
