import COpenSSL
import Keys

/// A public key, in the shapes that cards and certificates have it.
public enum PublicKey: Hashable, Sendable {
    /// Modulus and exponent, big-endian without leading zeros (RFC 8017, section 3.1).
    case rsa(modulus: [UInt8], publicExponent: [UInt8])
    /// The uncompressed point 04 ‖ x ‖ y (SEC 1, section 2.3.3).
    case ec(Curve, point: [UInt8])
    /// The encoded point (RFC 8032, sections 5.1.5 and 5.2.5).
    case edwards(EdwardsCurve, [UInt8])
    /// The u coordinate, little-endian (RFC 7748, section 5).
    case montgomery(MontgomeryCurve, [UInt8])

    /// A key that is a plain octet string; nil where keys of this type are none. The length is not looked at.
    public init?(_ type: KeyType, octets: [UInt8]) {
        switch type {
        case .edwards(let curve): self = .edwards(curve, octets)
        case .montgomery(let curve): self = .montgomery(curve, octets)
        case .rsa, .ec: return nil
        }
    }

    /// The type and size of the key.
    public var type: KeyType {
        switch self {
        case .rsa(let modulus, _): .rsa(bits: Self.bitCount(modulus))
        case .ec(let curve, _): .ec(curve)
        case .edwards(let curve, _): .edwards(curve)
        case .montgomery(let curve, _): .montgomery(curve)
        }
    }

    /// The point of a curve, or its octets; none for RSA.
    public var octets: [UInt8] {
        switch self {
        case .rsa: []
        case .ec(_, let point): point
        case .edwards(_, let bytes), .montgomery(_, let bytes): bytes
        }
    }

    /// Throws `invalidKey` where no operation could be done with the key: an RSA modulus that is even or outside 512
    /// to 16,384 bits, an even exponent or one of 1, a point off its curve, an Edwards or Montgomery key of a wrong
    /// length.
    public func validate() throws(HostCryptoError) {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        _ = try PreparedKeys.context(for: self)
    }

    /// The key as libcrypto has it.
    func makeKey() throws(HostCryptoError) -> NativeHandle {
        switch self {
        case .rsa(let modulus, let exponent):
            try Self.checkRSA(modulus, exponent)
            var parameters = KeyParameters()
            try parameters.add("n", number: modulus)
            try parameters.add("e", number: exponent)
            return try parameters.makeKey(type, selection: KeySelection.publicKey)
        case .ec(let curve, let point):
            guard point.count == curve.pointSize, point.first == 4 else { throw .invalidKey }
            var parameters = KeyParameters()
            parameters.add("group", text: curve.nativeName)
            parameters.add("pub", bytes: point)
            return try parameters.makeKey(type, selection: KeySelection.publicKey)
        case .edwards(_, let bytes), .montgomery(_, let bytes):
            guard let size = type.octetCount, bytes.count == size else { throw .invalidKey }
            return try NativeHandle(
                EVP_PKEY_new_raw_public_key_ex(try LibraryContext.current(), type.nativeName, nil, bytes, size),
                step: "EVP_PKEY_new_raw_public_key_ex", free: EVP_PKEY_free)
        }
    }

    /// The public half of a key of libcrypto's, whose type is known.
    init(of key: OpaquePointer, type: KeyType) throws(HostCryptoError) {
        switch type {
        case .rsa:
            self = .rsa(
                modulus: try BigNumber(parameter: "n", of: key).bytes(),
                publicExponent: try BigNumber(parameter: "e", of: key).bytes())
        case .ec(let curve):
            var point = [UInt8](repeating: 0, count: curve.pointSize)
            var count = 0
            try require(
                EVP_PKEY_get_octet_string_param(key, "pub", &point, point.count, &count),
                "EVP_PKEY_get_octet_string_param")
            self = .ec(curve, point: try curve.uncompressed(Array(point.prefix(count))))
        case .edwards(let curve): self = .edwards(curve, try Self.rawBytes(of: key, type))
        case .montgomery(let curve): self = .montgomery(curve, try Self.rawBytes(of: key, type))
        }
    }

    private static func rawBytes(of key: OpaquePointer, _ type: KeyType) throws(HostCryptoError) -> [UInt8] {
        guard let size = type.octetCount else { throw .unsupported }
        var bytes = [UInt8](repeating: 0, count: size)
        var count = size
        try require(EVP_PKEY_get_raw_public_key(key, &bytes, &count), "EVP_PKEY_get_raw_public_key")
        guard count == size else { throw .invalidKey }
        return bytes
    }

    private static func checkRSA(_ modulus: [UInt8], _ exponent: [UInt8]) throws(HostCryptoError) {
        let (bits, exponentBits) = (bitCount(modulus), bitCount(exponent))
        guard (512...16384).contains(bits), let last = modulus.last, last & 1 == 1,
            exponentBits >= 2, exponentBits < bits, let low = exponent.last, low & 1 == 1,
            // libcrypto's own bound (OPENSSL_RSA_MAX_PUBEXP_BITS), against exponents that only cost time.
            bits <= 3072 || exponentBits <= 64
        else { throw .invalidKey }
    }

    /// The number of significant bits of a big-endian number.
    static func bitCount(_ number: [UInt8]) -> Int {
        let digits = number.drop { $0 == 0 }
        return digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
    }
}

/// Which parts of a key EVP_PKEY_fromdata takes: the sums that evp.h names EVP_PKEY_PUBLIC_KEY and EVP_PKEY_KEYPAIR.
enum KeySelection {
    private static let parameters =
        OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS | OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS
    static let publicKey = parameters | OSSL_KEYMGMT_SELECT_PUBLIC_KEY
    static let keyPair = publicKey | OSSL_KEYMGMT_SELECT_PRIVATE_KEY
}
