import COpenSSL
import Glibc

/// A secret in pages of its own: locked into memory where the limits allow it, left out of core dumps, and wiped at the
/// end.
///
/// The pages are private, anonymous and wiped on fork: in the child of a fork the buffer is empty, so a child can
/// neither leak a PIN of its parent nor send one made of zeros to a card. That is why they are not memfd_secret(2)'s,
/// which are shared memory: a child would see the secret, and by freeing its copy of the buffer wipe the parent's.
public struct SecretBuffer: ~Copyable, @unchecked Sendable {
    private let pages: UnsafeMutableRawBufferPointer
    private let storedCount: Int
    /// Before the secret stands one byte that is not zero until a fork or the end wipes it.
    private static let headerSize = 16

    /// The longest secret, in bytes.
    public static let maximumCount = 1 << 16

    /// A copy of these bytes. `limitExceeded` beyond `maximumCount`, `outOfMemory` where the system gives no page.
    public init(_ bytes: RawSpan) throws(HostCryptoError) {
        let count = bytes.byteCount
        guard count <= Self.maximumCount else { throw .limitExceeded }
        let pageSize = max(sysconf(Int32(_SC_PAGESIZE)), 4096)
        let size = (Self.headerSize + count + pageSize - 1) / pageSize * pageSize
        guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            base != MAP_FAILED
        else { throw .outOfMemory }
        // Each of these may be refused, by limits or by an older kernel; the secret is then kept as well as can be.
        _ = mlock(base, size)
        _ = madvise(base, size, MADV_DONTDUMP)
        _ = madvise(base, size, MADV_WIPEONFORK)
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            memcpy(base + Self.headerSize, start, source.count)
        }
        base.storeBytes(of: 1, as: UInt8.self)
        pages = UnsafeMutableRawBufferPointer(start: base, count: size)
        storedCount = count
    }

    /// A copy of these bytes, which are wiped and emptied. Other copies of the array are not reached.
    public init(wiping bytes: inout [UInt8]) throws(HostCryptoError) {
        defer { bytes.cleanse() }
        self = try SecretBuffer(bytes.span.bytes)
    }

    deinit {
        OPENSSL_cleanse(pages.baseAddress, pages.count)
        munmap(pages.baseAddress, pages.count)
    }

    /// The secret's length in bytes; zero in the child of a fork.
    public var count: Int { pages[0] == 0 ? 0 : storedCount }

    /// Calls `body` with the secret. The span must not be copied where it is not wiped.
    public borrowing func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        let bytes = UnsafeRawBufferPointer(rebasing: pages[Self.headerSize..<Self.headerSize + count])
        return try body(bytes.bytes)
    }

    /// Whether the secret is these bytes. The time depends on the lengths alone.
    public borrowing func isEqual(to other: RawSpan) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: pages[Self.headerSize..<Self.headerSize + count])
        return ConstantTime.equal(bytes.bytes, other)
    }
}
