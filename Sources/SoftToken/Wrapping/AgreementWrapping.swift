import HostCrypto
import Keys
import Platform

/// CKM_ECDH_AES_KEY_WRAP (PKCS#11 3.2, section 6.3.29): a new key pair agrees with the other side's key on an AES key, which
/// wraps the secret (KWP). What comes out is the new pair's point, uncompressed, and the wrapped secret.
public struct AgreementWrapping: Sendable {
    private let derivation: AgreementDerivation
    /// The size in bytes of the AES key between.
    public let aesKeySize: Int

    /// A wrapping through an AES key of so many bits, which is derived so; `parameterInvalid` for none that AES has.
    public init(aesKeyBits bits: UInt, _ derivation: AgreementDerivation) throws(SoftTokenError) {
        guard [128, 192, 256].contains(bits) else { throw .parameterInvalid }
        self.derivation = derivation
        aesKeySize = Int(bits / 8)
    }

    /// How many bytes a secret of so many becomes, or `secretSize`.
    public func wrappedSize(of count: Int, on curve: Curve) throws(SoftTokenError) -> Int {
        guard let rest = Self.inner.wrappedSize(of: count) else { throw .secretSize }
        return curve.pointSize + rest
    }

    /// The wrapped form of a secret.
    public func wrap(_ secret: StoredSecret, with key: PublicKey) throws(SoftTokenError) -> [UInt8] {
        var shared: [UInt8]
        let point: [UInt8]
        do throws(HostCryptoError) {
            let pair = try PrivateKey.generate(key.type)
            shared = try pair.sharedSecret(with: key)
            point = pair.publicKey.octets
        } catch {
            throw SoftTokenError(error)
        }
        let between = try between(from: &shared)
        return try secret.using { (secret) throws(HostCryptoError) in
            try between.withBytes { (key) throws(HostCryptoError) in try point + Self.inner.wrap(secret, key: key) }
        }
    }

    /// The point of the other side and the wrapped secret, or `ciphertextLength`.
    public func parts(of wrapped: RawSpan, on curve: Curve) throws(SoftTokenError) -> (point: [UInt8], rest: [UInt8]) {
        let size = curve.pointSize
        guard wrapped.byteCount > size, Self.inner.canUnwrap(wrapped.byteCount - size) else {
            throw .ciphertextLength
        }
        return ([UInt8](wrapped.extracting(first: size)), [UInt8](wrapped.extracting(droppingFirst: size)))
    }

    /// The secret that was wrapped. What both sides share is wiped.
    public func unwrap(_ rest: [UInt8], shared: inout [UInt8]) throws(SoftTokenError) -> [UInt8] {
        let between = try between(from: &shared)
        return try SoftTokenError.opening { () throws(HostCryptoError) in
            try between.withBytes { (key) throws(HostCryptoError) in try Self.inner.unwrap(rest.span.bytes, key: key) }
        }
    }

    private func between(from shared: inout [UInt8]) throws(SoftTokenError) -> StoredSecret {
        let size = try derivation.size(aesKeySize, ofSecretWith: shared.count)
        return try derivation.key(from: &shared, size: size)
    }

    /// CKM_AES_KEY_WRAP_KWP.
    private static let inner = AESKeyWrap.padded(initialValue: nil)
}
