import CPKCS11
import HostCrypto
import Platform

/// How a mechanism wraps secret keys with RSA: it encrypts their values, or a new AES key that wraps them (PKCS#11 3.2,
/// sections 6.1.6, 6.1.8 and 6.1.20).
struct RSAWrapping {
    let encryption: RSAEncryption
    /// The size in bytes of the AES key between, where there is one.
    let aesKeySize: Int?

    /// The mechanisms' table has no parameters.
    enum Scheme: Hashable {
        case direct(RSAEncryption.Scheme)
        case throughAES

        var encryption: RSAEncryption.Scheme {
            switch self {
            case .direct(let scheme): scheme
            case .throughAES: .oaep
            }
        }
    }

    /// A scheme with the mechanism's parameter, or CKR_MECHANISM_PARAM_INVALID.
    init(_ scheme: Scheme, _ parameter: Mechanism.Parameter) throws(ReturnCode) {
        switch (scheme, parameter) {
        case (.direct(let inner), _):
            encryption = try RSAEncryption(inner, parameter)
            aesKeySize = nil
        case (.throughAES, .rsaAESKeyWrap(let bits, let fields)):
            guard [128, 192, 256].contains(bits) else { throw .mechanismParameterInvalid }
            encryption = .oaep(try fields.parameters())
            aesKeySize = Int(bits / 8)
        default: throw .mechanismParameterInvalid
        }
    }

    /// How many bytes a secret of so many becomes, or CKR_WRAPPING_KEY_SIZE_RANGE where the modulus is too short for any,
    /// CKR_KEY_SIZE_RANGE where it is for this one.
    func wrappedSize(of count: Int, modulusSize: Int) throws(ReturnCode) -> Int {
        let most = try encryption.mostData(modulusSize: modulusSize, .wrapping)
        guard let aesKeySize else {
            guard count <= most else { throw .keySizeRange }
            return modulusSize
        }
        guard aesKeySize <= most else { throw .wrappingKeySizeRange }
        guard let rest = Self.inner.wrappedSize(of: count) else { throw .keySizeRange }
        return modulusSize + rest
    }

    /// The wrapped form of a secret.
    func wrap(_ secret: StoredSecret, with key: PublicKey) throws(ReturnCode) -> [UInt8] {
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
            throw ReturnCode(error)
        }
        return try encryption.encrypt(between, with: key) + wrapped
    }

    /// How long a wrapped key may be, or CKR_WRAPPED_KEY_LEN_RANGE.
    func check(_ count: Int, modulusSize: Int) throws(ReturnCode) {
        let isPossible =
            aesKeySize == nil ? count == modulusSize : count > modulusSize && Self.inner.canUnwrap(count - modulusSize)
        guard isPossible else { throw .wrappedKeyLengthRange }
    }

    /// The secret, out of what was decrypted and what comes after the ciphertext. `invalidPadding` where it is none.
    func secret(_ plaintext: RawSpan, _ rest: RawSpan) throws(HostCryptoError) -> [UInt8] {
        guard let aesKeySize else { return [UInt8](plaintext) }
        guard plaintext.byteCount == aesKeySize else { throw .invalidPadding }
        return try Self.inner.unwrap(rest, key: plaintext)
    }

    /// CKM_AES_KEY_WRAP_KWP.
    private static let inner = AESKeyWrap.padded(initialValue: nil)
}
