import Keys

extension PublicKey {
    /// 1.2.840.113549.1.1.1, rsaEncryption (RFC 8017, appendix A.1).
    private static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    /// 1.2.840.10045.2.1, id-ecPublicKey (RFC 5480, section 2.1.1).
    private static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]

    /// Other identifiers of RSA keys: id-RSASSA-PSS and id-RSAES-OAEP (RFC 4055, sections 3 and 4), and id-ea-rsa of X.509.
    /// What their parameters forbid is forbidden to who uses the key, and makes no other key of it.
    private static let otherRSA: Set<[UInt8]> = [
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A], [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07],
        [0x55, 0x08, 0x01, 0x01],
    ]

    /// id-ecDH and id-ecMQV (RFC 5480, section 2.1.2).
    private static let otherEC: Set<[UInt8]> = [[0x2B, 0x81, 0x04, 0x01, 0x0C], [0x2B, 0x81, 0x04, 0x01, 0x0D]]

    /// The Edwards and Montgomery keys: by RFC 8410, section 3, or the identifiers that GnuPG gave two of them (RFC 9580,
    /// section 9.2).
    private static func octetKey(_ identifier: [UInt8], _ bytes: [UInt8]) -> PublicKey? {
        guard let type = KeyType(curveIdentifier: DER.objectIdentifier(identifier)), let size = type.octetCount else {
            return nil
        }
        return PublicKey(type, octets: withoutPrefix(bytes, size))
    }

    /// Without the byte 40 that OpenPGP puts before such a key (RFC 9580, section 11.2.1).
    private static func withoutPrefix(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
        bytes.count == size + 1 && bytes.first == 0x40 ? Array(bytes.dropFirst()) : bytes
    }

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

    /// Reads a SubjectPublicKeyInfo, and validates its key. Whatever way it is written in, the key is its numbers: RSA under
    /// another identifier, a curve by its parameters, a point in any form. `malformed` where it is not DER or has bytes
    /// behind it, `unsupported` for an algorithm or curve not listed here, `invalidKey` as `validate()` has it.
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
        case _ where Self.otherRSA.contains(identifier): self = try Self.rsaKey(key)
        case _ where identifier == Self.ecPublicKey || Self.otherEC.contains(identifier):
            self = try Self.ecKey(&algorithm, Array(key))
            try algorithm.end()
        default:
            guard let octets = Self.octetKey(identifier, Array(key)) else { throw .unsupported }
            self = octets
            // RFC 8410 demands no parameters; some writers put NULL.
            if !algorithm.isAtEnd { guard try algorithm.next(0x05).isEmpty else { throw .malformed } }
            try algorithm.end()
        }
        try validate()
    }

    /// A point on the curve that the parameters name, or give by its numbers. Edwards and Montgomery keys stand here too
    /// where their writer knew no other way.
    private static func ecKey(_ parameters: inout DERReader, _ point: [UInt8]) throws(HostCryptoError) -> PublicKey {
        guard let identifier = try? parameters.objectIdentifier() else {
            guard let curve = try Curve(specified: &parameters) else { throw .unsupported }
            return try ec(curve, point)
        }
        if let curve = Curve(oid: DER.objectIdentifier(identifier)) { return try ec(curve, point) }
        guard let key = octetKey(identifier, point) else { throw .unsupported }
        return key
    }

    /// An uncompressed point is looked at when the key is validated.
    private static func ec(_ curve: Curve, _ point: [UInt8]) throws(HostCryptoError) -> PublicKey {
        .ec(curve, point: point.first == 4 ? point : try curve.uncompressed(point))
    }

    private static func rsaKey(_ der: ArraySlice<UInt8>) throws(HostCryptoError) -> PublicKey {
        var outer = DERReader(der)
        var numbers = try outer.enter(0x30)
        try outer.end()
        let modulus = Array(try numbers.naturalNumber())
        let exponent = Array(try numbers.naturalNumber())
        try numbers.end()
        return .rsa(modulus: modulus, publicExponent: exponent)
    }
}
