import HostCrypto
import Keys
import Platform

/// How a key is made of a shared secret (PKCS#11 3.2, section 6.3.21).
public struct AgreementDerivation: Sendable {
    private let function: (AgreementKDF, Digest)?
    private let sharedData: [UInt8]

    /// A derivation by a function, or with nil by none, which takes no shared data (`parameterInvalid`).
    public init(_ function: (AgreementKDF, Digest)?, sharedData: [UInt8]) throws(SoftTokenError) {
        guard function != nil || sharedData.isEmpty else { throw .parameterInvalid }
        self.function = function
        self.sharedData = sharedData
    }

    /// How many bytes the key has: as many as are wanted, or as the secret, or the hash, has. `lengthTooGreat` for more than
    /// there are.
    public func size(_ wanted: Int?, ofSecretWith secretSize: Int) throws(SoftTokenError) -> Int {
        if let (_, digest) = function { return wanted ?? digest.size }
        guard wanted ?? 0 <= secretSize else { throw .lengthTooGreat }
        return wanted ?? secretSize
    }

    /// The key. The secret is wiped.
    public func key(from secret: inout [UInt8], size: Int) throws(SoftTokenError) -> StoredSecret {
        defer { secret.wipe() }
        var bytes: [UInt8]
        if let (function, digest) = function {
            do throws(HostCryptoError) {
                bytes = try function.derive(secret.span.bytes, information: sharedData, digest: digest, count: size)
            } catch {
                throw SoftTokenError(error)
            }
        } else {
            // What is too much is taken off the leading end (PKCS#11 3.2, section 6.3.21).
            bytes = Array(secret.suffix(size))
        }
        return try StoredSecret(wiping: &bytes)
    }
}
