/// What a key pair is: which operations it has, and how large it is, whoever holds it. The cases are the families that
/// PKCS#11 has key types for.
public enum KeyType: Hashable, Sendable {
    /// RSA with a modulus of so many bits (CKK_RSA).
    case rsa(bits: Int)
    /// ECDSA and ECDH on a curve in short Weierstrass form (CKK_EC).
    case ec(Curve)
    /// EdDSA (CKK_EC_EDWARDS; RFC 8032).
    case edwards(EdwardsCurve)
    /// Key agreement on a Montgomery curve (CKK_EC_MONTGOMERY; RFC 7748).
    case montgomery(MontgomeryCurve)

    /// Ed25519 (RFC 8032, section 5.1).
    public static let ed25519 = KeyType.edwards(.ed25519)
    /// Ed448 (RFC 8032, section 5.2).
    public static let ed448 = KeyType.edwards(.ed448)
    /// X25519 (RFC 7748, section 5).
    public static let x25519 = KeyType.montgomery(.x25519)
    /// X448 (RFC 7748, section 5).
    public static let x448 = KeyType.montgomery(.x448)

    /// The keys of all curves that are known here.
    public static let onCurves: [KeyType] =
        Curve.allCases.map { .ec($0) } + EdwardsCurve.allCases.map { .edwards($0) }
        + MontgomeryCurve.allCases.map { .montgomery($0) }

    /// The length in bits of the modulus, or of an element of the curve's field.
    public var bits: Int {
        switch self {
        case .rsa(let bits): bits
        // Of all curves here the order is as long as the field's elements.
        case .ec(let curve): curve.orderBits
        case .edwards(let curve): curve.fieldBits
        case .montgomery(let curve): curve.fieldBits
        }
    }

    /// The length in bytes of both halves, where a key is a plain octet string; nil for RSA and short Weierstrass curves.
    public var octetCount: Int? {
        switch self {
        case .rsa, .ec: nil
        case .edwards(let curve): curve.keySize
        case .montgomery(let curve): curve.keySize
        }
    }

    /// The length in bytes of a signature as PKCS#11 has it: that of the modulus, r and s, or R and S. Nil for keys that
    /// do not sign.
    public var signatureSize: Int? {
        switch self {
        case .rsa(let bits): (bits + 7) / 8
        case .ec(let curve): 2 * curve.fieldSize
        case .edwards(let curve): curve.signatureSize
        case .montgomery: nil
        }
    }

    /// The length in bytes of a secret that two keys of this type share; nil where such keys agree on none.
    public var sharedSecretSize: Int? {
        switch self {
        case .ec(let curve): curve.fieldSize
        case .montgomery(let curve): curve.keySize
        case .rsa, .edwards: nil
        }
    }

    /// The kind of key, for a person: "RSA 2048", "P-256", "Ed25519".
    public var name: String {
        switch self {
        case .rsa(let bits): "RSA \(bits)"
        case .ec(let curve): curve.name
        case .edwards(let curve): curve.name
        case .montgomery(let curve): curve.name
        }
    }

    /// The kind of key in one word, for commands and their options: "rsa2048", "p256", "ed25519".
    public var word: String {
        switch self {
        case .rsa(let bits): "rsa\(bits)"
        case .ec(let curve): curve.rawValue
        case .edwards(let curve): curve.rawValue
        case .montgomery(let curve): curve.rawValue
        }
    }
}
