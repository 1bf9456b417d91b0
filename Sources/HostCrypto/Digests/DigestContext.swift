import COpenSSL
import Keys

/// A hash of data that comes in pieces.
public struct DigestContext: ~Copyable {
    /// The hash function.
    public let digest: Digest
    private let handle: NativeHandle

    /// A hash of no data so far.
    public init(_ digest: Digest) throws(HostCryptoError) {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let function = try digest.fetched()
        let context = try NativeHandle(EVP_MD_CTX_new(), step: "EVP_MD_CTX_new", free: EVP_MD_CTX_free)
        try require(EVP_DigestInit_ex2(context.pointer, function, nil), "EVP_DigestInit_ex2")
        self.digest = digest
        handle = context
    }

    private init(copying other: borrowing DigestContext) throws(HostCryptoError) {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try NativeHandle(EVP_MD_CTX_new(), step: "EVP_MD_CTX_new", free: EVP_MD_CTX_free)
        try require(EVP_MD_CTX_copy_ex(context.pointer, other.handle.pointer), "EVP_MD_CTX_copy_ex")
        digest = other.digest
        handle = context
    }

    /// A copy in the same state; both go on independently.
    public borrowing func copy() throws(HostCryptoError) -> DigestContext { try DigestContext(copying: self) }

    /// Takes in the next piece.
    public mutating func update(_ data: RawSpan) throws(HostCryptoError) {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = handle.pointer
        let result = data.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        try require(result, "EVP_DigestUpdate")
    }

    /// Takes in the next piece.
    public mutating func update(_ data: [UInt8]) throws(HostCryptoError) { try update(data.span.bytes) }

    /// The hash of all pieces; ends the context.
    public consuming func finish() throws(HostCryptoError) -> [UInt8] {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        try require(EVP_DigestFinal_ex(handle.pointer, &hash, &count), "EVP_DigestFinal_ex")
        guard Int(count) == digest.size else { throw .libcrypto(step: "EVP_DigestFinal_ex") }
        hash.removeLast(hash.count - digest.size)
        return hash
    }
}
