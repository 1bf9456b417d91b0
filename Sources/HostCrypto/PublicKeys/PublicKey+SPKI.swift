import Keys

extension PublicKey {
    /// 1.2.840.113549.1.1.1, rsaEncryption (RFC 8017, appendix A.1).
    private static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    /// 1.2.840.10045.2.1, id-ecPublicKey (RFC 5480, section 2.1.1).
    private static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]

    /// DER of the key's SubjectPublicKeyInfo (RFC 5280, section 4.1; RFC 8410 for Edwards and Montgomery keys).
    public var subjectPublicKeyInfo: [UInt8] {
        switch self {
        case .rsa(let modulus, let exponent):
            return DER.sequence(
                DER.sequence(DER.objectIdentifier(Self.rsaEncryption), DER.null),
                DER.bitString(DER.sequence(DER.unsignedInteger(modulus), DER.unsignedInteger(exponent))))
        case .ec(let curve, let point):
            return DER.sequence(
                DER.sequence(DER.objectIdentifier(Self.ecPublicKey), curve.oid), DER.bitString(point))
        case .edwards(let curve, let bytes): return DER.sequence(DER.sequence(curve.oid), DER.bitString(bytes))
        case .montgomery(let curve, let bytes): return DER.sequence(DER.sequence(curve.oid), DER.bitString(bytes))
        }
    }

    /// Reads a SubjectPublicKeyInfo, and validates its key. `malformed` where it is not DER or has trailing bytes,
    /// `unsupported` for an algorithm or curve not listed here, `invalidKey` as `validate()` has it.
    public init(subjectPublicKeyInfo der: [UInt8]) throws(HostCryptoError) {
        guard der.count <= 1 << 16 else { throw .limitExceeded }
        var outer = DERReader(der)
        var info = try outer.enter(0x30)
        try outer.end()
        var algorithm = try info.enter(0x30)
        let identifier = try algorithm.objectIdentifier()
        let key = try info.bitString()
        try info.end()
        switch identifier {
        case Self.rsaEncryption:
            // RFC 8017 demands NULL; some issuers leave it out.
            if !algorithm.isAtEnd { guard try algorithm.next(0x05).isEmpty else { throw .malformed } }
            try algorithm.end()
            self = try Self.rsaKey(key)
        case Self.ecPublicKey:
            // Explicit curve parameters, a SEQUENCE, are not read: only named curves can be trusted to be curves.
            guard let parameters = try? algorithm.objectIdentifier(),
                let curve = Curve(oid: DER.objectIdentifier(parameters))
            else { throw .unsupported }
            try algorithm.end()
            // An uncompressed point is looked at when the key is validated.
            self = .ec(curve, point: key.first == 4 ? Array(key) : try curve.uncompressed(Array(key)))
        default:
            let named = DER.objectIdentifier(identifier)
            guard let type = KeyType.onCurves.first(where: { $0.octetCount != nil && $0.curveIdentifier == named }),
                let octetKey = PublicKey(type, octets: Array(key))
            else { throw .unsupported }
            try algorithm.end()
            self = octetKey
        }
        try validate()
    }

    private static func rsaKey(_ der: ArraySlice<UInt8>) throws(HostCryptoError) -> PublicKey {
        var outer = DERReader(der)
        var numbers = try outer.enter(0x30)
        try outer.end()
        let modulus = Array(try numbers.unsignedInteger())
        let exponent = Array(try numbers.unsignedInteger())
        try numbers.end()
        return .rsa(modulus: modulus, publicExponent: exponent)
    }
}
