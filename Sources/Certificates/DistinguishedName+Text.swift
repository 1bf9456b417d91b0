extension DistinguishedName {
    /// Why a text is no name.
    public enum TextError: Error, Hashable, Sendable {
        /// A part is not `TYPE=value`.
        case malformed(String)
        /// There is no such type of attribute.
        case unknownType(String)
        /// The value is none of its type: empty, too long, or of characters that the type does not have.
        case invalidValue(Attribute, String)
    }

    /// Reads a name as RFC 4514 writes it, the most specific attribute first: `CN=Jane Doe,O=Example,C=DE`. A backslash
    /// takes its meaning from the character after it. A text without `=` is a common name.
    public init(text: String) throws(TextError) {
        guard text.contains("=") else {
            let name = text.trimmed
            try Self.check(.commonName, name)
            self.init(commonName: name)
            return
        }
        var attributes: [(type: Attribute, value: String)] = []
        for part in Self.parts(of: text) {
            guard let separator = part.firstIndex(where: { $0.character == "=" && !$0.isEscaped }) else {
                throw .malformed(String(part.map(\.character)))
            }
            let name = String(part[..<separator].map(\.character)).trimmed
            let known = Attribute.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
            guard let type = known else { throw .unknownType(name) }
            let value = String(part[(separator + 1)...].map(\.character)).trimmed
            try Self.check(type, value)
            attributes.append((type, value))
        }
        self.init(attributes.reversed())
    }

    /// The text cut at commas that no backslash stands before.
    private static func parts(of text: String) -> [[(character: Character, isEscaped: Bool)]] {
        var parts: [[(character: Character, isEscaped: Bool)]] = [[]]
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            if character == ",", !isEscaped {
                parts.append([])
            } else {
                parts[parts.endIndex - 1].append((character, isEscaped))
            }
            isEscaped = false
        }
        return parts
    }

    /// The upper bounds are those of RFC 5280, appendix A.1.
    private static func check(_ type: Attribute, _ value: String) throws(TextError) {
        let longest = type == .emailAddress ? 255 : type == .state || type == .locality ? 128 : 64
        let isPlain = type.stringTag == 0x0C || value.allSatisfy(\.isASCII)
        let isSized = type == .country ? value.utf8.count == 2 : (1...longest).contains(value.count)
        guard isPlain, isSized else { throw .invalidValue(type, value) }
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate var trimmed: String {
        let start = drop { $0 == " " }
        return String(start[..<(start.lastIndex { $0 != " " }.map { start.index(after: $0) } ?? start.startIndex)])
    }
}
