import HostCrypto
import Token

/// A private key in this process's memory.
struct MemoryPrivateKey: UsablePrivateKey {
    let sessionObject: SessionObject
    let key: PrivateKey
    let verifiesSignatures: Bool
    let log: Log

    var object: StoredObject { .session(sessionObject) }
    var padsRSA: Bool { false }

    func limits(for key: PublicKey) -> SignatureInput.Limits { SignatureInput.Limits(key) }

    func sign(_ block: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try computing(invalid: .functionFailed) { () throws(HostCryptoError) in
            switch key.type {
            case .rsa: try key.rsaPrivateOperation(block)
            case .ec: try key.signECDSA(hash: block)
            case .ed25519, .ed448: try key.signEdDSA(block)
            case .x25519, .x448: throw .unsupported
            }
        }
    }

    func decipher(_ ciphertext: [UInt8], _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try computing(invalid: .encryptedDataInvalid) { () throws(HostCryptoError) in
            try key.rsaPrivateOperation(ciphertext)
        }
    }

    func sharedSecret(_ peer: PublicKey, _ authorization: (any UseAuthorization)?) throws(ReturnCode) -> [UInt8] {
        try computing(invalid: .publicKeyInvalid) { () throws(HostCryptoError) in try key.sharedSecret(with: peer) }
    }

    func noteWrongSignature() { log.line("C_Sign: the signature does not verify; it is withheld") }

    /// Computes with the key.
    ///
    /// - Parameter invalid: the code for an input that the key cannot be applied to.
    private func computing(
        invalid: ReturnCode, _ body: () throws(HostCryptoError) -> [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        do throws(HostCryptoError) {
            return try body()
        } catch {
            switch error {
            case .invalidKey, .invalidLength: throw invalid
            default: throw ReturnCode(error)
            }
        }
    }
}
