/// What has been received and not yet been understood, for protocols whose messages begin with a header that has the length of
/// what follows it.
struct MessageBuffer {
    /// The longest message that is taken: no message of these protocols comes near it.
    static let limit = 1 << 20

    private var bytes: [UInt8] = []

    mutating func append(_ received: [UInt8]) { bytes += received }

    /// The next whole message, its header included, or nil where more has to come first.
    ///
    /// - Parameter length: the bytes behind the header, as the header tells.
    mutating func next(
        headerCount: Int, length: (_ header: [UInt8]) -> Int
    ) throws(ReaderError) -> [UInt8]? {
        guard bytes.count >= headerCount else { return nil }
        let count = headerCount + length(Array(bytes.prefix(headerCount)))
        guard count <= Self.limit else { throw .messageTooLong(count) }
        guard bytes.count >= count else { return nil }
        let message = Array(bytes.prefix(count))
        bytes.removeFirst(count)
        return message
    }
}

extension [UInt8] {
    /// The number of these bytes, the least significant first; nothing may be missing.
    func littleEndian(at place: Int, count: Int) -> UInt64 {
        self[place..<place + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The number of these four bytes, the most significant first; nothing may be missing.
    func bigEndian(at place: Int) -> UInt32 { self[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) } }
}

extension FixedWidthInteger {
    /// The bytes of the number, the least significant first.
    var littleEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }
    }

    /// The bytes of the number, the most significant first.
    var bigEndianBytes: [UInt8] { littleEndianBytes.reversed() }
}
