import HostCrypto

/// Why an operation in memory gave no result.
public enum SoftTokenError: Error, Hashable, Sendable {
    /// Data of a length that cannot be encrypted, signed or wrapped.
    case dataLength
    /// A ciphertext of a length that none has.
    case ciphertextLength
    /// A ciphertext whose padding or tag is wrong. One case for all the ways in which it can be.
    case ciphertextInvalid
    /// Data of the right length that the key cannot be applied to: a number beyond the modulus.
    case dataInvalid
    /// A parameter of the computation that it does not take: a vector, a tag, a counter, a hash function.
    case parameterInvalid
    /// A key that is too short for the computation.
    case keySize
    /// A secret of a length that cannot be wrapped.
    case secretSize
    /// The other side's public key is none on this curve.
    case publicKeyInvalid
    /// The length of the new key must be told, and was not.
    case lengthMissing
    /// More bytes are wanted than the computation gives.
    case lengthTooGreat
    /// A length that the computation does not take.
    case lengthInvalid
    /// A code that is not the message's.
    case codeInvalid
    /// A code of a length that none here has.
    case codeLength
    /// The computation has come to its end before.
    case ended
    /// The system gave no memory.
    case outOfMemory
    /// Anything else: a computation that failed.
    case failed

    /// What a failed computation of libcrypto is called, where the operation has no better name.
    public init(_ error: HostCryptoError) {
        switch error {
        case .invalidLength, .limitExceeded: self = .dataLength
        case .outOfMemory: self = .outOfMemory
        case .invalidKey, .malformed, .unsupported, .invalidPadding, .libcrypto: self = .failed
        }
    }

    /// Runs a computation of libcrypto.
    static func translating<R: ~Copyable>(
        _ body: () throws(HostCryptoError) -> R
    ) throws(SoftTokenError) -> R {
        do throws(HostCryptoError) {
            return try body()
        } catch {
            throw SoftTokenError(error)
        }
    }

    /// The same for a computation whose result may be found wrong, which is an invalid ciphertext then.
    static func opening<R>(_ body: () throws(HostCryptoError) -> R) throws(SoftTokenError) -> R {
        do throws(HostCryptoError) {
            return try body()
        } catch {
            throw error == .invalidPadding ? .ciphertextInvalid : SoftTokenError(error)
        }
    }

    /// The error for data of a length that a cipher does not take.
    static func length(isEncrypting: Bool) -> SoftTokenError { isEncrypting ? .dataLength : .ciphertextLength }
}
