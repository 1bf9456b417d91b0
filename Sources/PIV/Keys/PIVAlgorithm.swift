import HostCrypto
import Keys
import Token

/// An algorithm identifier, P1 of GENERAL AUTHENTICATE (SP 800-78-5, table 6-2; the last four: Yubico, firmware
/// 5.7). Unknown values survive.
public struct PIVAlgorithm: RawRepresentable, Hashable, Sendable {
    /// The identifier.
    public let rawValue: UInt8

    /// An algorithm of this number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// 06: RSA with a modulus of 1024 bits.
    public static let rsa1024 = PIVAlgorithm(rawValue: 0x06)
    /// 07: RSA 2048.
    public static let rsa2048 = PIVAlgorithm(rawValue: 0x07)
    /// 05: RSA 3072.
    public static let rsa3072 = PIVAlgorithm(rawValue: 0x05)
    /// 16: RSA 4096 (Yubico).
    public static let rsa4096 = PIVAlgorithm(rawValue: 0x16)
    /// 11: elliptic curve P-256.
    public static let p256 = PIVAlgorithm(rawValue: 0x11)
    /// 14: elliptic curve P-384.
    public static let p384 = PIVAlgorithm(rawValue: 0x14)
    /// E0: Ed25519 (Yubico).
    public static let ed25519 = PIVAlgorithm(rawValue: 0xE0)
    /// E1: X25519 (Yubico).
    public static let x25519 = PIVAlgorithm(rawValue: 0xE1)

    /// The algorithm that a card has for a public key, or nil for a key that no PIV card can hold.
    init?(for key: PublicKey) {
        // A modulus may lack its highest bits.
        guard case .rsa(let modulus, _) = key else { self.init(key.type); return }
        self.init(.rsa(bits: 8 * modulus.count))
    }

    /// Whether the operation is m^d mod n, for signing and decrypting alike.
    var isRSA: Bool { [.rsa1024, .rsa2048, .rsa3072, .rsa4096].contains(self) }

    /// The algorithm of a new key, or nil for one that no PIV card has.
    init?(_ algorithm: KeyType) {
        guard let known = Self.names.first(where: { $0.value == algorithm }) else { return nil }
        self = known.key
    }

    /// The size in bytes of each of the numbers of a private key, as IMPORT ASYMMETRIC KEY wants them: for RSA half of
    /// the modulus.
    var numberSize: Int {
        switch self {
        case .rsa1024: 64
        case .rsa2048: 128
        case .rsa3072: 192
        case .rsa4096: 256
        case .p384: 48
        default: 32
        }
    }

    /// What the algorithms are called outside.
    static let names: [PIVAlgorithm: KeyType] = [
        .rsa1024: .rsa(bits: 1024), .rsa2048: .rsa(bits: 2048), .rsa3072: .rsa(bits: 3072),
        .rsa4096: .rsa(bits: 4096), .p256: .ec(.p256), .p384: .ec(.p384), .ed25519: .ed25519,
        .x25519: .x25519,
    ]
}
