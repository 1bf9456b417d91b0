import COpenSSL

/// Computation whose time does not depend on the values. Conditions are masks: all ones for true, zero for false.
public enum ConstantTime {
    /// Whether both have the same bytes. The time depends on the lengths alone.
    public static func equal(_ one: RawSpan, _ other: RawSpan) -> Bool {
        guard one.byteCount == other.byteCount else { return false }
        return one.withUnsafeBytes { one in
            other.withUnsafeBytes { other in CRYPTO_memcmp(one.baseAddress, other.baseAddress, one.count) == 0 }
        }
    }

    /// Whether both have the same bytes. The time depends on the lengths alone.
    public static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool { equal(one.span.bytes, other.span.bytes) }

    /// All ones where `value` is zero.
    static func isZero(_ value: UInt) -> UInt {
        // The top bit of ~v & (v − 1) is set for v = 0 alone.
        0 &- ((~value & (value &- 1)) >> (UInt.bitWidth - 1))
    }

    /// All ones where both are the same.
    static func equal(_ one: UInt, _ other: UInt) -> UInt { isZero(one ^ other) }

    /// All ones where `one` is below `other`; both below 2^63.
    static func less(_ one: UInt, _ other: UInt) -> UInt { 0 &- ((one &- other) >> (UInt.bitWidth - 1)) }

    /// `one` where the mask is all ones, else `other`.
    static func select(_ mask: UInt, _ one: UInt, _ other: UInt) -> UInt { (mask & one) | (~mask & other) }

    /// `bytes` moved towards the start by `distance`, with zeros behind. Every byte is touched at every power of two,
    /// so that neither time nor the addresses touched tell the distance.
    static func shifted(_ bytes: [UInt8], by distance: UInt) -> [UInt8] {
        var bytes = bytes
        var step = 1
        while step < bytes.count {
            let mask = UInt8(truncatingIfNeeded: ~isZero(distance & UInt(step)))
            for index in bytes.indices {
                let moved = index + step < bytes.count ? bytes[index + step] : 0
                bytes[index] = (mask & moved) | (~mask & bytes[index])
            }
            step *= 2
        }
        return bytes
    }
}
