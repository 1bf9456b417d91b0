import HostCrypto
import SoftToken

/// A secret key's value, or a plaintext on its way to the caller.
public typealias StoredSecret = SoftToken.StoredSecret

extension ReturnCode {
    /// What an operation in memory answers is called at the C border, where the function has no name of its own for it.
    init(_ error: SoftTokenError) {
        switch error {
        case .dataLength: self = .dataLengthRange
        case .ciphertextLength: self = .encryptedDataLengthRange
        case .ciphertextInvalid: self = .encryptedDataInvalid
        case .dataInvalid: self = .dataInvalid
        case .parameterInvalid: self = .mechanismParameterInvalid
        case .keySize, .secretSize: self = .keySizeRange
        case .publicKeyInvalid: self = .publicKeyInvalid
        case .lengthMissing: self = .templateIncomplete
        case .lengthTooGreat: self = .templateInconsistent
        case .lengthInvalid: self = .attributeValueInvalid
        case .codeInvalid: self = .signatureInvalid
        case .codeLength: self = .signatureLengthRange
        case .ended: self = .operationNotInitialized
        case .outOfMemory: self = .hostMemory
        case .failed: self = .functionFailed
        }
    }

    /// Runs an operation in memory.
    static func translating<R: ~Copyable>(_ body: () throws(SoftTokenError) -> R) throws(ReturnCode) -> R {
        do throws(SoftTokenError) {
            return try body()
        } catch {
            throw ReturnCode(error)
        }
    }

    /// The same for one that wraps a key, or unwraps it.
    static func wrapping<R>(_ body: () throws(SoftTokenError) -> R) throws(ReturnCode) -> R {
        do throws(SoftTokenError) {
            return try body()
        } catch {
            switch error {
            case .keySize: throw .wrappingKeySizeRange
            case .ciphertextLength: throw .wrappedKeyLengthRange
            case .ciphertextInvalid: throw .wrappedKeyInvalid
            default: throw ReturnCode(error)
            }
        }
    }

    /// What a failed computation on the host is called at the C border, where the operation has no better name.
    init(_ error: HostCryptoError) { self.init(SoftTokenError(error)) }

    /// Runs a computation whose result may be found wrong, which then has this code.
    static func naming<R>(
        _ wrong: ReturnCode, _ body: () throws(HostCryptoError) -> R
    ) throws(ReturnCode) -> R {
        do throws(HostCryptoError) {
            return try body()
        } catch {
            throw error == .invalidPadding ? wrong : ReturnCode(error)
        }
    }
}
