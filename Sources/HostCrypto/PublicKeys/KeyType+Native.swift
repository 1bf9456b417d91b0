import Keys

extension KeyType {
    /// The algorithm by the name that libcrypto's provider finds it by.
    ///
    /// An object identifier: by a short name ("RSA") libcrypto 3.0 looks for an engine first, and a host that has made
    /// one the default, as `openssl -engine` does, would get keys made by it, or refused.
    var nativeName: String {
        switch self {
        case .rsa: "1.2.840.113549.1.1.1"
        case .ec: "1.2.840.10045.2.1"
        case .montgomery(.x25519): "1.3.101.110"
        case .montgomery(.x448): "1.3.101.111"
        case .edwards(.ed25519): "1.3.101.112"
        case .edwards(.ed448): "1.3.101.113"
        }
    }
}
