import HostCrypto
import Platform

/// How a mechanism encrypts with RSA (PKCS#11 3.2, sections 6.1.6, 6.1.8 and 6.1.9).
public enum RSAEncryption: Sendable {
    /// With the padding of PKCS#1 v1.5.
    case pkcs1
    /// With OAEP.
    case oaep(OAEPParameters)
    /// Without padding.
    case raw

    /// The most bytes of plaintext, or `keySize` where the modulus has no room for the padding.
    public func mostData(modulusSize: Int) throws(SoftTokenError) -> Int {
        let most =
            switch self {
            case .pkcs1: modulusSize - 11
            case .oaep(let parameters): modulusSize - 2 * parameters.digest.size - 2
            case .raw: modulusSize
            }
        guard most >= 0 else { throw .keySize }
        return most
    }

    /// The ciphertext of a plaintext.
    public func encrypt(_ plaintext: [UInt8], with key: PublicKey) throws(SoftTokenError) -> [UInt8] {
        guard case .rsa(let modulus, _) = key else { throw .failed }
        let modulusSize = modulus.count
        do throws(HostCryptoError) {
            switch self {
            case .pkcs1: return try key.encryptPKCS1(plaintext)
            case .oaep(let parameters): return try key.encryptOAEP(plaintext, parameters: parameters)
            case .raw:
                var block = plaintext.filled(to: modulusSize)
                defer { block.wipe() }
                return try key.rsaPublicOperation(block)
            }
        } catch {
            guard error == .invalidLength else { throw SoftTokenError(error) }
            if case .raw = self, plaintext.count <= modulusSize { throw .dataInvalid }
            throw .dataLength
        }
    }

    /// The plaintext in what the private key made of a ciphertext. `invalidPadding` for all the ways in which the padding
    /// can be wrong.
    public func plaintext(in block: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        switch self {
        case .pkcs1: try RSAPadding.pkcs1Message(in: block)
        case .oaep(let parameters): try RSAPadding.oaepMessage(in: block, parameters: parameters)
        case .raw: block
        }
    }
}
