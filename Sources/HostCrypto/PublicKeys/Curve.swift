import COpenSSL

/// A named elliptic curve in short Weierstrass form (SEC 2, RFC 5639).
public enum Curve: String, CaseIterable, Hashable, Sendable {
    case p256 = "prime256v1"
    case p384 = "secp384r1"
    case p521 = "secp521r1"
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

    /// The most bytes that ECDSA takes for a hash: those of the longest hash function, or of the order.
    var longestHash: Int { max(Int(EVP_MAX_MD_SIZE), fieldSize) }

    /// The length in bytes of an uncompressed point, 04 ‖ x ‖ y.
    public var pointSize: Int { 1 + 2 * fieldSize }

    /// DER of the curve's OBJECT IDENTIFIER: ECParameters as CKA_EC_PARAMS has them (RFC 5480, section 2.1.1).
    public var oid: [UInt8] { DER.objectIdentifier(oidContent) }

    /// The curve with this OBJECT IDENTIFIER, given in DER.
    public init?(oid: [UInt8]) {
        guard let curve = Curve.allCases.first(where: { $0.oid == oid }) else { return nil }
        self = curve
    }

    init?(oidContent: [UInt8]) { self.init(oid: DER.objectIdentifier(oidContent)) }

    private var oidContent: [UInt8] {
        let certicom: [UInt8] = [0x2B, 0x81, 0x04, 0x00]
        let brainpool: [UInt8] = [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01]
        return switch self {
        case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        case .p384: certicom + [0x22]
        case .p521: certicom + [0x23]
        case .secp256k1: certicom + [0x0A]
        case .brainpoolP256r1: brainpool + [0x07]
        case .brainpoolP384r1: brainpool + [0x0B]
        case .brainpoolP512r1: brainpool + [0x0D]
        }
    }

    /// The uncompressed form, 04 ‖ x ‖ y, of a point in compressed, uncompressed or hybrid form (SEC 1, section
    /// 2.3.3). A point at infinity or off the curve is an `invalidKey`.
    public func uncompressed(_ point: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard (2...pointSize).contains(point.count) else { throw .invalidKey }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let group = try group()
        let element = try NativeHandle(EC_POINT_new(group.pointer), step: "EC_POINT_new", free: EC_POINT_free)
        // Reading a point checks that it lies on the curve.
        guard EC_POINT_oct2point(group.pointer, element.pointer, point, point.count, nil) == 1 else {
            throw .invalidKey
        }
        return try encode(element.pointer, group.pointer)
    }

    /// The public point of a private scalar of `fieldSize` bytes; `invalidKey` where it is not in [1, n − 1].
    func publicPoint(scalar: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        let group = try group()
        let number = try BigNumber(scalar, secret: true)
        guard let order = EC_GROUP_get0_order(group.pointer), BN_is_zero(number.pointer) == 0,
            BN_cmp(number.pointer, order) < 0
        else { throw .invalidKey }
        let element = try NativeHandle(EC_POINT_new(group.pointer), step: "EC_POINT_new", free: EC_POINT_free)
        try require(EC_POINT_mul(group.pointer, element.pointer, number.pointer, nil, nil, nil), "EC_POINT_mul")
        return try encode(element.pointer, group.pointer)
    }

    private func group() throws(HostCryptoError) -> NativeHandle {
        try NativeHandle(
            EC_GROUP_new_by_curve_name_ex(try LibraryContext.current(), nil, OBJ_sn2nid(rawValue)),
            step: "EC_GROUP_new_by_curve_name_ex", free: EC_GROUP_free)
    }

    private func encode(_ element: OpaquePointer, _ group: OpaquePointer) throws(HostCryptoError) -> [UInt8] {
        var point = [UInt8](repeating: 0, count: pointSize)
        guard
            EC_POINT_point2oct(group, element, POINT_CONVERSION_UNCOMPRESSED, &point, pointSize, nil) == pointSize
        else { throw .libcrypto(step: "EC_POINT_point2oct") }
        return point
    }
}
