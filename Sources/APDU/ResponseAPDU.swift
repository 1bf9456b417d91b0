/// An answer of a card: a data field and a status word (ISO/IEC 7816-4, section 5.1).
public struct ResponseAPDU: Hashable, Sendable {
    /// The data field, without the status word.
    public var data: [UInt8]
    /// SW1 and SW2.
    public var status: StatusWord

    /// An answer made of its two parts.
    public init(data: [UInt8] = [], status: StatusWord) {
        self.data = data
        self.status = status
    }

    /// Splits the bytes that came from a card. Nil where there are fewer than two.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        status = StatusWord(rawValue: UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1]))
        data = bytes
        data.removeLast(2)
    }

    /// Data and status word, as they cross the wire.
    public var encoded: [UInt8] {
        data + [UInt8(status.rawValue >> 8), UInt8(status.rawValue & 0xFF)]
    }
}
