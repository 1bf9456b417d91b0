/// A hash function of FIPS 180-4 or FIPS 202. The raw value is the name that NIST gave it, by which libcrypto knows it
/// too.
public enum Digest: String, CaseIterable, Hashable, Sendable {
    case sha1 = "SHA1"
    case sha224 = "SHA2-224"
    case sha256 = "SHA2-256"
    case sha384 = "SHA2-384"
    case sha512 = "SHA2-512"
    case sha3_224 = "SHA3-224"
    case sha3_256 = "SHA3-256"
    case sha3_384 = "SHA3-384"
    case sha3_512 = "SHA3-512"

    /// The hash's length in bytes.
    public var size: Int {
        switch self {
        case .sha1: 20
        case .sha224, .sha3_224: 28
        case .sha256, .sha3_256: 32
        case .sha384, .sha3_384: 48
        case .sha512, .sha3_512: 64
        }
    }

    /// The length in bytes of the longest hash.
    public static let longestSize = 64

    /// The length in bytes of the blocks that the function works on (SHA-3: its rate), as HMAC needs it.
    public var blockSize: Int {
        switch self {
        case .sha1, .sha224, .sha256: 64
        case .sha384, .sha512: 128
        case .sha3_224: 144
        case .sha3_256: 136
        case .sha3_384: 104
        case .sha3_512: 72
        }
    }

    /// DER of the function's AlgorithmIdentifier with NULL parameters, as in DigestInfo (RFC 8017, appendix B.1).
    public var algorithmIdentifier: [UInt8] {
        // 1.3.14.3.2.26 of OIW, else nistAlgorithms 2.16.840.1.101.3.4 with hashAlgs 2.
        let nist: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]
        let identifier: [UInt8] =
            switch self {
            case .sha1: [0x2B, 0x0E, 0x03, 0x02, 0x1A]
            case .sha224: nist + [4]
            case .sha256: nist + [1]
            case .sha384: nist + [2]
            case .sha512: nist + [3]
            case .sha3_224: nist + [7]
            case .sha3_256: nist + [8]
            case .sha3_384: nist + [9]
            case .sha3_512: nist + [10]
            }
        let parts = objectIdentifier(identifier) + [0x05, 0x00]
        return [0x30, UInt8(truncatingIfNeeded: parts.count)] + parts
    }

    /// The DER bytes that stand before the hash in its DigestInfo (RFC 8017, section 9.2, note 1).
    public var digestInfoPrefix: [UInt8] {
        let algorithm = algorithmIdentifier
        let count = algorithm.count + 2 + size
        return [0x30, UInt8(truncatingIfNeeded: count)] + algorithm + [0x04, UInt8(truncatingIfNeeded: size)]
    }

    /// DER of the DigestInfo of a hash (RFC 8017, appendix A.2.4); nil where it has not the function's length.
    public func digestInfo(of hash: [UInt8]) -> [UInt8]? { hash.count == size ? digestInfoPrefix + hash : nil }
}
