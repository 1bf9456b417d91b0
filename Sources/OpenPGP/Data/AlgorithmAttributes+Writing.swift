import HostCrypto
import ISO7816
import Token

/// Algorithm attributes as they are written (OpenPGP card 3.4.1, section 4.4.3.9).
extension AlgorithmAttributes {
    /// The attributes of a key of this algorithm, or nil where the key's commands have no use for one: the decryption key
    /// agrees on secrets where the others sign.
    init?(_ algorithm: KeyAlgorithm, of key: OpenPGPKey) {
        switch algorithm {
        case .rsa(let bits): self = .rsa(modulusBits: bits, exponentBits: 32)
        case .curve(let name):
            guard let identifier = TLVReader(name.rawValue).first(0x06)?.value else { return nil }
            let curve = CardCurve(parsing: identifier)
            switch curve {
            case .named: self = key == .decryption ? .ecdh(curve) : .ecdsa(curve)
            case .ed25519, .ed448:
                guard key != .decryption else { return nil }
                self = .eddsa(curve)
            case .x25519, .x448:
                guard key == .decryption else { return nil }
                self = .ecdh(curve)
            case .unknown: return nil
            }
        }
    }

    /// What it is called outside; nil for an unknown one.
    var keyAlgorithm: KeyAlgorithm? {
        switch self {
        case .rsa(let bits, _): .rsa(bits: bits)
        case .ecdh(let curve), .ecdsa(let curve), .eddsa(let curve): curve.name.map { .curve($0) }
        case .unknown: nil
        }
    }

    /// The bytes to write. RSA keys are imported by exponent and primes then, curves by the private number alone.
    var bytes: [UInt8] {
        switch self {
        case .rsa(let modulusBits, let exponentBits):
            [0x01]
                + [modulusBits >> 8, modulusBits, exponentBits >> 8, exponentBits, 0x00].map {
                    UInt8(truncatingIfNeeded: $0)
                }
        case .ecdh(let curve): [0x12] + curve.identifier
        case .ecdsa(let curve): [0x13] + curve.identifier
        case .eddsa(let curve): [0x16] + curve.identifier
        case .unknown(let bytes): bytes
        }
    }
}

extension CardCurve {
    /// The contents of the object identifier: for Ed25519 and X25519 those that GnuPG gave them (RFC 9580, section 9.2).
    var identifier: [UInt8] {
        switch self {
        case .named(let curve): Array(curve.oid.dropFirst(2))
        case .ed25519: [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01]
        case .x25519: [0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01]
        case .ed448: [0x2B, 0x65, 0x71]
        case .x448: [0x2B, 0x65, 0x6F]
        case .unknown(let identifier): identifier
        }
    }

    /// What it is called outside.
    fileprivate var name: CurveName? {
        switch self {
        case .named(let curve): CurveName(rawValue: curve.oid)
        case .ed25519: .ed25519
        case .ed448: .ed448
        case .x25519: .x25519
        case .x448: .x448
        case .unknown: nil
        }
    }
}

extension KeyAlgorithm {
    /// The algorithm of a key in the host's memory.
    package init(_ type: KeyType) {
        if case .rsa(let bits) = type {
            self = .rsa(bits: bits)
        } else {
            self = .curve(CurveName(rawValue: type.curveIdentifier ?? []))
        }
    }
}
