/// Whether bytes are UTF-8 (RFC 3629, section 4), told without making a String, which would be a copy of a PIN that
/// nobody wipes.
enum UTF8Check {
    static func isValid(_ bytes: some Sequence<UInt8>) -> Bool {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
