/// The part of DER (ITU-T X.690) that keys, signatures and certificates need: one writer, one reader. ISO7816's reader
/// is for what cards send, and this room does not import it; this one refuses everything but DER.
package enum DER {
    package static let null: [UInt8] = [0x05, 0x00]

    /// Tag, shortest length field and value.
    package static func encode(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = value.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        if value.count < 0x80 { return [tag, UInt8(truncatingIfNeeded: value.count)] + value }
        return [tag, 0x80 | UInt8(truncatingIfNeeded: length.count)] + length + value
    }

    package static func sequence(_ parts: [UInt8]...) -> [UInt8] { encode(0x30, Array(parts.joined())) }

    package static func set(_ parts: [UInt8]...) -> [UInt8] { encode(0x31, Array(parts.joined())) }

    package static func octetString(_ bytes: [UInt8]) -> [UInt8] { encode(0x04, bytes) }

    /// A BIT STRING of whole bytes.
    package static func bitString(_ bytes: [UInt8]) -> [UInt8] { encode(0x03, [0] + bytes) }

    /// An OBJECT IDENTIFIER whose content octets are given.
    package static func objectIdentifier(_ content: [UInt8]) -> [UInt8] { encode(0x06, content) }

    /// A non-negative INTEGER from big-endian bytes, which may carry leading zeros.
    package static func unsignedInteger(_ bytes: [UInt8]) -> [UInt8] {
        var magnitude = Array(bytes.drop { $0 == 0 })
        if magnitude.first.map({ $0 >= 0x80 }) ?? true { magnitude.insert(0, at: 0) }
        return encode(0x02, magnitude)
    }
}

/// Reads DER elements one after the other, never beyond its bytes. Everything that is wrong is `malformed`.
package struct DERReader {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    package init(_ bytes: [UInt8]) { rest = bytes[...] }

    package var isAtEnd: Bool { rest.isEmpty }

    /// The value of the next element, which must have this tag.
    package mutating func next(_ tag: UInt8) throws(HostCryptoError) -> ArraySlice<UInt8> {
        guard rest.count >= 2, rest[rest.startIndex] == tag else { throw .malformed }
        var position = rest.startIndex + 2
        var length = Int(rest[position - 1])
        if length >= 0x80 {
            let count = length - 0x80
            guard (1...3).contains(count), rest.endIndex - position >= count else { throw .malformed }
            length = rest[position..<position + count].reduce(0) { $0 << 8 | Int($1) }
            // The shortest form only: more than the bytes given, or than the short form, could hold.
            guard length >= 0x80, length >> (8 * (count - 1)) != 0 else { throw .malformed }
            position += count
        }
        guard rest.endIndex - position >= length else { throw .malformed }
        let value = rest[position..<position + length]
        rest = rest[(position + length)...]
        return value
    }

    /// A reader of the inside of the next element, which must have this tag.
    package mutating func enter(_ tag: UInt8) throws(HostCryptoError) -> DERReader { DERReader(try next(tag)) }

    /// The magnitude of the next element, a non-negative INTEGER, without leading zeros; none for zero.
    package mutating func unsignedInteger() throws(HostCryptoError) -> ArraySlice<UInt8> {
        let value = try next(0x02)
        guard let first = value.first, first < 0x80 else { throw .malformed }
        guard first == 0 else { return value }
        let magnitude = value.dropFirst()
        guard magnitude.isEmpty || magnitude[magnitude.startIndex] >= 0x80 else { throw .malformed }
        return magnitude
    }

    /// The magnitude of the next element, a non-negative INTEGER that may have more leading zeros than DER has.
    package mutating func naturalNumber() throws(HostCryptoError) -> ArraySlice<UInt8> {
        let value = try next(0x02)
        guard let first = value.first, first < 0x80 else { throw .malformed }
        return value.drop { $0 == 0 }
    }

    /// The magnitude of the next element, an INTEGER that is known not to be negative, as some write it: with more leading
    /// zeros than one, or without the one that DER wants before a top bit.
    package mutating func magnitude() throws(HostCryptoError) -> ArraySlice<UInt8> { try next(0x02).drop { $0 == 0 } }

    /// The content octets of the next element, an OBJECT IDENTIFIER.
    package mutating func objectIdentifier() throws(HostCryptoError) -> [UInt8] { Array(try next(0x06)) }

    /// The bytes of the next element, a BIT STRING of whole bytes.
    package mutating func bitString() throws(HostCryptoError) -> ArraySlice<UInt8> {
        let value = try next(0x03)
        guard value.first == 0 else { throw .malformed }
        return value.dropFirst()
    }

    /// Nothing may be left.
    package func end() throws(HostCryptoError) {
        guard rest.isEmpty else { throw .malformed }
    }
}
