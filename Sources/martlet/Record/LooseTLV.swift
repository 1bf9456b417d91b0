/// BER-TLV as cards have it, kept as it is: a length that is too great, bytes behind the last object, a length in more bytes than
/// it needs. Only values may be changed.
struct LooseTLV {
    /// One data object.
    struct Object {
        /// The tag's bytes as one number.
        let tag: UInt32
        /// The bytes of tag and length.
        fileprivate let head: [UInt8]
        fileprivate let tagSize: Int
        var value: [UInt8]
        fileprivate let size: Int

        var isConstructed: Bool { head[0] & 0x20 != 0 }

        /// As it was, its length too, where the value is as long as it was.
        var bytes: [UInt8] {
            guard value.count != size else { return head + value }
            let digits: [UInt8] =
                switch value.count {
                case 0...0x7F: [UInt8(value.count)]
                case 0x80...0xFF: [0x81, UInt8(value.count)]
                default: [0x82, UInt8(truncatingIfNeeded: value.count >> 8), UInt8(truncatingIfNeeded: value.count)]
                }
            return head.prefix(tagSize) + digits + value
        }
    }

    var objects: [Object] = []
    /// What follows the last object and is none.
    var rest: [UInt8] = []

    init(_ bytes: some Collection<UInt8>) {
        var left = Array(bytes)[...]
        while let object = Self.take(&left) { objects.append(object) }
        rest = Array(left)
    }

    var bytes: [UInt8] { objects.flatMap(\.bytes) + rest }

    private static func take(_ left: inout ArraySlice<UInt8>) -> Object? {
        let bytes = Array(left.prefix(8))
        guard let first = bytes.first, first != 0x00, first != 0xFF else { return nil }
        var tagSize = 1
        if first & 0x1F == 0x1F {
            repeat { tagSize += 1 } while tagSize < bytes.count && tagSize < 3 && bytes[tagSize - 1] & 0x80 != 0
        }
        guard tagSize < bytes.count else { return nil }
        let tag = bytes.prefix(tagSize).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let leading = Int(bytes[tagSize])
        let lengthSize = leading < 0x80 ? 1 : leading - 0x80 + 1
        guard leading != 0x80, lengthSize <= 4, tagSize + lengthSize <= bytes.count else { return nil }
        let digits = bytes[(tagSize + 1)..<(tagSize + lengthSize)]
        let length = leading < 0x80 ? leading : digits.reduce(0) { $0 << 8 | Int($1) }
        let head = Array(left.prefix(tagSize + lengthSize))
        let value = Array(left.dropFirst(head.count).prefix(length))
        left = left.dropFirst(head.count + value.count)
        return Object(tag: tag, head: head, tagSize: tagSize, value: value, size: value.count)
    }
}
