import CPKCS11
import HostCrypto
import Keys
import Token

/// A public key as the attributes of PKCS#11 have it (PKCS#11 3.2, sections 6.1.2 and 6.3.3 to 6.3.8): integers
/// big-endian without leading zeros, points as DER OCTET STRING, curves by their object identifier.
extension PublicKey {
    /// CKA_KEY_TYPE.
    var keyType: UInt { KeyPairScheme(type).keyType }

    var isRSA: Bool { keyType == CKK_RSA }

    /// Whether it is on a curve in short Weierstrass form.
    var isEC: Bool { keyType == CKK_EC }

    /// The answer for one of the attributes that only a key of this type has.
    func attribute(_ wanted: AttributeType) -> AttributeAnswer {
        switch (self, wanted) {
        case (.rsa(let modulus, _), CKA_MODULUS): .value(modulus)
        case (.rsa(_, let exponent), CKA_PUBLIC_EXPONENT): .value(exponent)
        case (_, CKA_EC_PARAMS): type.curveIdentifier.map { .value($0) } ?? .absent
        case (.ec(_, let point), CKA_EC_POINT): .value(Self.octetString(point))
        case (.edwards(_, let bytes), CKA_EC_POINT), (.montgomery(_, let bytes), CKA_EC_POINT):
            .value(Self.octetString(bytes))
        default: .absent
        }
    }

    /// The attributes that hold the secrets of private keys.
    static let privateNumbers: Set<AttributeType> = rsaPrivateNumbers.union([CKA_VALUE])

    private static let rsaPrivateNumbers: Set<AttributeType> = [
        CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
    ]

    /// Whether an attribute holds a secret of the key's other half.
    func hasPrivateNumber(_ wanted: AttributeType) -> Bool {
        if case .rsa = self { return Self.rsaPrivateNumbers.contains(wanted) }
        return wanted == CKA_VALUE
    }

    /// DER: the longest point here, P-521's, has 133 bytes. Of more than 255 bytes there is none.
    static func octetString(_ bytes: [UInt8]) -> [UInt8] {
        (bytes.count < 0x80 ? [0x04, UInt8(bytes.count)] : [0x04, 0x81, UInt8(truncatingIfNeeded: bytes.count)]) + bytes
    }

    /// The key that a template describes, or nil where it is none: its numbers are missing or have another form.
    /// Whether the key is any good is not looked at.
    init?(attributes: [AttributeType: [UInt8]]) {
        switch attributes[CKA_KEY_TYPE].flatMap({ UInt(nativeBytes: $0) }) {
        case CKK_RSA?:
            guard let modulus = attributes[CKA_MODULUS], let exponent = attributes[CKA_PUBLIC_EXPONENT] else {
                return nil
            }
            // A caller may give a big integer with leading zeros.
            self = .rsa(
                modulus: Array(modulus.drop { $0 == 0 }), publicExponent: Array(exponent.drop { $0 == 0 }))
        case CKK_EC?:
            guard let curve = attributes[CKA_EC_PARAMS].flatMap(Curve.init(oid:)), let point = attributes[CKA_EC_POINT],
                let uncompressed = try? curve.uncompressed(Self.content(of: point, sizes: curve.encodedSizes))
            else { return nil }
            self = .ec(curve, point: uncompressed)
        case let type?:
            guard let parameters = attributes[CKA_EC_PARAMS], let point = attributes[CKA_EC_POINT] else { return nil }
            self.init(type, parameters, point)
        case nil: return nil
        }
    }

    /// An Edwards or Montgomery key.
    private init?(_ keyType: UInt, _ parameters: [UInt8], _ point: [UInt8]) {
        guard let type = try? KeyType(curveParameters: parameters), keyType == KeyPairScheme(type).keyType,
            let size = type.octetCount
        else { return nil }
        self.init(type, octets: Self.content(of: point, sizes: [size]))
    }

    /// The other side's key in an agreement with this one: a point as a mechanism's parameter gives it, bare or as DER
    /// OCTET STRING.
    func peer(given data: [UInt8]) throws(ReturnCode) -> PublicKey {
        let sizes = if case .ec(let curve, _) = self { curve.encodedSizes } else { [octets.count] }
        do throws(HostCryptoError) {
            return try peer(at: Self.content(of: data, sizes: sizes))
        } catch {
            throw error == .invalidKey ? .publicKeyInvalid : ReturnCode(error)
        }
    }

    /// A point without the OCTET STRING that may be around it; the length tells whether there is one.
    private static func content(of point: [UInt8], sizes: [Int]) -> [UInt8] {
        for size in sizes {
            let header = octetString([UInt8](repeating: 0, count: size)).dropLast(size)
            if point.count == header.count + size, point.starts(with: header) {
                return Array(point.dropFirst(header.count))
            }
        }
        return point
    }
}

extension Curve {
    /// The lengths in bytes of a point, uncompressed and compressed.
    fileprivate var encodedSizes: [Int] { [pointSize, 1 + fieldSize] }
}
