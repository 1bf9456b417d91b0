import HostCrypto

/// A PIN in memory that is locked and wiped with its last reference.
final class TypedPIN {
    private let secret: SecretBuffer

    init(_ bytes: RawSpan) throws(CommandFailure) {
        do {
            secret = try SecretBuffer(bytes)
        } catch {
            throw CommandFailure("no memory for the PIN", hint: "try again when the system has more")
        }
    }

    /// Calls `body` with the PIN's bytes, which must not be copied where they are not wiped.
    func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R { try secret.withBytes(body) }

    /// Whether it is the same PIN, told in a time that depends on the lengths alone.
    func isEqual(to other: TypedPIN) -> Bool { other.withBytes { secret.isEqual(to: $0) } }
}
