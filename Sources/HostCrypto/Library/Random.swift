import COpenSSL

/// Random numbers of libcrypto's generator, which seeds itself anew in the child of a fork.
public enum Random {
    /// `count` random bytes, fit for keys. At most 2^24.
    public static func bytes(_ count: Int) throws(HostCryptoError) -> [UInt8] {
        guard (0...1 << 24).contains(count) else { throw .invalidLength }
        let context = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var bytes = [UInt8](repeating: 0, count: count)
        try require(RAND_priv_bytes_ex(context, &bytes, count, 0), "RAND_priv_bytes_ex")
        return bytes
    }
}
