import CPKCS11
import HostCrypto
import Platform
import SoftToken
import Token

/// C_WrapKey with an RSA public key, on the host, and C_UnwrapKey with an RSA private key.
extension Session {
    func wrapWithRSA(
        _ scheme: RSAWrappingScheme, _ mechanism: Mechanism, _ wrappingKey: UInt, _ key: UInt, _ capacity: Int?
    ) throws(ReturnCode) -> Output {
        let wrapping = try scheme.wrapping(mechanism.parameter)
        let publicKey = try publicKey(
            wrappingKey, for: CKA_WRAP, mechanism.type, .wrapping, where: \.isRSA)
        guard case .rsa(let modulus, _) = publicKey else { throw .wrappingKeyTypeInconsistent }
        let secret = try wrappableSecret(key, byPublicKey: wrappingKey, between: wrapping.aesKeySize)
        let size = try ReturnCode.wrapping { () throws(SoftTokenError) in
            try wrapping.wrappedSize(of: secret.count, modulusSize: modulus.count)
        }
        if let early = Output.early(size: size, capacity: capacity) { return early }
        return .bytes(
            try ReturnCode.wrapping { () throws(SoftTokenError) in try wrapping.wrap(secret, with: publicKey) })
    }

    func unwrapWithRSA(
        _ scheme: RSAWrappingScheme, _ mechanism: Mechanism, _ unwrappingKey: UInt, _ wrapped: RawSpan,
        _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        let wrapping = try scheme.wrapping(mechanism.parameter)
        let key = try privateKey(
            unwrappingKey, for: .decrypt, CKA_UNWRAP, mechanism.type, .unwrapping, where: \.isRSA)
        guard case .rsa(let modulus, _) = key.publicKey else { throw .unwrappingKeyTypeInconsistent }
        guard scheme.encryption.isPossible(ifCardPadsRSA: key.isCardPadding) else { throw .mechanismInvalid }
        try library.keyRoles.checkUnwrapping(by: key, isPKCS1: scheme.encryption == .pkcs1)
        let (template, type) = try privateKeyUnwrapTemplate(attributes)
        try ReturnCode.wrapping { () throws(SoftTokenError) in
            try wrapping.check(wrapped.byteCount, modulusSize: modulus.count)
        }
        let decryption = try PrivateKeyDecryption(wrapping.encryption, key, .unwrapping)
        var value = try usingOnce(key) { (_) throws(ReturnCode) in
            try unwrapped(wrapped, modulus.count, wrapping, decryption)
        }
        return try addUnwrapped(&value, template, type)
    }

    private func unwrapped(
        _ wrapped: RawSpan, _ modulusSize: Int, _ wrapping: RSAWrapping, _ decryption: PrivateKeyDecryption
    ) throws(ReturnCode) -> [UInt8] {
        var plaintext: [UInt8]
        do throws(ReturnCode) {
            plaintext = try decryption.run(wrapped.extracting(first: modulusSize))
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
