import HostCrypto
import Platform

/// A PIN as PIN block format 2 has it (ISO 9564-1, section 8.3.3): a nibble 2, the number of digits, the digits, and F up
/// to eight bytes. A card wants it where the password's length byte in C4 has bit 8 set (OpenPGP card 3.4.1, section
/// 4.4.1); the extended capabilities tell only that it may be made to want it.
enum PINBlock {
    /// How many digits there may be.
    static let lengths = 4...12

    /// The block; nil where the PIN has other characters than digits, or another length.
    static func encode(_ pin: RawSpan) -> StoredPIN? {
        guard lengths.contains(pin.byteCount) else { return nil }
        // Allocated once at its size, so that wiping it reaches everything.
        var block = [UInt8](repeating: 0xFF, count: 8)
        defer { block.wipe() }
        block[0] = 0x20 | UInt8(pin.byteCount)
        for position in 0..<pin.byteCount {
            let digit = pin.unsafeLoad(fromByteOffset: position, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let index = 1 + position / 2
            block[index] = position % 2 == 0 ? digit << 4 | 0x0F : block[index] & 0xF0 | digit
        }
        return try? StoredPIN(block.span.bytes)
    }
}
