import CLibrary
import Platform

/// A secret in pages of its own; see `SecretPages`. In the child of a fork it is empty, so a child can neither leak a PIN of
/// its parent nor send one made of zeros to a card.
public struct SecretBuffer: ~Copyable, Sendable {
    private let pages: SecretPages
    private let storedCount: Int

    /// The longest secret, in bytes.
    public static let maximumCount = 1 << 16

    /// A copy of these bytes. `limitExceeded` beyond `maximumCount`, `outOfMemory` where the system gives no page.
    public init(_ bytes: RawSpan, _ kind: SecretPages.Kind = .ordinary) throws(HostCryptoError) {
        let count = bytes.byteCount
        guard count <= Self.maximumCount else { throw .limitExceeded }
        guard let pages = SecretPages(count: count, kind) else { throw .outOfMemory }
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress, let target = pages.bytes.baseAddress else { return }
            memcpy(target, start, source.count)
        }
        self.pages = pages
        storedCount = count
    }

    /// A copy of these bytes, which are wiped and emptied. Other copies of the array are not reached.
    public init(wiping bytes: inout [UInt8]) throws(HostCryptoError) {
        defer { bytes.cleanse() }
        self = try SecretBuffer(bytes.span.bytes)
    }

    /// The secret's length in bytes; zero in the child of a fork.
    public var count: Int { pages.isOwn ? storedCount : 0 }

    /// Calls `body` with the secret. The span must not be copied where it is not wiped.
    public borrowing func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(stored.bytes)
    }

    /// Whether the secret is these bytes. The time depends on the lengths alone.
    public borrowing func isEqual(to other: RawSpan) -> Bool { ConstantTime.equal(stored.bytes, other) }

    private var stored: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: pages.bytes[..<count]) }
}
