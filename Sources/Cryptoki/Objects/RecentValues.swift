import HostCrypto
import Platform
import Token

/// What a token told of an object, taken apart: programs ask for one attribute after the other, and verify with a key again
/// and again.
struct RecentValues {
    /// For how long a key is believed, in nanoseconds: much less than what tokens themselves believe what they have read.
    fileprivate static let lifetime: UInt64 = 100_000_000

    fileprivate var publicKey: (key: PublicKey, end: UInt64)?
    /// That of the object itself, or the one that belongs to a key.
    fileprivate var certificate: Certificate?
}

extension TokenObject {
    /// The public key, by `read` where it is not known, or no longer.
    func publicKey(_ read: () throws(TokenError) -> PublicKey) throws(TokenError) -> PublicKey {
        let now = MonotonicClock.nanoseconds
        if let known = recent.withLock({ $0.publicKey }), now < known.end { return known.key }
        let key = try read()
        recent.withLock { $0.publicKey = (key, now + RecentValues.lifetime) }
        return key
    }

    /// The certificate with this DER encoding, or nil where that is none.
    func certificate(_ der: [UInt8]) -> Certificate? {
        if let known = recent.withLock({ $0.certificate }), known.der == der { return known }
        guard let certificate = try? Certificate(der: der) else { return nil }
        recent.withLock { $0.certificate = certificate }
        return certificate
    }
}
