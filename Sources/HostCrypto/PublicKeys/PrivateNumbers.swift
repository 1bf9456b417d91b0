import COpenSSL
import Keys

/// The secret numbers of a private key, as the import commands of cards have them. The caller wipes them.
public struct PrivateNumbers: Sendable {
    /// What the numbers are.
    public let type: KeyType
    /// Of an RSA key p, q, dp, dq and qinv, big-endian without leading zeros (RFC 8017, section 3.2). Of a key on a named
    /// curve the scalar, big-endian in the curve's field size. Of an Edwards or Montgomery key the seed (RFC 8032, section
    /// 5.1.5; RFC 7748, section 5).
    public private(set) var values: [[UInt8]]

    /// Overwrites the numbers.
    public mutating func wipe() {
        for index in values.indices { values[index].cleanse() }
    }

    /// Those of a key of libcrypto's, whose type is known.
    init(of key: OpaquePointer, _ type: KeyType) throws(HostCryptoError) {
        self.type = type
        values = []
        switch type {
        case .rsa:
            for name in ["factor1", "factor2", "exponent1", "exponent2", "coefficient1"] {
                values.append(try BigNumber(parameter: "rsa-\(name)", of: key).bytes())
            }
        case .ec(let curve):
            values = [try BigNumber(parameter: "priv", of: key).bytes(count: curve.fieldSize)]
        case .edwards, .montgomery:
            guard let size = type.octetCount else { throw .unsupported }
            var seed = [UInt8](repeating: 0, count: size)
            var count = size
            try require(EVP_PKEY_get_raw_private_key(key, &seed, &count), "EVP_PKEY_get_raw_private_key")
            values = [seed]
        }
    }
}

extension PrivateKey {
    /// The secret numbers of the key.
    public func numbers() throws(HostCryptoError) -> PrivateNumbers {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        return try PrivateNumbers(of: key, type)
    }
}
