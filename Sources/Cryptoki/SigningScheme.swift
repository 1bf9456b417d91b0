import HostCrypto

/// How a mechanism signs: what it hashes, how it pads, which keys it is for (PKCS#11 3.2, sections 6.1 and 6.3).
struct SigningScheme: Hashable {
    enum Algorithm { case rsaPKCS1, rsaPSS, rsaRaw, ecdsa, edDSA }

    let algorithm: Algorithm
    /// The hash over the data, or nil where the caller gives the hash (or DigestInfo), or the algorithm hashes itself.
    let digest: Digest?

    init(_ algorithm: Algorithm, _ digest: Digest? = nil) {
        self.algorithm = algorithm
        self.digest = digest
    }

    /// Whether the scheme is for keys of this type.
    func fits(_ key: PublicKey) -> Bool {
        switch (algorithm, key) {
        case (.rsaPKCS1, .rsa), (.rsaPSS, .rsa), (.rsaRaw, .rsa), (.ecdsa, .ec), (.edDSA, .ed25519), (.edDSA, .ed448):
            true
        default: false
        }
    }

    /// Whether a card can compute it: one that pads RSA itself knows one padding only.
    func isPossible(ifCardPadsRSA pads: Bool) -> Bool {
        switch algorithm {
        case .rsaPSS, .rsaRaw: !pads
        case .rsaPKCS1, .ecdsa, .edDSA: true
        }
    }

    /// Whether there is a scheme for keys of this type at all.
    static func isSigningKey(_ key: PublicKey) -> Bool {
        switch key {
        case .rsa, .ec, .ed25519, .ed448: true
        case .x25519, .x448: false
        }
    }
}
