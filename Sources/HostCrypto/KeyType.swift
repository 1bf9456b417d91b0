/// The type and size of a key pair.
public enum KeyType: Hashable, Sendable {
    /// RSA with a modulus of so many bits.
    case rsa(bits: Int)
    /// ECDSA and ECDH on a named curve.
    case ec(Curve)
    /// EdDSA (RFC 8032).
    case ed25519
    /// EdDSA (RFC 8032).
    case ed448
    /// Diffie-Hellman on a Montgomery curve (RFC 7748).
    case x25519
    /// Diffie-Hellman on a Montgomery curve (RFC 7748).
    case x448

    /// libcrypto's name and the length in bytes of both halves, where a key is a plain octet string.
    var octetKey: (name: String, size: Int)? {
        switch self {
        case .rsa, .ec: nil
        case .ed25519: ("ED25519", 32)
        case .ed448: ("ED448", 57)
        case .x25519: ("X25519", 32)
        case .x448: ("X448", 56)
        }
    }
}
