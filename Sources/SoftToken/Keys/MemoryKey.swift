import HostCrypto

/// A private key in this process's memory. It is applied, and never given away.
public struct MemoryKey: Sendable {
    private let key: PrivateKey

    /// The key of a pair.
    public init(_ key: PrivateKey) { self.key = key }

    /// Its public half.
    public var publicKey: PublicKey { key.publicKey }

    /// The key applied to what is signed: for RSA the padded block, for ECDSA the hash, for EdDSA the message. ECDSA gives
    /// DER, as cards do.
    public func sign(_ block: [UInt8]) throws(SoftTokenError) -> [UInt8] {
        try computing(.failed) { () throws(HostCryptoError) in
            switch key.type {
            case .rsa: try key.rsaPrivateOperation(block)
            case .ec: try key.signECDSA(hash: block)
            case .edwards: try key.signEdDSA(block)
            case .montgomery: throw .unsupported
            }
        }
    }

    /// An RSA ciphertext deciphered: the padded block.
    public func decipher(_ ciphertext: [UInt8]) throws(SoftTokenError) -> [UInt8] {
        try computing(.ciphertextInvalid) { () throws(HostCryptoError) in try key.rsaPrivateOperation(ciphertext) }
    }

    /// The secret shared with the holder of another key.
    public func sharedSecret(_ peer: PublicKey) throws(SoftTokenError) -> [UInt8] {
        try computing(.publicKeyInvalid) { () throws(HostCryptoError) in try key.sharedSecret(with: peer) }
    }

    /// - Parameter invalid: the error for an input that the key cannot be applied to.
    private func computing(
        _ invalid: SoftTokenError, _ body: () throws(HostCryptoError) -> [UInt8]
    ) throws(SoftTokenError) -> [UInt8] {
        do throws(HostCryptoError) {
            return try body()
        } catch {
            switch error {
            case .invalidKey, .invalidLength: throw invalid
            default: throw SoftTokenError(error)
            }
        }
    }
}
