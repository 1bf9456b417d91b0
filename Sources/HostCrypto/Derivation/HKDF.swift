import Keys

/// The key derivation of RFC 5869. What it returns is secret: the caller wipes it.
public enum HKDF {
    /// The pseudorandom key of some input keying material (section 2.2). A salt of no bytes is as many zeros as the hash
    /// has bytes.
    public static func extract(
        _ material: RawSpan, salt: RawSpan, digest: Digest
    ) throws(HostCryptoError) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: digest.size)
        var context = try MACContext(.hmac(digest), key: salt.byteCount > 0 ? salt : zeros.span.bytes)
        try context.update(material)
        return try context.finish()
    }

    /// `count` bytes of output keying material (section 2.3), at most 255 times the hash's length.
    public static func expand(
        _ key: RawSpan, info: [UInt8], count: Int, digest: Digest
    ) throws(HostCryptoError) -> [UInt8] {
        guard (1...255 * digest.size).contains(count) else { throw .invalidLength }
        // Allocated once at its size, so that wiping it reaches everything.
        var output = [UInt8](repeating: 0, count: count)
        var block: [UInt8] = []
        defer { block.cleanse() }
        var (position, counter): (Int, UInt8) = (0, 1)
        while position < count {
            var next = try MACContext.code(.hmac(digest), key: key, of: [block, info, [counter]])
            block.cleanse()
            swap(&block, &next)
            for byte in block.prefix(count - position) {
                output[position] = byte
                position += 1
            }
            counter &+= 1
        }
        return output
    }
}
