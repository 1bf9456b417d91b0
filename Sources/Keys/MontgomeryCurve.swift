/// A curve of Diffie-Hellman by the x coordinate alone (RFC 7748). The raw value is the name for commands and their
/// options.
public enum MontgomeryCurve: String, CaseIterable, Hashable, Sendable {
    case x25519
    case x448

    /// The length in bits of an element of the field.
    public var fieldBits: Int {
        switch self {
        case .x25519: 255
        case .x448: 448
        }
    }

    /// The length in bytes of a private key, of a public key and of a shared secret (RFC 7748, section 5).
    public var keySize: Int {
        switch self {
        case .x25519: 32
        case .x448: 56
        }
    }

    /// The name for a person.
    public var name: String {
        switch self {
        case .x25519: "X25519"
        case .x448: "X448"
        }
    }

    /// DER of the curve's OBJECT IDENTIFIER (RFC 8410, section 3).
    public var oid: [UInt8] {
        switch self {
        case .x25519: objectIdentifier([0x2B, 0x65, 0x6E])
        case .x448: objectIdentifier([0x2B, 0x65, 0x6F])
        }
    }
}
