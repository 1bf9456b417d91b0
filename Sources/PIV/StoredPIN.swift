import HostCrypto

/// A PIN that is kept so that a login, or the permission for one use of a key, survives what other programs do to the
/// card. Wiped with its last reference.
final class StoredPIN: Sendable {
    private let secret: SecretBuffer

    init(_ pin: RawSpan) throws(HostCryptoError) { secret = try SecretBuffer(pin) }

    func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try secret.withBytes(body) }

    /// Whether it is the same PIN, told in a time that depends on the lengths alone.
    func isEqual(to other: StoredPIN) -> Bool { other.withBytes { secret.isEqual(to: $0) } }
}
