import HostCrypto
import Platform

/// How a mechanism wraps secret keys with RSA: it encrypts their values, or a new AES key that wraps them (PKCS#11 3.2,
/// sections 6.1.6, 6.1.8 and 6.1.20).
public struct RSAWrapping: Sendable {
    /// What is done with the key, or with the AES key between.
    public let encryption: RSAEncryption
    /// The size in bytes of the AES key between, where there is one.
    public let aesKeySize: Int?

    /// A wrapping by an encryption, through a new AES key of so many bits where there is one between; `parameterInvalid` for
    /// bits that AES does not have.
    public init(_ encryption: RSAEncryption, aesKeyBits bits: UInt? = nil) throws(SoftTokenError) {
        guard bits == nil || [128, 192, 256].contains(bits) else { throw .parameterInvalid }
        self.encryption = encryption
        aesKeySize = bits.map { Int($0 / 8) }
    }

    /// How many bytes a secret of so many becomes, or `keySize` where the modulus is too short for any, `secretSize`
    /// where it is for this one.
    public func wrappedSize(of count: Int, modulusSize: Int) throws(SoftTokenError) -> Int {
        let most = try encryption.mostData(modulusSize: modulusSize)
        guard let aesKeySize else {
            guard count <= most else { throw .secretSize }
            return modulusSize
        }
        guard aesKeySize <= most else { throw .keySize }
        guard let rest = Self.inner.wrappedSize(of: count) else { throw .secretSize }
        return modulusSize + rest
    }

    /// The wrapped form of a secret.
    public func wrap(_ secret: StoredSecret, with key: PublicKey) throws(SoftTokenError) -> [UInt8] {
        guard let aesKeySize else {
            var value = secret.copy()
            defer { value.wipe() }
            return try encryption.encrypt(value, with: key)
        }
        var between: [UInt8] = []
        defer { between.wipe() }
        let wrapped: [UInt8]
        do throws(HostCryptoError) {
            between = try Random.bytes(aesKeySize)
            wrapped = try secret.withBytes { (bytes) throws(HostCryptoError) in
                try Self.inner.wrap(bytes, key: between.span.bytes)
            }
        } catch {
            throw SoftTokenError(error)
        }
        return try encryption.encrypt(between, with: key) + wrapped
    }

    /// Throws `ciphertextLength` unless a wrapped key can have that length.
    public func check(_ count: Int, modulusSize: Int) throws(SoftTokenError) {
        let isPossible =
            aesKeySize == nil ? count == modulusSize : count > modulusSize && Self.inner.canUnwrap(count - modulusSize)
        guard isPossible else { throw .ciphertextLength }
    }

    /// The secret, out of what was decrypted and what comes after the ciphertext. `invalidPadding` where it is none.
    public func secret(_ plaintext: RawSpan, _ rest: RawSpan) throws(HostCryptoError) -> [UInt8] {
        guard let aesKeySize else { return [UInt8](plaintext) }
        guard plaintext.byteCount == aesKeySize else { throw .invalidPadding }
        return try Self.inner.unwrap(rest, key: plaintext)
    }

    /// CKM_AES_KEY_WRAP_KWP.
    private static let inner = AESKeyWrap.padded(initialValue: nil)
}
