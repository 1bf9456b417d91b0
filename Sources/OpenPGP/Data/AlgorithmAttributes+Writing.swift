import HostCrypto
import ISO7816
import Keys
import Token

/// Algorithm attributes as they are written (OpenPGP card 3.4.1, section 4.4.3.9).
extension AlgorithmAttributes {
    /// The attributes of a key of this algorithm, or nil where the key's commands have no use for one: the decryption key
    /// agrees on secrets where the others sign.
    init?(_ algorithm: KeyType, of key: OpenPGPKey) {
        switch algorithm {
        case .rsa(let bits): self = .rsa(modulusBits: bits, exponentBits: 32)
        case .ec: self = key == .decryption ? .ecdh(.known(algorithm)) : .ecdsa(.known(algorithm))
        case .edwards:
            guard key != .decryption else { return nil }
            self = .eddsa(.known(algorithm))
        case .montgomery:
            guard key == .decryption else { return nil }
            self = .ecdh(.known(algorithm))
        }
    }

    /// What it is called outside; nil for an unknown one.
    var keyAlgorithm: KeyType? {
        switch self {
        case .rsa(let bits, _): .rsa(bits: bits)
        case .ecdh(let curve), .ecdsa(let curve), .eddsa(let curve): curve.keyType
        case .unknown: nil
        }
    }

    /// The bytes to write, with the form in which the key is imported: for RSA a byte that is always there, for a curve FF
    /// where its public key is imported too.
    func bytes(_ format: ImportFormat) -> [UInt8] {
        switch self {
        case .rsa(let modulusBits, let exponentBits):
            [0x01]
                + [modulusBits >> 8, modulusBits, exponentBits >> 8, exponentBits].map {
                    UInt8(truncatingIfNeeded: $0)
                } + [format.rawValue]
        case .ecdh(let curve): [0x12] + curve.identifier + Self.mark(format)
        case .ecdsa(let curve): [0x13] + curve.identifier + Self.mark(format)
        case .eddsa(let curve): [0x16] + curve.identifier + Self.mark(format)
        case .unknown(let bytes): bytes
        }
    }

    private static func mark(_ format: ImportFormat) -> [UInt8] { format.hasPublicKey ? [format.rawValue] : [] }
}

extension CardCurve {
    /// The contents of the object identifier: for Ed25519 and X25519 those that GnuPG gave them (RFC 9580, section 9.2).
    var identifier: [UInt8] {
        switch self {
        case .known(let type): Array((type.legacyCurveIdentifier ?? type.curveIdentifier ?? []).dropFirst(2))
        case .unknown(let identifier): identifier
        }
    }

    /// The keys on the curve; nil for an unknown one.
    var keyType: KeyType? {
        switch self {
        case .known(let type): type
        case .unknown: nil
        }
    }
}
