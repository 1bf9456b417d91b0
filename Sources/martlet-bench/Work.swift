import CPKCS11

/// What is computed.
enum Work {
    /// What is signed and verified: as long as a SHA-256 hash.
    static let message = [UInt8](repeating: 0x5A, count: 32)
    /// How much is digested.
    static let dataSize = 16 << 20
    /// How much of it C_SignUpdate gets at once.
    static let partSize = 64 << 10
}

/// A key's algorithm, and the mechanism that signs and verifies with it.
enum Algorithm: CaseIterable {
    case rsa, ec

    /// CKA_ID of the key, in each token.
    var id: UInt8 {
        switch self {
        case .rsa: 1
        case .ec: 4
        }
    }

    /// SoftHSM has no ECDSA with a hash.
    var mechanism: CK_MECHANISM_TYPE {
        switch self {
        case .rsa: CKM_SHA256_RSA_PKCS
        case .ec: CKM_ECDSA
        }
    }
}
