extension Sequence<UInt8> {
    /// The bytes in capital hexadecimal digits.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}

extension [UInt8] {
    /// ASCII's letters and digits as they are, and these characters too; a mark and two hexadecimal digits for each other byte.
    func escaped(by mark: String, plain: String) -> String {
        map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber || plain.contains(character))
            return isPlain ? String(character) : mark + [byte].hexadecimal
        }.joined()
    }
}
