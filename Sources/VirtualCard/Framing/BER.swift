/// One data object of a command (ISO/IEC 7816-4:2013, section 5.2.2; ITU-T X.690, section 8.1).
///
/// The simulator reads and writes BER-TLV by itself and not with the module's reader: a length or a tag that one of
/// them gets wrong is then told by the other.
struct BERObject: Hashable {
    /// The identifier octets as one number: 0x5C, 0x7F49, 0x5FC105.
    let tag: UInt32
    /// The contents octets.
    let value: ArraySlice<UInt8>

    init(tag: UInt32, value: ArraySlice<UInt8>) { (self.tag, self.value) = (tag, value) }
}

/// Why bytes are no sequence of data objects.
enum BERError: Error, Hashable {
    /// An object ends after the bytes do.
    case cutOff
    /// Tag number 0 of the universal class ("end of contents"), or a tag of more than three bytes (ISO/IEC 7816-4:2013,
    /// section 5.2.2.1).
    case invalidTag
    /// The indefinite form, or a length of more than four bytes (section 5.2.2.2).
    case invalidLength
}

/// Reading and writing BER-TLV.
enum BER {
    /// The data objects that `bytes` consist of, to the last byte.
    static func objects(in bytes: ArraySlice<UInt8>) throws(BERError) -> [BERObject] {
        var objects: [BERObject] = []
        var rest = bytes
        while !rest.isEmpty {
            let tag = try takeIdentifier(from: &rest)
            let count = try takeLength(from: &rest)
            guard count <= rest.count else { throw .cutOff }
            objects.append(BERObject(tag: tag, value: rest.prefix(count)))
            rest.removeFirst(count)
        }
        return objects
    }

    /// Section 5.2.2.1: the low five bits all set say that more bytes follow, the last of which has its top bit clear.
    private static func takeIdentifier(from rest: inout ArraySlice<UInt8>) throws(BERError) -> UInt32 {
        guard let leading = rest.popFirst() else { throw .cutOff }
        guard leading != 0 else { throw .invalidTag }
        guard leading & 0b0001_1111 == 0b0001_1111 else { return UInt32(leading) }
        guard let second = rest.popFirst() else { throw .cutOff }
        let short = UInt32(leading) * 0x100 + UInt32(second)
        guard second >= 0x80 else { return short }
        guard let third = rest.popFirst() else { throw .cutOff }
        guard third < 0x80 else { throw .invalidTag }
        return short * 0x100 + UInt32(third)
    }

    /// Section 5.2.2.2: a number up to 127, or 81 to 84 and the number in so many bytes. BER does not ask for the
    /// fewest.
    private static func takeLength(from rest: inout ArraySlice<UInt8>) throws(BERError) -> Int {
        guard let leading = rest.popFirst() else { throw .cutOff }
        switch leading {
        case 0x00...0x7F: return Int(leading)
        case 0x81...0x84:
            var number = 0
            for _ in 0x81...leading {
                guard let digit = rest.popFirst() else { throw .cutOff }
                number = number * 0x100 + Int(digit)
            }
            return number
        default: throw .invalidLength
        }
    }

    /// The bytes of a data object, its length in the fewest bytes.
    static func object(_ tag: UInt32, _ contents: some Collection<UInt8>) -> [UInt8] {
        digits(of: tag) + length(contents.count) + contents
    }

    /// The bytes of a length field.
    private static func length(_ count: Int) -> [UInt8] {
        guard count > 0x7F else { return [UInt8(truncatingIfNeeded: count)] }
        let digits = digits(of: UInt32(truncatingIfNeeded: count))
        return [UInt8(0x80 + digits.count)] + digits
    }

    /// A number to the base 256, without leading zeros.
    private static func digits(of number: UInt32) -> [UInt8] {
        let (more, last) = number.quotientAndRemainder(dividingBy: 0x100)
        return (more == 0 ? [] : digits(of: more)) + [UInt8(last)]
    }
}
