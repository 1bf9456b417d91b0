/// The name of a reader, byte for byte as pcscd gives it: usually UTF-8, and always without a NUL.
public struct ReaderName: Hashable, Sendable {
    /// The bytes of the name.
    public let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// The names in a multi-string: each ended by a NUL, the last one followed by another NUL.
    static func split(multiString: some Sequence<UInt8>) -> [ReaderName] {
        var names: [ReaderName] = []
        var name: [UInt8] = []
        for byte in multiString {
            guard byte == 0 else {
                name.append(byte)
                continue
            }
            if name.isEmpty { return names }
            names.append(ReaderName(name))
            name = []
        }
        if !name.isEmpty { names.append(ReaderName(name)) }
        return names
    }
}

extension ReaderName: CustomStringConvertible {
    /// The name as text; bytes that are not UTF-8 show as U+FFFD.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
