import COpenSSL
import Keys

/// Points of a curve.
extension Curve {
    /// The curve's short name in libcrypto.
    var nativeName: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        case .brainpoolP256r1, .brainpoolP384r1, .brainpoolP512r1, .secp256k1: rawValue
        }
    }

    /// The most bytes that ECDSA takes for a hash: those of the longest hash function, or of the order.
    var longestHash: Int { max(Digest.longestSize, fieldSize) }

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

    /// Whether both numbers of a signature lie in [1, n − 1] (FIPS 186-5, section 6.4.2).
    public func isInRange(_ signature: ECDSASignature) -> Bool {
        guard signature.fixedWidth.count == 2 * fieldSize, let group = try? group(),
            let order = EC_GROUP_get0_order(group.pointer)
        else { return false }
        return [signature.fixedWidth.prefix(fieldSize), signature.fixedWidth.suffix(fieldSize)].allSatisfy { half in
            guard let number = try? BigNumber(Array(half), secret: false) else { return false }
            return BN_is_zero(number.pointer) == 0 && BN_cmp(number.pointer, order) < 0
        }
    }

    func group() throws(HostCryptoError) -> NativeHandle {
        try NativeHandle(
            EC_GROUP_new_by_curve_name_ex(try LibraryContext.current(), nil, OBJ_sn2nid(nativeName)),
            step: "EC_GROUP_new_by_curve_name_ex", free: EC_GROUP_free)
    }

    func encode(_ element: OpaquePointer, _ group: OpaquePointer) throws(HostCryptoError) -> [UInt8] {
        var point = [UInt8](repeating: 0, count: pointSize)
        guard
            EC_POINT_point2oct(group, element, POINT_CONVERSION_UNCOMPRESSED, &point, pointSize, nil) == pointSize
        else { throw .libcrypto(step: "EC_POINT_point2oct") }
        return point
    }
}
