import COpenSSL
import Keys

/// A key derivation after a key agreement: hashes of a counter, the shared secret and shared information, one after the
/// other. The two differ in where the counter stands.
public enum AgreementKDF: String, Hashable, Sendable {
    /// ANSI X9.63 (SEC 1, section 3.6.1): the counter after the secret.
    case x963 = "X963KDF"
    /// SP 800-56A, section 5.8.1 (SP 800-56C, section 4.1, option 1): the counter before the secret.
    case concatenation = "SSKDF"

    /// `count` bytes of key, at least one. The caller wipes them.
    public func derive(
        _ secret: RawSpan, information: [UInt8], digest: Digest, count: Int
    ) throws(HostCryptoError) -> [UInt8] {
        guard (1...1 << 24).contains(count), secret.byteCount > 0 else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var parameters = KeyParameters()
        parameters.add("digest", text: digest.rawValue)
        parameters.add("key", secret: secret)
        parameters.add("info", bytes: information)
        return try parameters.derive(by: rawValue, count: count)
    }
}
