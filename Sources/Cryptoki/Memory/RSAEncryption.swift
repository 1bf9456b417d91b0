import CPKCS11
import HostCrypto
import Platform

/// How a mechanism encrypts with RSA (PKCS#11 3.2, sections 6.1.6, 6.1.8 and 6.1.9).
enum RSAEncryption {
    case pkcs1
    case oaep(OAEPParameters)
    case raw

    /// The mechanisms' table has no parameters.
    enum Scheme: Hashable { case pkcs1, oaep, raw }

    /// A scheme with the mechanism's parameter, or CKR_MECHANISM_PARAM_INVALID.
    init(_ scheme: Scheme, _ parameter: Mechanism.Parameter) throws(ReturnCode) {
        switch (scheme, parameter) {
        case (.pkcs1, .none): self = .pkcs1
        case (.raw, .none): self = .raw
        case (.oaep, .oaep(let fields)): self = .oaep(try fields.parameters())
        default: throw .mechanismParameterInvalid
        }
    }

    /// The most bytes of plaintext, or CKR_…KEY_SIZE_RANGE where the modulus has no room for the padding.
    func mostData(modulusSize: Int, _ errors: KeyErrors = .key) throws(ReturnCode) -> Int {
        let most =
            switch self {
            case .pkcs1: modulusSize - 11
            case .oaep(let parameters): modulusSize - 2 * parameters.digest.size - 2
            case .raw: modulusSize
            }
        guard most >= 0 else { throw errors.sizeRange }
        return most
    }

    /// The ciphertext of a plaintext.
    func encrypt(_ plaintext: [UInt8], with key: PublicKey) throws(ReturnCode) -> [UInt8] {
        do throws(HostCryptoError) {
            switch self {
            case .pkcs1: return try key.encryptPKCS1(plaintext)
            case .oaep(let parameters): return try key.encryptOAEP(plaintext, parameters: parameters)
            case .raw:
                var block = plaintext.filled(to: key.signatureSize)
                defer { block.wipe() }
                return try key.rsaPublicOperation(block)
            }
        } catch {
            guard error == .invalidLength else { throw ReturnCode(error) }
            if case .raw = self, plaintext.count <= key.signatureSize { throw .dataInvalid }
            throw .dataLengthRange
        }
    }

    /// The plaintext in what the private key made of a ciphertext. `invalidPadding` for all the ways in which the padding
    /// can be wrong.
    func plaintext(in block: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        switch self {
        case .pkcs1: try RSAPadding.pkcs1Message(in: block)
        case .oaep(let parameters): try RSAPadding.oaepMessage(in: block, parameters: parameters)
        case .raw: block
        }
    }
}

extension RSAEncryption.Scheme {
    /// Whether a card can undo it: one that takes the padding off itself knows one padding only.
    func isPossible(ifCardPadsRSA pads: Bool) -> Bool { self == .pkcs1 || !pads }
}
