import CPKCS11
import HostCrypto
import Platform
import Token

/// C_WrapKey with an RSA public key, on the host, and C_UnwrapKey with an RSA private key.
extension Library {
    func wrapWithRSA(
        _ scheme: RSAWrapping.Scheme, _ mechanism: Mechanism, _ wrappingKey: UInt, _ key: UInt, _ capacity: Int?,
        _ session: Session
    ) throws(ReturnCode) -> Output {
        let wrapping = try RSAWrapping(scheme, mechanism.parameter)
        let publicKey = try publicKey(
            wrappingKey, in: session, for: CKA_WRAP, mechanism.type, .wrapping, where: \.isRSA)
        guard case .rsa(let modulus, _) = publicKey else { throw .wrappingKeyTypeInconsistent }
        let secret = try wrappableSecret(key, byPublicKey: wrappingKey, in: session)
        let size = try wrapping.wrappedSize(of: secret.count, modulusSize: modulus.count)
        if let early = Output.early(size: size, capacity: capacity) { return early }
        return .bytes(try wrapping.wrap(secret, with: publicKey))
    }

    func unwrapWithRSA(
        _ scheme: RSAWrapping.Scheme, _ mechanism: Mechanism, _ unwrappingKey: UInt, _ wrapped: RawSpan,
        _ attributes: [Attribute], _ session: Session
    ) throws(ReturnCode) -> UInt {
        let wrapping = try RSAWrapping(scheme, mechanism.parameter)
        let key = try privateKey(
            unwrappingKey, in: session, for: .decrypt, CKA_UNWRAP, mechanism.type, .unwrapping, where: \.isRSA)
        guard case .rsa(let modulus, _) = key.publicKey else { throw .unwrappingKeyTypeInconsistent }
        guard scheme.encryption.isPossible(ifCardPadsRSA: key.token.padsRSA) else { throw .mechanismInvalid }
        let (template, type) = try unwrapTemplate(attributes, withPrivateKeyIn: session)
        try wrapping.check(wrapped.byteCount, modulusSize: modulus.count)
        let decryption = try PrivateKeyDecryption(wrapping.encryption, key, .unwrapping)
        var value = try usingOnce(key, in: session) { (authorization) throws(ReturnCode) in
            try unwrapped(wrapped, modulus.count, wrapping, decryption, authorization)
        }
        return try addUnwrapped(&value, template, type, in: session)
    }

    private func unwrapped(
        _ wrapped: RawSpan, _ modulusSize: Int, _ wrapping: RSAWrapping, _ decryption: PrivateKeyDecryption,
        _ authorization: (any UseAuthorization)?
    ) throws(ReturnCode) -> [UInt8] {
        var plaintext: [UInt8]
        do throws(ReturnCode) {
            plaintext = try decryption.decipher(wrapped.extracting(first: modulusSize), authorization, self)
        } catch {
            throw error == .encryptedDataInvalid ? .wrappedKeyInvalid : error
        }
        defer { plaintext.wipe() }
        let rest = wrapped.extracting(droppingFirst: modulusSize)
        let bytes = plaintext.span.bytes
        return try ReturnCode.naming(.wrappedKeyInvalid) { () throws(HostCryptoError) in
            try wrapping.secret(bytes, rest)
        }
    }
}
