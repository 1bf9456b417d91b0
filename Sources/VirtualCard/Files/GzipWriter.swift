/// Wraps bytes as gzip (RFC 1952), without a compressor here: what a host has to inflate.
enum GzipWriter {
    static func wrap(_ bytes: [UInt8]) -> [UInt8] {
        [0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF] + StoredBlocks.of(bytes)
            + littleEndian(checksum(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
    }

    /// CRC-32 with the polynomial EDB88320 (RFC 1952, section 8).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = ~0
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}

/// Wraps bytes as zlib (RFC 1950).
enum ZlibWriter {
    static func wrap(_ bytes: [UInt8]) -> [UInt8] {
        [0x78, 0x01] + StoredBlocks.of(bytes) + littleEndian(checksum(bytes)).reversed()
    }

    /// Adler-32 (RFC 1950, section 8.2).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var (first, second): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            first = (first + UInt32(byte)) % 65521
            second = (second + first) % 65521
        }
        return second << 16 | first
    }
}

/// Blocks of a deflate stream that are stored as they are (RFC 1951, section 3.2.4).
private enum StoredBlocks {
    static func of(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(0xFFFF)
            rest = rest.dropFirst(block.count)
            out.append(rest.isEmpty ? 1 : 0)
            out += littleEndian(UInt32(block.count)).prefix(2)
            out += littleEndian(~UInt32(block.count)).prefix(2)
            out += block
        } while !rest.isEmpty
        return out
    }
}

private func littleEndian(_ value: UInt32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
}
