import CLibrary
import COpenSSL
import Platform

/// A cipher of libcrypto at work, keyed, in one direction.
struct CipherContext: ~Copyable {
    private let handle: NativeHandle
    /// The most bytes that one call of libcrypto is given: its lengths are 32 bits wide.
    private static let largestPiece = 1 << 30

    /// A context of the cipher of that name.
    ///
    /// - Parameter prepare: called before key and vector are set, for what must be set earlier.
    init(
        _ name: String, key: RawSpan, iv: [UInt8]?, isEncrypting: Bool,
        prepare: (OpaquePointer) throws(HostCryptoError) -> Void = { (_) throws(HostCryptoError) in }
    ) throws(HostCryptoError) {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let cipher = try FetchedAlgorithms.cipher(name)
        let context = try NativeHandle(EVP_CIPHER_CTX_new(), step: "EVP_CIPHER_CTX_new", free: EVP_CIPHER_CTX_free)
        guard key.byteCount == Int(EVP_CIPHER_get_key_length(cipher)) else { throw .invalidLength }
        let pointer = context.pointer
        let direction: Int32 = isEncrypting ? 1 : 0
        // libcrypto refuses key wrapping unless this flag is set.
        EVP_CIPHER_CTX_set_flags(pointer, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
        try require(EVP_CipherInit_ex2(pointer, cipher, nil, nil, direction, nil), "EVP_CipherInit_ex2")
        try prepare(pointer)
        let keyed = key.withUnsafeBytes {
            EVP_CipherInit_ex2(pointer, nil, $0.assumingMemoryBound(to: UInt8.self).baseAddress, iv, direction, nil)
        }
        try require(keyed, "EVP_CipherInit_ex2")
        try require(EVP_CIPHER_CTX_set_padding(pointer, 0), "EVP_CIPHER_CTX_set_padding")
        handle = context
    }

    /// Puts data through the cipher; `count` bytes must come out.
    mutating func update(_ data: RawSpan, count: Int) throws(HostCryptoError) -> [UInt8] {
        try filling(count...count) { (target, written) throws(HostCryptoError) in
            var position = 0
            while position < data.byteCount {
                let size = min(Self.largestPiece, data.byteCount - position)
                let piece = data.extracting(position..<position + size)
                written += try update(piece, into: target.map { $0 + written })
                position += size
            }
        }
    }

    /// The same into a caller's buffer, which has room for them. For ciphers that write no more than comes out.
    mutating func update(_ data: RawSpan, count: Int, into buffer: OutputBuffer) throws(HostCryptoError) {
        guard count <= buffer.count else { throw .invalidLength }
        var (position, written) = (0, 0)
        while position < data.byteCount {
            let size = min(Self.largestPiece, data.byteCount - position)
            written += try update(data.extracting(position..<position + size), into: buffer.start + written)
            position += size
        }
        guard written == count else { throw .libcrypto(step: "EVP_CipherUpdate") }
    }

    /// The same for a cipher that must be given everything at once, even if it is nothing.
    mutating func updateAtOnce(_ data: RawSpan, counts: ClosedRange<Int>) throws(HostCryptoError) -> [UInt8] {
        guard data.byteCount <= Self.largestPiece else { throw .invalidLength }
        return try filling(counts) { (target, written) throws(HostCryptoError) in
            written = try update(data, into: target)
        }
    }

    /// Takes in data that is authenticated and not encrypted.
    mutating func authenticate(_ data: RawSpan) throws(HostCryptoError) {
        guard data.byteCount <= Self.largestPiece else { throw .invalidLength }
        guard data.byteCount > 0 else { return }
        _ = try update(data, into: nil)
    }

    /// Says how much data will come.
    mutating func announce(_ count: Int) throws(HostCryptoError) {
        guard let count = Int32(exactly: count) else { throw .invalidLength }
        var length: Int32 = 0
        try require(EVP_CipherUpdate(handle.pointer, nil, &length, nil, count), "EVP_CipherUpdate")
    }

    /// Ends the computation; a tag that does not fit, or a padding that is none, is an error.
    mutating func finish() throws(HostCryptoError) {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var block = [UInt8](repeating: 0, count: 32)
        var length: Int32 = 0
        try require(EVP_CipherFinal_ex(handle.pointer, &block, &length), "EVP_CipherFinal_ex")
        guard length == 0 else { throw .libcrypto(step: "EVP_CipherFinal_ex") }
    }

    /// The tag of what was encrypted.
    mutating func tag(_ count: Int) throws(HostCryptoError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: count)
        try require(
            EVP_CIPHER_CTX_ctrl(handle.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(count), &tag), "EVP_CTRL_AEAD_GET_TAG")
        return tag
    }

    /// Sets the tag that what was decrypted must have.
    mutating func expect(tag: [UInt8]) throws(HostCryptoError) {
        var tag = tag
        try require(
            EVP_CIPHER_CTX_ctrl(handle.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag), "EVP_CTRL_AEAD_SET_TAG")
    }

    private func update(_ piece: RawSpan, into target: UnsafeMutablePointer<UInt8>?) throws(HostCryptoError) -> Int {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var length: Int32 = 0
        let pointer = handle.pointer
        let nothing: UInt8 = 0
        let result = piece.withUnsafeBytes { bytes in
            withUnsafePointer(to: nothing) { nothing in
                let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress ?? nothing
                return EVP_CipherUpdate(pointer, target, &length, start, Int32(truncatingIfNeeded: bytes.count))
            }
        }
        try require(result, "EVP_CipherUpdate")
        return Int(length)
    }

    /// An array of `count` bytes that `body` fills. Where it fills another number of bytes the array is wiped.
    private func filling(
        _ counts: ClosedRange<Int>, _ body: (UnsafeMutablePointer<UInt8>?, inout Int) throws(HostCryptoError) -> Void
    ) throws(HostCryptoError) -> [UInt8] {
        try Self.checkMemory(for: counts.upperBound)
        var failure: HostCryptoError?
        // A block more than comes out: some ciphers write ahead.
        let bytes = [UInt8](unsafeUninitializedCapacity: counts.upperBound + 32) { buffer, written in
            do throws(HostCryptoError) {
                try body(buffer.baseAddress, &written)
                if !counts.contains(written) { failure = .libcrypto(step: "EVP_CipherUpdate") }
            } catch {
                failure = error
            }
            guard failure != nil else { return }
            OPENSSL_cleanse(buffer.baseAddress, buffer.count)
            written = 0
        }
        if let failure { throw failure }
        return bytes
    }

    /// Throws where there is no memory for a result and a copy of it: Swift ends the process where an array cannot be
    /// allocated. Tried with mmap, since the optimiser removes a malloc whose memory is not used.
    private static func checkMemory(for count: Int) throws(HostCryptoError) {
        guard count > 1 << 24 else { return }
        let (size, overflows) = count.multipliedReportingOverflow(by: 2)
        guard !overflows,
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw .outOfMemory }
        munmap(memory, size)
    }
}
