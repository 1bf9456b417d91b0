/// A PIN that is kept so that a login, or the permission for one use of a key, survives what other programs do to the
/// card. Wiped with its last reference.
public final class StoredPIN: Sendable {
    private let secret: SecretBuffer

    /// A copy of a PIN, or of what a card wants in its place.
    public init(_ pin: RawSpan) throws(HostCryptoError) { secret = try SecretBuffer(pin) }

    /// Takes over what was derived from a PIN.
    public init(_ secret: consuming SecretBuffer) { self.secret = secret }

    /// Calls `body` with the PIN. The span must not be copied where it is not wiped.
    public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try secret.withBytes(body) }

    /// Whether it is the same PIN, told in a time that depends on the lengths alone.
    public func isEqual(to other: StoredPIN) -> Bool { other.withBytes { secret.isEqual(to: $0) } }
}
