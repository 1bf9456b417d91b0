import HostCrypto
import Keys

/// What a key can be (section 4.4.3.9). The raw value is the name on the command line.
enum OpenPGPAlgorithm: String, CaseIterable, Sendable {
    case rsa2048, rsa3072, rsa4096
    case p256, p384, p521
    case brainpoolP256r1 = "brainpoolp256r1"
    case brainpoolP384r1 = "brainpoolp384r1"
    case brainpoolP512r1 = "brainpoolp512r1"
    case secp256k1
    case ed25519, ed448
    case x25519, x448

    /// What libcrypto calls it.
    var keyType: KeyType {
        switch self {
        case .rsa2048: .rsa(bits: 2048)
        case .rsa3072: .rsa(bits: 3072)
        case .rsa4096: .rsa(bits: 4096)
        case .p256: .ec(.p256)
        case .p384: .ec(.p384)
        case .p521: .ec(.p521)
        case .brainpoolP256r1: .ec(.brainpoolP256r1)
        case .brainpoolP384r1: .ec(.brainpoolP384r1)
        case .brainpoolP512r1: .ec(.brainpoolP512r1)
        case .secp256k1: .ec(.secp256k1)
        case .ed25519: .ed25519
        case .ed448: .ed448
        case .x25519: .x25519
        case .x448: .x448
        }
    }

    /// Whether a key of this kind can do what the slot's commands ask for.
    func fits(_ slot: OpenPGPKeySlot) -> Bool {
        switch self {
        case .ed25519, .ed448: slot != .decryption
        case .x25519, .x448: slot == .decryption
        default: true
        }
    }

    /// The content of the curve's object identifier; nil for RSA. Ed25519 and X25519 have those that GnuPG gave them
    /// (RFC 9580, section 9.2), Ed448 and X448 those of RFC 8410.
    var curveIdentifier: [UInt8]? {
        switch keyType {
        case .rsa: nil
        case .ec(let curve): Array(curve.oid.dropFirst(2))
        case .edwards(.ed25519): [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01]
        case .edwards(let curve): Array(curve.oid.dropFirst(2))
        case .montgomery(.x25519): [0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01]
        case .montgomery(let curve): Array(curve.oid.dropFirst(2))
        }
    }
}

/// The algorithm attributes of a key: DO C1, C2 and C3 (section 4.4.3.9).
struct AlgorithmAttributes: Hashable, Sendable {
    /// The attributes as they were written.
    let bytes: [UInt8]
    /// The algorithm that they name.
    let algorithm: OpenPGPAlgorithm

    /// The attributes of an algorithm as the card itself writes them: RSA with keys imported as e, p, q.
    init(_ algorithm: OpenPGPAlgorithm, in slot: OpenPGPKeySlot, exponentBits: UInt8) {
        self.algorithm = algorithm
        switch (algorithm.keyType, algorithm.curveIdentifier) {
        case (.rsa(let bits), _):
            bytes = [0x01, UInt8(bits >> 8), UInt8(bits & 0xFF), 0x00, exponentBits, 0x00]
        case (.edwards, .some(let curve)): bytes = [Self.edwards] + curve
        case (_, let curve): bytes = [slot == .decryption ? Self.agreement : Self.ecdsa] + (curve ?? [])
        }
    }

    /// Reads attributes for a slot; nil where they name nothing that fits into it. An exponent has 17 or 32 bits, an
    /// import format is one of the four; behind a curve FF says that the public key is imported too.
    init?(_ bytes: [UInt8], in slot: OpenPGPKeySlot) {
        let found = OpenPGPAlgorithm.allCases.first { algorithm in
            guard algorithm.fits(slot) else { return false }
            let own = AlgorithmAttributes(algorithm, in: slot, exponentBits: 0).bytes
            if algorithm.curveIdentifier != nil { return bytes == own || bytes == own + [0xFF] }
            return bytes.count == 6 && bytes.starts(with: own.prefix(3)) && bytes[3] == 0
                && (bytes[4] == 17 || bytes[4] == 32) && bytes[5] <= 3
        }
        guard let found else { return nil }
        self.bytes = bytes
        algorithm = found
    }

    /// Algorithm identifiers of RFC 9580, section 9.1.
    private static let agreement: UInt8 = 0x12
    private static let ecdsa: UInt8 = 0x13
    private static let edwards: UInt8 = 0x16
}
