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

    /// The algorithm by the name that libcrypto's provider finds it by.
    ///
    /// An object identifier: by a short name ("RSA") libcrypto 3.0 looks for an engine first, and a host that has made
    /// one the default, as `openssl -engine` does, would get keys made by it, or refused.
    var nativeName: String {
        switch self {
        case .rsa: "1.2.840.113549.1.1.1"
        case .ec: "1.2.840.10045.2.1"
        case .x25519: "1.3.101.110"
        case .x448: "1.3.101.111"
        case .ed25519: "1.3.101.112"
        case .ed448: "1.3.101.113"
        }
    }

    /// The length in bits of the modulus, or of an element of the curve's field.
    public var bits: Int {
        switch self {
        case .rsa(let bits): bits
        // Of all curves here the order is as long as the field's elements.
        case .ec(let curve): curve.orderBits
        case .ed25519, .x25519: 255
        case .ed448, .x448: 448
        }
    }

    /// The length in bytes of both halves, where a key is a plain octet string.
    var octetCount: Int? {
        switch self {
        case .rsa, .ec: nil
        case .ed25519, .x25519: 32
        case .x448: 56
        case .ed448: 57
        }
    }

    /// DER of the OBJECT IDENTIFIER that names the curve (RFC 5480, section 2.1.1; RFC 8410, section 3); nil for RSA.
    public var curveIdentifier: [UInt8]? {
        switch self {
        case .rsa: nil
        case .ec(let curve): curve.oid
        case .x25519: DER.objectIdentifier([0x2B, 0x65, 0x6E])
        case .x448: DER.objectIdentifier([0x2B, 0x65, 0x6F])
        case .ed25519: DER.objectIdentifier([0x2B, 0x65, 0x70])
        case .ed448: DER.objectIdentifier([0x2B, 0x65, 0x71])
        }
    }

    /// The keys on the curve of this name, or nil for one that is not known here.
    public init?(curveIdentifier identifier: [UInt8]) {
        let types = Curve.allCases.map { KeyType.ec($0) } + [.x25519, .x448, .ed25519, .ed448]
        guard let found = types.first(where: { $0.curveIdentifier == identifier }) else { return nil }
        self = found
    }
}
