import HostCrypto
import Keys

/// An algorithm identifier of a key pair (SP 800-78-5, table 9; 16, E0 and E1: Yubico, firmware 5.7).
enum KeyAlgorithm: UInt8, CaseIterable, Sendable {
    case rsa1024 = 0x06
    case rsa2048 = 0x07
    case rsa3072 = 0x05
    case rsa4096 = 0x16
    case p256 = 0x11
    case p384 = 0x14
    case ed25519 = 0xE0
    case x25519 = 0xE1

    /// The name on the command line.
    var name: String {
        switch self {
        case .rsa1024: "rsa1024"
        case .rsa2048: "rsa2048"
        case .rsa3072: "rsa3072"
        case .rsa4096: "rsa4096"
        case .p256: "p256"
        case .p384: "p384"
        case .ed25519: "ed25519"
        case .x25519: "x25519"
        }
    }

    /// What libcrypto calls it.
    var keyType: KeyType {
        switch self {
        case .rsa1024: .rsa(bits: 1024)
        case .rsa2048: .rsa(bits: 2048)
        case .rsa3072: .rsa(bits: 3072)
        case .rsa4096: .rsa(bits: 4096)
        case .p256: .ec(.p256)
        case .p384: .ec(.p384)
        case .ed25519: .ed25519
        case .x25519: .x25519
        }
    }

    /// The modulus's or the field's size in bytes.
    var size: Int {
        switch self {
        case .rsa1024: 128
        case .rsa2048: 256
        case .rsa3072: 384
        case .rsa4096: 512
        case .p256, .ed25519, .x25519: 32
        case .p384: 48
        }
    }

    /// Whether it is RSA of some size.
    var isRSA: Bool {
        switch self {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096: true
        case .p256, .p384, .ed25519, .x25519: false
        }
    }

    /// Whether cards of this profile have it.
    func exists(on profile: CardProfile) -> Bool {
        switch self {
        case .rsa1024, .rsa2048, .p256, .p384: true
        case .rsa3072: !profile.isYubiKey || profile.isYubiKey(since: 5, 7)
        case .rsa4096, .ed25519, .x25519: profile.isYubiKey(since: 5, 7)
        }
    }
}

/// An algorithm identifier of a management key (SP 800-78-5, table 9).
public enum ManagementAlgorithm: UInt8, CaseIterable, Sendable {
    /// 03: Triple DES with three keys.
    case tripleDES = 0x03
    /// 08: AES-128.
    case aes128 = 0x08
    /// 0A: AES-192.
    case aes192 = 0x0A
    /// 0C: AES-256.
    case aes256 = 0x0C

    /// What libcrypto calls it.
    var cipher: BlockCipher {
        switch self {
        case .tripleDES: .tripleDES
        case .aes128: .aes128
        case .aes192: .aes192
        case .aes256: .aes256
        }
    }
}
