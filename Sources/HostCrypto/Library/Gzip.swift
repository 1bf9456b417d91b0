import CZlib

/// Compression of certificates as PIV cards hold them (SP 800-73-5 part 1, section 3.1.2, CertInfo).
public enum Gzip {
    /// What a gzip (RFC 1952) or zlib (RFC 1950) stream holds. `limitExceeded` where that is more than `limit` bytes,
    /// `malformed` where the stream is broken, ends early, or its checksum is wrong. Bytes after the stream are
    /// ignored: some writers pad the container.
    public static func inflate(_ bytes: [UInt8], limit: Int) throws(HostCryptoError) -> [UInt8] {
        guard (0...1 << 24).contains(limit), bytes.count <= 1 << 24 else { throw .limitExceeded }
        // zlib compares the stream's address with the one that it was initialised at: a variable has none to rely on.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        // 32 more than the largest window: gzip or zlib, told by the header.
        guard inflateInit2_(stream, MAX_WBITS + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw .outOfMemory }
        defer { inflateEnd(stream) }
        var input = bytes
        // One byte more than the limit, so that a stream that goes on can be told from one that just ends.
        var output = [UInt8](repeating: 0, count: limit + 1)
        let (result, count) = run(stream, &input, &output) { CZlib.inflate($0, Z_FINISH) }
        guard count <= limit else { throw .limitExceeded }
        guard result == Z_STREAM_END else { throw .malformed }
        return Array(output.prefix(count))
    }

    /// A gzip stream (RFC 1952) that holds the bytes, as short as zlib makes it. `limitExceeded` for more than 16 MiB.
    public static func deflate(_ bytes: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard bytes.count <= 1 << 24 else { throw .limitExceeded }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        // 16 more than the largest window: a gzip header. 9 is the memLevel that zlib uses for the best compression.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(
                stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else { throw .outOfMemory }
        defer { deflateEnd(stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(bytes.count))))
        let (result, count) = run(stream, &input, &output) { CZlib.deflate($0, Z_FINISH) }
        guard result == Z_STREAM_END else { throw .outOfMemory }
        return Array(output.prefix(count))
    }

    /// Has zlib turn `input` into `output` in one step.
    ///
    /// - Returns: what zlib answered, and how many bytes it wrote.
    private static func run(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: inout [UInt8], _ output: inout [UInt8],
        _ step: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> (result: Int32, count: Int) {
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                let result = step(stream)
                return (result, output.count - Int(stream.pointee.avail_out))
            }
        }
    }
}
