import HostCrypto
import Platform
import Token

/// The public key of an object as its token told it a moment ago: programs ask for one of its attributes after the
/// other, and verify with it again and again, and to take it apart each time is a good part of a verification.
final class RecentPublicKey: @unchecked Sendable {
    /// Much less than what tokens themselves believe what they have read.
    private static let lifetime: UInt64 = 100_000_000

    private let lock = Lock()
    private var known: (key: PublicKey, end: UInt64)?

    /// The key, by `read` where it is not known, or no longer.
    func key(_ read: () throws(TokenError) -> PublicKey) throws(TokenError) -> PublicKey {
        let now = MonotonicClock.nanoseconds
        if let known = lock.withLock({ known }), now < known.end { return known.key }
        let key = try read()
        lock.withLock { known = (key, now + Self.lifetime) }
        return key
    }
}
