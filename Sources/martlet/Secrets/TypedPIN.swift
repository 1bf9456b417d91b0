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

    /// Throws where it is no management key. A PIN or a PUK that is typed in the place of one is not to reach the card: it
    /// would cost a try of the PUK.
    func checkIsManagementKey() throws(CommandFailure) {
        let isKey = withBytes { bytes in
            [32, 48, 64].contains(bytes.byteCount)
                && bytes.withUnsafeBytes { $0.allSatisfy { Character(UnicodeScalar($0)).isHexDigit } }
        }
        guard !isKey else { return }
        throw CommandFailure(
            "that is no management key: it has 32, 48 or 64 hexadecimal digits; nothing was sent to the card",
            hint: "type the key, or nothing where the card keeps it behind the PIN", .refused)
    }
}
