import HostCrypto

extension KeyType {
    /// The kind of key, for a person.
    var text: String {
        switch self {
        case .rsa(let bits): "RSA \(bits)"
        case .ec(.p256): "P-256"
        case .ec(.p384): "P-384"
        case .ec(.p521): "P-521"
        case .ec(let curve): curve.rawValue
        case .ed25519: "Ed25519"
        case .ed448: "Ed448"
        case .x25519: "X25519"
        case .x448: "X448"
        }
    }
}
