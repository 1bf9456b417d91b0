import CPKCS11
import HostCrypto
import Token

/// A signature in the making.
struct SigningOperation {
    let scheme: SigningScheme
    var key: KeyUse
    /// The running hash, where the scheme hashes.
    let digest: StreamedDigest?
    /// The data so far, where the scheme does not hash: bounded by what the algorithm takes.
    var data: [UInt8] = []
    /// Whether C_SignUpdate was called.
    var isMultiPart = false

    /// The most bytes of message that EdDSA takes: the card needs it in one piece.
    static let maximumMessage = 2048

    init(_ mechanism: Mechanism, _ key: KeyUse) throws(ReturnCode) {
        guard let scheme = SigningScheme(mechanism.type) else { throw .mechanismInvalid }
        guard mechanism.isPlain else { throw .mechanismParameterInvalid }
        guard scheme.fits(key.publicKey) else { throw .keyTypeInconsistent }
        self.scheme = scheme
        self.key = key
        digest = if let digest = scheme.digest { try StreamedDigest(digest) } else { nil }
    }

    /// How many bytes the signature has.
    var signatureSize: Int { key.publicKey.signatureSize }

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

    /// What the card is given: the padded block, the hash, or the message.
    func cardInput() throws(ReturnCode) -> [UInt8] {
        let content = try digest?.finish() ?? data
        do throws(HostCryptoError) {
            switch (scheme.algorithm, key.publicKey) {
            case (.rsaPKCS1, .rsa(let modulus, _)):
                let block = try scheme.digest?.digestInfo(content) ?? content
                return try RSAPadding.pkcs1Signature(of: block, count: modulus.count)
            case (.ecdsa, .ec(let curve, _)):
                guard !content.isEmpty else { throw HostCryptoError.invalidLength }
                // The leftmost bits of the hash (FIPS 186-5, section 6.4.1); shorter ones are a smaller number.
                let leftmost = content.prefix(curve.fieldSize)
                return [UInt8](repeating: 0, count: curve.fieldSize - leftmost.count) + leftmost
            default:
                return content
            }
        } catch {
            throw error == .invalidLength ? .dataLengthRange : ReturnCode(error)
        }
    }

    /// The signature as PKCS#11 has it, out of what the card answered. An answer that is none throws.
    func signature(from answer: [UInt8]) throws(ReturnCode) -> [UInt8] {
        switch key.publicKey {
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
        case .unknown: false
        }
    }
}
