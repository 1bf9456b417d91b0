/// A named elliptic curve in short Weierstrass form (SEC 2, RFC 5639). The raw value is the name for commands and their
/// options.
public enum Curve: String, CaseIterable, Hashable, Sendable {
    case p256
    case p384
    case p521
    case brainpoolP256r1
    case brainpoolP384r1
    case brainpoolP512r1
    case secp256k1

    /// The length in bytes of a field element, and of a scalar.
    public var fieldSize: Int {
        switch self {
        case .p256, .brainpoolP256r1, .secp256k1: 32
        case .p384, .brainpoolP384r1: 48
        case .brainpoolP512r1: 64
        case .p521: 66
        }
    }

    /// The length in bits of the order of the group.
    public var orderBits: Int { self == .p521 ? 521 : 8 * fieldSize }

    /// The length in bytes of an uncompressed point, 04 ‖ x ‖ y.
    public var pointSize: Int { 1 + 2 * fieldSize }

    /// The name for a person: NIST's where there is one (FIPS 186-5), else that of SEC 2 or RFC 5639.
    public var name: String {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        case .brainpoolP256r1, .brainpoolP384r1, .brainpoolP512r1, .secp256k1: rawValue
        }
    }

    /// DER of the curve's OBJECT IDENTIFIER: ECParameters as CKA_EC_PARAMS has them (RFC 5480, section 2.1.1).
    public var oid: [UInt8] {
        // 1.3.132.0 and 1.3.36.3.3.2.8.1.1
        let certicom: [UInt8] = [0x2B, 0x81, 0x04, 0x00]
        let brainpool: [UInt8] = [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01]
        let content: [UInt8] =
            switch self {
            case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            case .p384: certicom + [0x22]
            case .p521: certicom + [0x23]
            case .secp256k1: certicom + [0x0A]
            case .brainpoolP256r1: brainpool + [0x07]
            case .brainpoolP384r1: brainpool + [0x0B]
            case .brainpoolP512r1: brainpool + [0x0D]
            }
        return objectIdentifier(content)
    }

    /// The curve with this OBJECT IDENTIFIER, given in DER.
    public init?(oid: [UInt8]) {
        guard let curve = Curve.allCases.first(where: { $0.oid == oid }) else { return nil }
        self = curve
    }
}
