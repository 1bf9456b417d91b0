import ArgumentParser
import Token

/// An algorithm of keys, as people name it.
enum KeyAlgorithmName: String, CaseIterable, ExpressibleByArgument {
    case rsa2048
    case rsa3072
    case rsa4096
    case p256
    case p384
    case p521
    case brainpoolP256r1
    case brainpoolP384r1
    case brainpoolP512r1
    case secp256k1
    case ed25519
    case x25519
    case ed448
    case x448

    var algorithm: KeyAlgorithm {
        switch self {
        case .rsa2048: .rsa(bits: 2048)
        case .rsa3072: .rsa(bits: 3072)
        case .rsa4096: .rsa(bits: 4096)
        case .p256: .curve(.p256)
        case .p384: .curve(.p384)
        case .p521: .curve(.p521)
        case .brainpoolP256r1: .curve(.brainpoolP256r1)
        case .brainpoolP384r1: .curve(.brainpoolP384r1)
        case .brainpoolP512r1: .curve(.brainpoolP512r1)
        case .secp256k1: .curve(.secp256k1)
        case .ed25519: .curve(.ed25519)
        case .x25519: .curve(.x25519)
        case .ed448: .curve(.ed448)
        case .x448: .curve(.x448)
        }
    }
}
