import CPKCS11
import HostCrypto
import Token

/// What is signed, as it comes in: for the card to sign, or for the host to verify.
struct SignatureInput {
    let scheme: SigningScheme
    let publicKey: PublicKey
    /// The running hash, where the scheme hashes.
    let digest: StreamedDigest?
    /// The data so far, where the scheme does not hash: bounded by what the algorithm takes.
    var data: [UInt8] = []

    /// The most bytes of message that EdDSA takes: the card needs it in one piece.
    static let maximumMessage = 2048

    init(_ mechanism: Mechanism, _ publicKey: PublicKey) throws(ReturnCode) {
        guard let scheme = MechanismCatalogue.entry(mechanism.type)?.signature else { throw .mechanismInvalid }
        guard mechanism.isPlain else { throw .mechanismParameterInvalid }
        guard scheme.fits(publicKey) else { throw .keyTypeInconsistent }
        self.scheme = scheme
        self.publicKey = publicKey
        digest = if let digest = scheme.digest { try StreamedDigest(digest) } else { nil }
    }

    /// How many bytes the signature has.
    var signatureSize: Int { publicKey.signatureSize }

    /// Takes in data: all of it, or a part.
    mutating func update(_ part: RawSpan) throws(ReturnCode) {
        if let digest { return try digest.update(part) }
        let most =
            switch scheme.algorithm {
            case .rsaPKCS1: signatureSize - 11
            // Longer than any hash: what is beyond the order of the group is cut off.
            case .ecdsa: 1024
            case .edDSA: Self.maximumMessage
            }
        guard part.byteCount <= most - data.count else { throw .dataLengthRange }
        part.withUnsafeBytes { data.append(contentsOf: $0) }
    }

    /// What is signed: for RSA the DigestInfo or what stands for it, and its padded block; else the hash, or the
    /// message.
    struct Block {
        let unpadded: [UInt8]
        let padded: [UInt8]
    }

    /// What the key is applied to. Nothing can be added afterwards.
    func block() throws(ReturnCode) -> Block {
        let content = try digest?.finish() ?? data
        do throws(HostCryptoError) {
            switch (scheme.algorithm, publicKey) {
            case (.rsaPKCS1, .rsa(let modulus, _)):
                let unpadded = try scheme.digest?.digestInfo(content) ?? content
                return Block(
                    unpadded: unpadded, padded: try RSAPadding.pkcs1Signature(of: unpadded, count: modulus.count))
            case (.ecdsa, .ec(let curve, _)):
                guard !content.isEmpty else { throw HostCryptoError.invalidLength }
                // The leftmost bits of the hash (FIPS 186-5, section 6.4.1); shorter ones are a smaller number.
                let leftmost = content.prefix(curve.fieldSize)
                let hash = [UInt8](repeating: 0, count: curve.fieldSize - leftmost.count) + leftmost
                return Block(unpadded: hash, padded: hash)
            default:
                return Block(unpadded: content, padded: content)
            }
        } catch {
            throw error == .invalidLength ? .dataLengthRange : ReturnCode(error)
        }
    }

    /// The signature as PKCS#11 has it, out of what the card answered. An answer that is none throws.
    func signature(from answer: [UInt8]) throws(ReturnCode) -> [UInt8] {
        switch publicKey {
        case .ec(let curve, _):
            guard let signature = try? ECDSASignature(der: answer, fieldSize: curve.fieldSize) else {
                throw .deviceError
            }
            return signature.fixedWidth
        default:
            guard answer.count == signatureSize else { throw .deviceError }
            return answer
        }
    }
}

extension PublicKey {
    /// How many bytes a signature has: the modulus, r and s, or R and S.
    var signatureSize: Int {
        switch self {
        case .rsa(let modulus, _): modulus.count
        case .ec(let curve, _): 2 * curve.fieldSize
        case .ed25519: 64
        case .ed448: 114
        case .x25519, .x448: 0
        }
    }
}

extension Mechanism {
    /// Whether the parameter is one that changes nothing: none, or pure EdDSA without context.
    var isPlain: Bool {
        switch parameter {
        case .none: true
        case .edDSA(let preHashed, let context): type == CKM_EDDSA && !preHashed && context.isEmpty
        default: false
        }
    }
}
