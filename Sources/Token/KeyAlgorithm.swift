/// What a key pair is, whichever card holds it.
public enum KeyAlgorithm: Hashable, Sendable {
    /// RSA with a modulus of so many bits.
    case rsa(bits: Int)
    /// A key on the curve of this name.
    case curve(CurveName)
}

/// A curve, by the DER encoding of its object identifier. Unknown values survive.
public struct CurveName: RawRepresentable, Hashable, Sendable {
    /// The encoded OBJECT IDENTIFIER.
    public let rawValue: [UInt8]

    /// A curve with this object identifier.
    public init(rawValue: [UInt8]) { self.rawValue = rawValue }

    /// 1.2.840.10045.3.1.7: NIST P-256 (RFC 5480, section 2.1.1.1).
    public static let p256 = CurveName(rawValue: [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07])
    /// 1.3.132.0.34: NIST P-384 (RFC 5480, section 2.1.1.1).
    public static let p384 = CurveName(rawValue: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22])
    /// 1.3.132.0.35: NIST P-521 (RFC 5480, section 2.1.1.1).
    public static let p521 = CurveName(rawValue: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23])
    /// 1.3.132.0.10: secp256k1 (SEC 2, section A.2.1).
    public static let secp256k1 = CurveName(rawValue: [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A])
    /// 1.3.36.3.3.2.8.1.1.7 (RFC 5639, section 4.1).
    public static let brainpoolP256r1 = brainpool(0x07)
    /// 1.3.36.3.3.2.8.1.1.11 (RFC 5639, section 4.1).
    public static let brainpoolP384r1 = brainpool(0x0B)
    /// 1.3.36.3.3.2.8.1.1.13 (RFC 5639, section 4.1).
    public static let brainpoolP512r1 = brainpool(0x0D)
    /// 1.3.101.112 (RFC 8410, section 3).
    public static let ed25519 = CurveName(rawValue: [0x06, 0x03, 0x2B, 0x65, 0x70])
    /// 1.3.101.113 (RFC 8410, section 3).
    public static let ed448 = CurveName(rawValue: [0x06, 0x03, 0x2B, 0x65, 0x71])
    /// 1.3.101.110 (RFC 8410, section 3).
    public static let x25519 = CurveName(rawValue: [0x06, 0x03, 0x2B, 0x65, 0x6E])
    /// 1.3.101.111 (RFC 8410, section 3).
    public static let x448 = CurveName(rawValue: [0x06, 0x03, 0x2B, 0x65, 0x6F])

    private static func brainpool(_ arc: UInt8) -> CurveName {
        CurveName(rawValue: [0x06, 0x09, 0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, arc])
    }
}
