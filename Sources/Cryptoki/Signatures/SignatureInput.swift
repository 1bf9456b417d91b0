import HostCrypto
import Keys
import SoftToken
import Token

/// What is signed, as it comes in: for the card to sign, or for the host to verify.
struct SignatureInput {
    let method: SignatureMethod
    let publicKey: PublicKey
    /// How much is taken that is not hashed as it comes.
    let limits: Limits
    /// The running hash, where the scheme hashes.
    private let digest: StreamedDigest?
    /// The data so far, where the scheme does not hash: bounded by what the algorithm takes.
    private var data: [UInt8] = []

    /// The most bytes that are taken by what depends on who computes.
    struct Limits {
        /// Of the message of EdDSA, which needs it in one piece.
        let message: Int
        /// Of what PKCS#1 v1.5 pads.
        let padded: Int

        /// Those of a card: a message that long is a command for it.
        init(_ token: any Token, _ key: PublicKey) {
            message = 2048
            padded = token.mostToPad(modulusSize: key.signatureSize)
        }

        /// Those of the host.
        init(_ key: PublicKey) {
            message = SymmetricCipher.mostBuffered
            padded = key.signatureSize - 11
        }
    }

    init(_ method: SignatureMethod, _ publicKey: PublicKey, _ limits: Limits) throws(ReturnCode) {
        try method.check(publicKey, mostToPad: limits.padded)
        self.method = method
        self.publicKey = publicKey
        self.limits = limits
        digest = if let digest = method.scheme.digest { try StreamedDigest(digest) } else { nil }
    }

    /// How many bytes the signature has.
    var signatureSize: Int { publicKey.signatureSize }

    /// Takes in data: all of it, or a part.
    mutating func update(_ part: RawSpan) throws(ReturnCode) {
        if let digest { return try digest.update(part) }
        let most =
            switch method.scheme.algorithm {
            case .rsaPKCS1: limits.padded
            case .rsaPSS: method.pss?.digest.size ?? 0
            case .rsaRaw: signatureSize
            // Longer than any hash: what is beyond the order of the group is cut off.
            case .ecdsa: 1024
            case .edDSA: limits.message
            }
        guard part.byteCount <= most - data.count else { throw .dataLengthRange }
        part.withUnsafeBytes { data.append(contentsOf: $0) }
    }

    /// The data, or its hash. Nothing can be added afterwards.
    func content() throws(ReturnCode) -> [UInt8] {
        let content = try digest?.finish() ?? data
        switch (method.scheme.algorithm, publicKey) {
        case (.rsaPSS, _): guard content.count == method.pss?.digest.size else { throw .dataLengthRange }
        case (.ecdsa, _): guard !content.isEmpty else { throw .dataLengthRange }
        case (.rsaRaw, .rsa(let modulus, _)):
            guard content.filled(to: modulus.count).lexicographicallyPrecedes(modulus) else { throw .dataInvalid }
        default: break
        }
        return content
    }

    /// What the key is applied to.
    ///
    /// - Parameter isPadded: for RSA whether with its padding, or what the card is to pad.
    func block(of content: [UInt8], isPadded: Bool) throws(ReturnCode) -> [UInt8] {
        do throws(HostCryptoError) {
            switch (method.scheme.algorithm, publicKey) {
            case (.rsaPKCS1, .rsa(let modulus, _)):
                let data = try method.scheme.digest?.digestInfo(content) ?? content
                return isPadded ? try RSAPadding.pkcs1Signature(of: data, count: modulus.count) : data
            case (.rsaPSS, .rsa):
                guard let pss = method.pss, case .rsa(let bits) = publicKey.type else { throw .unsupported }
                return try RSAPadding.pssSignature(ofHash: content, parameters: pss, modulusBits: bits)
            case (.rsaRaw, .rsa(let modulus, _)): return content.filled(to: modulus.count)
            case (.ecdsa, .ec(let curve, _)): return CardInput.ecdsa(content, on: curve)
            default: return content
            }
        } catch {
            throw error == .invalidLength ? .dataLengthRange : ReturnCode(error)
        }
    }

    /// The signature as PKCS#11 has it, out of what the card answered; nil where that can be none of this key's.
    func signature(from answer: [UInt8]) -> [UInt8]? {
        switch publicKey {
        case .ec(let curve, _):
            return (try? ECDSASignature(lenientDER: answer, fieldSize: curve.fieldSize))?.fixedWidth
        default: return answer.count == signatureSize ? answer : nil
        }
    }

    /// Whether a signature, as PKCS#11 has it, can be the key's: the numbers of ECDSA lie between 0 and the order of the
    /// group. Whoever verifies one need not ask.
    func isInRange(_ signature: [UInt8]) -> Bool {
        guard case .ec(let curve, _) = publicKey else { return true }
        return (try? ECDSASignature(fixedWidth: signature, fieldSize: curve.fieldSize)).map(curve.isInRange) ?? false
    }

    /// Whether a signature, as PKCS#11 has it, is the key's over the content.
    func isSigned(_ content: [UInt8], by signature: [UInt8]) -> Bool {
        let outcome = Result { () throws(HostCryptoError) in
            switch (method.scheme.algorithm, publicKey) {
            case (.rsaPKCS1, .rsa):
                guard let digest = method.scheme.digest else {
                    return try publicKey.verifyPKCS1(signature, data: content)
                }
                return try publicKey.verifyPKCS1(signature, hash: content, digest: digest)
            case (.rsaPSS, .rsa):
                guard let pss = method.pss else { throw .unsupported }
                return try publicKey.verifyPSS(signature, hash: content, parameters: pss)
            case (.rsaRaw, .rsa(let modulus, _)):
                return try publicKey.rsaPublicOperation(signature) == content.filled(to: modulus.count)
            case (.ecdsa, .ec(let curve, _)):
                let pair = try ECDSASignature(fixedWidth: signature, fieldSize: curve.fieldSize)
                return try publicKey.verifyECDSA(pair, hash: CardInput.ecdsa(content, on: curve))
            case (.edDSA, .edwards): return try publicKey.verifyEdDSA(signature, message: content)
            default: throw .unsupported
            }
        }
        // A number beyond the modulus, or beyond the field, is no signature either.
        guard case .success(true) = outcome else { return false }
        return true
    }
}

extension PublicKey {
    /// How many bytes a signature has: those of the modulus, r and s, or R and S; none where the key does not sign.
    var signatureSize: Int { type.signatureSize ?? 0 }
}
