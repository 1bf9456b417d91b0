/// One BER-TLV data object (ISO/IEC 7816-4, section 5.2.2; ITU-T X.690) as it stands in an answer.
public struct TLV: Hashable, Sendable {
    /// The tag's bytes as one number: 0x5C, 0x7F49, 0x5FC105.
    public let tag: UInt32
    /// The value field, a slice of the bytes it was read from.
    public let value: ArraySlice<UInt8>

    /// A data object.
    public init(tag: UInt32, value: ArraySlice<UInt8>) {
        self.tag = tag
        self.value = value
    }

    /// Whether the tag says that the value consists of data objects (bit 6 of its first byte).
    public var isConstructed: Bool {
        var first = tag
        while first > 0xFF { first >>= 8 }
        return first & 0x20 != 0
    }

    /// The data objects inside the value.
    public var children: TLVReader { TLVReader(value) }
}

/// What makes bytes unreadable as BER-TLV.
public enum TLVError: Error, Hashable, Sendable {
    /// A tag or a length field stops in the middle, or a value is longer than what is left.
    case truncated
    /// A tag of more than three bytes, a length field of more than three, or the indefinite form: none of these
    /// is used by a card.
    case unsupported
}

/// Reads data objects one after the other. Never reads beyond its bytes, never recurses: who wants the inside of
/// an object makes a reader of its value, so depth is bounded by the code that reads.
public struct TLVReader {
    private var rest: ArraySlice<UInt8>

    /// A reader at the start of `bytes`.
    public init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// A reader at the start of `bytes`.
    public init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// Whether all has been read.
    public var isAtEnd: Bool { rest.isEmpty }

    /// The next data object, or nil at the end.
    public mutating func next() throws(TLVError) -> TLV? {
        guard let (tag, length) = try header() else { return nil }
        guard rest.count >= length else { throw .truncated }
        defer { rest = rest.dropFirst(length) }
        return TLV(tag: tag, value: rest.prefix(length))
    }

    /// The value of the data object that the bytes begin with, where it has this tag. One that says that it is longer than
    /// the bytes are (DO FA of a YubiKey 5: gnupg's app-openpgp.c, yubikit's openpgp.py) ends where they end; what follows a
    /// shorter one is left over.
    public func leading(_ tag: UInt32) -> ArraySlice<UInt8>? {
        var reader = self
        guard let (found, length) = try? reader.header(), found == tag else { return nil }
        return reader.rest.prefix(length)
    }

    /// Tag and length of the next data object, whose value is what is left then; nil at the end.
    private mutating func header() throws(TLVError) -> (tag: UInt32, length: Int)? {
        guard let first = rest.first else { return nil }
        var position = rest.startIndex + 1
        var tag = UInt32(first)
        if first & 0x1F == 0x1F {
            repeat {
                guard position < rest.endIndex else { throw .truncated }
                guard tag <= 0xFFFF else { throw .unsupported }
                tag = tag << 8 | UInt32(rest[position])
                position += 1
            } while rest[position - 1] & 0x80 != 0
        }
        guard position < rest.endIndex else { throw .truncated }
        var length = Int(rest[position])
        position += 1
        if length >= 0x80 {
            let count = length - 0x80
            guard (1...3).contains(count) else { throw .unsupported }
            guard rest.endIndex - position >= count else { throw .truncated }
            length = 0
            for byte in rest[position..<position + count] { length = length << 8 | Int(byte) }
            position += count
        }
        rest = rest[position...]
        return (tag, length)
    }

    /// The first data object with this tag from here on; what stands before it is passed over. Nil where there
    /// is none, or where the bytes before it cannot be read.
    public func first(_ tag: UInt32) -> TLV? {
        var reader = self
        while let found = try? reader.next() {
            if found.tag == tag { return found }
        }
        return nil
    }

    /// The data objects from here on, up to the first that cannot be read: what follows is left over.
    public var wellFormed: [TLV] {
        var reader = self
        var found: [TLV] = []
        while let next = try? reader.next() { found.append(next) }
        return found
    }

    /// The value of the first data object with this tag, like `first`; where it is the last one it may say that it is longer
    /// than the bytes are, like `leading`.
    public func firstToEnd(_ tag: UInt32) -> ArraySlice<UInt8>? {
        var reader = self
        repeat {
            if let value = reader.leading(tag) { return value }
        } while (try? reader.next()) != nil
        return nil
    }

    /// All data objects from here to the end.
    public func all() throws(TLVError) -> [TLV] {
        var reader = self
        var found: [TLV] = []
        while let next = try reader.next() { found.append(next) }
        return found
    }
}

extension [UInt8] {
    /// The data object with this tag and value, with the shortest length field (DER).
    public init(tag: UInt32, _ value: some Collection<UInt8>) {
        self = .header(tag: tag, length: value.count)
        append(contentsOf: value)
    }

    /// The data object with this tag that consists of the given data objects.
    public init(tag: UInt32, children: [UInt8]...) {
        self.init(tag: tag, children.joined().map { $0 })
    }

    /// Tag and length field of a data object whose value, of `length` bytes, stands elsewhere.
    public static func header(tag: UInt32, length: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for shift in [24, 16, 8] as [UInt32] where tag >> shift != 0 {
            bytes.append(UInt8(truncatingIfNeeded: tag >> shift))
        }
        bytes.append(UInt8(truncatingIfNeeded: tag))
        guard length >= 0x80 else { return bytes + [UInt8(length)] }
        let octets = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: length >> $0) }
            .drop { $0 == 0 }
        return bytes + [0x80 | UInt8(octets.count)] + octets
    }
}
