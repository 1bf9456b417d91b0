import HostCrypto
import Platform

/// A secret key's value, or a plaintext on its way to the caller: wiped with its last reference.
public final class StoredSecret: Sendable {
    private let buffer: SecretBuffer

    /// A copy of the bytes. `dataLength` beyond what one secret may take, `outOfMemory` where the system gives no page.
    public init(_ bytes: [UInt8]) throws(SoftTokenError) {
        buffer = try SoftTokenError.translating { () throws(HostCryptoError) in try SecretBuffer(bytes.span.bytes) }
    }

    /// The bytes, which are wiped and emptied where they were.
    public init(wiping bytes: inout [UInt8]) throws(SoftTokenError) {
        buffer = try SoftTokenError.translating { () throws(HostCryptoError) in try SecretBuffer(wiping: &bytes) }
    }

    /// The number of bytes.
    public var count: Int { withBytes { $0.byteCount } }

    /// Lends the bytes.
    public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try buffer.withBytes(body) }

    /// Computes with the value.
    public func using<R: ~Copyable>(
        _ body: (RawSpan) throws(HostCryptoError) -> R
    ) throws(SoftTokenError) -> R {
        do throws(HostCryptoError) {
            return try buffer.withBytes(body)
        } catch {
            throw SoftTokenError(error)
        }
    }

    /// The value for a caller who may have it, and who wipes it.
    public func copy() -> [UInt8] { withBytes { [UInt8]($0) } }
}
