/// The object identifiers that name curves.
extension KeyType {
    /// DER of the OBJECT IDENTIFIER that names the curve (RFC 5480, section 2.1.1; RFC 8410, section 3); nil for RSA.
    public var curveIdentifier: [UInt8]? {
        switch self {
        case .rsa: nil
        case .ec(let curve): curve.oid
        case .edwards(let curve): curve.oid
        case .montgomery(let curve): curve.oid
        }
    }

    /// DER of the OBJECT IDENTIFIER that GnuPG gave the curve before RFC 8410, and that OpenPGP cards still have (RFC 9580,
    /// section 9.2); nil where there is none.
    public var legacyCurveIdentifier: [UInt8]? {
        switch self {
        // 1.3.6.1.4.1.11591.15.1
        case .edwards(.ed25519): [0x06, 0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01]
        // 1.3.6.1.4.1.3029.1.5.1
        case .montgomery(.x25519): [0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01]
        case .rsa, .ec, .edwards, .montgomery: nil
        }
    }

    /// The keys on the curve that an OBJECT IDENTIFIER names, given in DER, be it the legacy one; nil for a curve that is not
    /// known here.
    public init?(curveIdentifier identifier: [UInt8]) {
        let found = Self.onCurves.first { $0.curveIdentifier == identifier || $0.legacyCurveIdentifier == identifier }
        guard let found else { return nil }
        self = found
    }
}

/// DER of an OBJECT IDENTIFIER whose content octets, fewer than 128, are given.
func objectIdentifier(_ content: [UInt8]) -> [UInt8] { [0x06, UInt8(truncatingIfNeeded: content.count)] + content }
