import HostCrypto
import Platform

/// CKM_ECDH_AES_KEY_WRAP (PKCS#11 3.2, section 6.3.29): a new key pair agrees with the other side's key on an AES key, which
/// wraps the secret (KWP). What comes out is the new pair's point, uncompressed, and the wrapped secret.
struct AgreementWrapping {
    private let derivation: AgreementDerivation
    /// The size in bytes of the AES key between.
    private let aesKeySize: Int

    /// The mechanism's parameter, or CKR_MECHANISM_PARAM_INVALID.
    init(_ parameter: Mechanism.Parameter) throws(ReturnCode) {
        guard case .agreementKeyWrap(let bits, let function, let sharedData) = parameter,
            [128, 192, 256].contains(bits)
        else { throw .mechanismParameterInvalid }
        derivation = try AgreementDerivation(function, sharedData: sharedData)
        aesKeySize = Int(bits / 8)
    }

    /// How many bytes a secret of so many becomes, or CKR_KEY_SIZE_RANGE.
    func wrappedSize(of count: Int, on curve: Curve) throws(ReturnCode) -> Int {
        guard let rest = Self.inner.wrappedSize(of: count) else { throw .keySizeRange }
        return curve.pointSize + rest
    }

    /// The wrapped form of a secret.
    func wrap(_ secret: StoredSecret, with key: PublicKey) throws(ReturnCode) -> [UInt8] {
        var shared: [UInt8]
        let point: [UInt8]
        do throws(HostCryptoError) {
            let pair = try PrivateKey.generate(key.type)
            shared = try pair.sharedSecret(with: key)
            point = pair.publicKey.octets
        } catch {
            throw ReturnCode(error)
        }
        let between = try between(from: &shared)
        return try secret.using { (secret) throws(HostCryptoError) in
            try between.withBytes { (key) throws(HostCryptoError) in try point + Self.inner.wrap(secret, key: key) }
        }
    }

    /// The point of the other side and the wrapped secret, or CKR_WRAPPED_KEY_LEN_RANGE.
    func parts(of wrapped: RawSpan, on curve: Curve) throws(ReturnCode) -> (point: [UInt8], rest: [UInt8]) {
        let size = curve.pointSize
        guard wrapped.byteCount > size, Self.inner.canUnwrap(wrapped.byteCount - size) else {
            throw .wrappedKeyLengthRange
        }
        return ([UInt8](wrapped.extracting(first: size)), [UInt8](wrapped.extracting(droppingFirst: size)))
    }

    /// The secret that was wrapped. What both sides share is wiped.
    func unwrap(_ rest: [UInt8], shared: inout [UInt8]) throws(ReturnCode) -> [UInt8] {
        let between = try between(from: &shared)
        return try ReturnCode.naming(.wrappedKeyInvalid) { () throws(HostCryptoError) in
            try between.withBytes { (key) throws(HostCryptoError) in try Self.inner.unwrap(rest.span.bytes, key: key) }
        }
    }

    private func between(from shared: inout [UInt8]) throws(ReturnCode) -> StoredSecret {
        let size = try derivation.size(aesKeySize, ofSecretWith: shared.count)
        return try derivation.key(from: &shared, size: size)
    }

    /// CKM_AES_KEY_WRAP_KWP.
    private static let inner = AESKeyWrap.padded(initialValue: nil)
}
