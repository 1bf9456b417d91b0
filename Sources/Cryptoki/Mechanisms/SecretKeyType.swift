import CPKCS11

/// The types of secret keys that can be held in memory.
enum SecretKeyType {
    case generic, hmac, aes

    /// How many bytes a key of any length may have. The most is what one session object may take.
    static let sizes = 1...65_536

    /// The type of that CKK_ number, or nil where it is none of these.
    init?(_ number: UInt) {
        switch number {
        case CKK_GENERIC_SECRET, CKK_HKDF: self = .generic
        case CKK_AES: self = .aes
        case _ where MechanismCatalogue.hmacKeyTypes.values.contains(number): self = .hmac
        default: return nil
        }
    }

    /// Whether a key may have so many bytes.
    func takes(_ count: Int) -> Bool {
        switch self {
        case .generic, .hmac: Self.sizes.contains(count)
        case .aes: [16, 24, 32].contains(count)
        }
    }
}
