import CPKCS11
import HostCrypto
import Platform
import Token

/// Where a private key is, which is where it is applied.
enum PrivateKeyHolder {
    /// On the card.
    case card(TokenObject)
    /// In this process's memory.
    case memory(SessionObject, PrivateKey)

    var object: StoredObject {
        switch self {
        case .card(let object): .token(object)
        case .memory(let object, _): .session(object)
        }
    }

    /// Whether the padding of RSA is put on and taken off there.
    var padsRSA: Bool {
        switch self {
        case .card(let object): object.token.padsRSA
        case .memory: false
        }
    }

    /// How much is taken to sign that is not hashed before.
    func limits(for key: PublicKey) -> SignatureInput.Limits {
        switch self {
        case .card(let object): SignatureInput.Limits(object.token, key)
        case .memory: SignatureInput.Limits(key)
        }
    }

    /// The key applied to what is signed. ECDSA gives DER, as cards do.
    func sign(
        _ block: [UInt8], _ authorization: (any UseAuthorization)?, _ library: Library
    ) throws(ReturnCode) -> [UInt8] {
        switch self {
        case .card(let object):
            try Self.asking(object, "C_Sign", library, invalid: .dataInvalid) { () throws(TokenError) in
                try object.token.sign(with: object.reference, input: block, authorization: authorization)
            }
        case .memory(_, let key):
            try Self.computing(invalid: .functionFailed) { () throws(HostCryptoError) in
                switch key.type {
                case .rsa: try key.rsaPrivateOperation(block)
                case .ec: try key.signECDSA(hash: block)
                case .ed25519, .ed448: try key.signEdDSA(block)
                case .x25519, .x448: throw .unsupported
                }
            }
        }
    }

    /// An RSA ciphertext deciphered: a padded block, or where `padsRSA` its content.
    func decipher(
        _ ciphertext: [UInt8], _ authorization: (any UseAuthorization)?, _ library: Library
    ) throws(ReturnCode) -> [UInt8] {
        switch self {
        case .card(let object):
            // The log does not tell of a padding that the card found wrong, as it does not tell of one that the host took
            // off, nor of what else is wrong with a wrapped key.
            let block = try library.asking(object.slot, object.token, "C_Decrypt") {
                () throws(TokenError) -> [UInt8]? in
                let outcome = Result { () throws(TokenError) in
                    try object.token.decipher(
                        with: object.reference, ciphertext: ciphertext, authorization: authorization)
                }
                if case .failure(.dataInvalid) = outcome { return nil }
                return try outcome.get()
            }
            guard let block else { throw .encryptedDataInvalid }
            return block
        case .memory(_, let key):
            return try Self.computing(invalid: .encryptedDataInvalid) { () throws(HostCryptoError) in
                try key.rsaPrivateOperation(ciphertext)
            }
        }
    }

    /// The secret shared with the holder of another key.
    func sharedSecret(
        _ peer: PublicKey, _ authorization: (any UseAuthorization)?, _ library: Library
    ) throws(ReturnCode) -> [UInt8] {
        switch self {
        case .card(let object):
            try Self.asking(object, "key agreement", library, invalid: .publicKeyInvalid) { () throws(TokenError) in
                try object.token.sharedSecret(
                    with: object.reference, point: peer.octets, authorization: authorization)
            }
        case .memory(_, let key):
            try Self.computing(invalid: .publicKeyInvalid) { () throws(HostCryptoError) in
                try key.sharedSecret(with: peer)
            }
        }
    }

    /// Has the card compute with its key.
    ///
    /// - Parameter invalid: the code for an input that the card finds wrong.
    private static func asking(
        _ object: TokenObject, _ what: StaticString, _ library: Library, invalid: ReturnCode,
        _ body: () throws(TokenError) -> [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        do throws(ReturnCode) {
            return try library.asking(object.slot, object.token, what, body)
        } catch {
            throw error == .dataInvalid ? invalid : error
        }
    }

    /// Computes with a key in memory.
    ///
    /// - Parameter invalid: the code for an input that the key cannot be applied to.
    private static func computing(
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
