/// Why the host could not compute something. A signature that does not verify is no error: it answers `false`.
public enum HostCryptoError: Error, Hashable, Sendable {
    /// libcrypto answered an error at this step, such as "EVP_PKEY_fromdata".
    case libcrypto(step: String)
    /// An invalid key: a point off its curve, an even modulus, an exponent of 1, a scalar out of range.
    case invalidKey
    /// Data of a length that the operation does not take.
    case invalidLength
    /// Bytes that are not the DER or gzip structure that they should be.
    case malformed
    /// A well-formed structure of a kind not handled here, such as an unknown curve.
    case unsupported
    /// A wrong padding or authentication tag. One case for all the ways in which it can be wrong.
    case invalidPadding
    /// More data than the limit that was given, or than any honest input has.
    case limitExceeded
    /// The system gave no memory.
    case outOfMemory
}
