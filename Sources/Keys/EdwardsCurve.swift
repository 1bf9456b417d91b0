/// A curve of EdDSA (RFC 8032). The raw value is the name for commands and their options.
public enum EdwardsCurve: String, CaseIterable, Hashable, Sendable {
    case ed25519
    case ed448

    /// The length in bits of an element of the field.
    public var fieldBits: Int {
        switch self {
        case .ed25519: 255
        case .ed448: 448
        }
    }

    /// The length in bytes of a private and of a public key (RFC 8032, sections 5.1.5 and 5.2.5).
    public var keySize: Int {
        switch self {
        case .ed25519: 32
        case .ed448: 57
        }
    }

    /// The length in bytes of a signature, R ‖ S.
    public var signatureSize: Int { 2 * keySize }

    /// The name for a person.
    public var name: String {
        switch self {
        case .ed25519: "Ed25519"
        case .ed448: "Ed448"
        }
    }

    /// DER of the curve's OBJECT IDENTIFIER (RFC 8410, section 3).
    public var oid: [UInt8] {
        switch self {
        case .ed25519: objectIdentifier([0x2B, 0x65, 0x70])
        case .ed448: objectIdentifier([0x2B, 0x65, 0x71])
        }
    }
}
