import HostCrypto
import Keys
import Token

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
        case (.rsaPKCS1, .rsa), (.rsaPSS, .rsa), (.rsaRaw, .rsa), (.ecdsa, .ec), (.edDSA, .edwards): true
        default: false
        }
    }

    /// How many bytes PKCS#1 v1.5 pads, where the scheme tells: those of the DigestInfo.
    var paddedSize: Int? {
        algorithm == .rsaPKCS1 ? digest.map { $0.digestInfoPrefix.count + $0.size } : nil
    }

    /// Whether a card can compute it with a key.
    func isPossible(with key: PublicKey, on token: any Token) -> Bool {
        guard fits(key), isPossible(ifCardPadsRSA: token.padsRSA) else { return false }
        guard let paddedSize else { return true }
        return paddedSize <= token.mostToPad(modulusSize: key.signatureSize)
    }

    /// Whether a card can compute it: one that pads RSA itself knows one padding only.
    func isPossible(ifCardPadsRSA pads: Bool) -> Bool {
        switch algorithm {
        case .rsaPSS, .rsaRaw: !pads
        case .rsaPKCS1, .ecdsa, .edDSA: true
        }
    }

    /// Whether there is a scheme for keys of this type at all.
    static func isSigningKey(_ key: PublicKey) -> Bool { key.type.signatureSize != nil }
}
