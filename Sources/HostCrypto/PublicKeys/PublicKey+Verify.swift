import COpenSSL
import Keys

extension PublicKey {
    /// RSAVP1 of RFC 8017, section 5.2.2: `input`^e mod n, for verifying and, as RSAEP, for unpadded encryption. Input
    /// and output have the modulus's length; an input that is not below the modulus is an `invalidLength`.
    public func rsaPublicOperation(_ input: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard case .rsa(let written, _) = self else { throw .unsupported }
        let modulus = Array(written.drop { $0 == 0 })
        guard input.count == modulus.count, input.lexicographicallyPrecedes(modulus) else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try PreparedKeys.context(for: self)
        var output = [UInt8](repeating: 0, count: modulus.count)
        var count = output.count
        try require(EVP_PKEY_encrypt(context.pointer, &output, &count, input, input.count), "EVP_PKEY_encrypt")
        guard count == output.count else { throw .libcrypto(step: "EVP_PKEY_encrypt") }
        return output
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2.2) over `data`, a DigestInfo or what else was padded in its place: the
    /// encoding is made anew and compared, nothing in the signature is parsed. A key that is not RSA is `unsupported`.
    public func verifyPKCS1(_ signature: [UInt8], data: [UInt8]) throws(HostCryptoError) -> Bool {
        guard let encoded = try encoding(in: signature) else { return false }
        return try encoded == RSAPadding.pkcs1Signature(of: data, count: encoded.count)
    }

    /// RSASSA-PKCS1-v1_5 over a hash.
    public func verifyPKCS1(_ signature: [UInt8], hash: [UInt8], digest: Digest) throws(HostCryptoError) -> Bool {
        try verifyPKCS1(signature, data: try digest.digestInfo(hash))
    }

    /// RSASSA-PSS (RFC 8017, section 8.1.2) over a hash.
    public func verifyPSS(
        _ signature: [UInt8], hash: [UInt8], parameters: PSSParameters
    ) throws(HostCryptoError) -> Bool {
        guard case .rsa(let bits) = type else { throw .unsupported }
        guard let encoded = try encoding(in: signature) else { return false }
        return try RSAPadding.pssVerify(encoded, hash: hash, parameters: parameters, modulusBits: bits)
    }

    /// ECDSA (FIPS 186-5, section 6.4.2) over a hash, which is cut to the order's length where it is longer.
    public func verifyECDSA(_ signature: ECDSASignature, hash: [UInt8]) throws(HostCryptoError) -> Bool {
        guard case .ec(let curve, _) = self else { throw .unsupported }
        guard (1...curve.longestHash).contains(hash.count) else { throw .invalidLength }
        guard signature.fixedWidth.count == 2 * curve.fieldSize else { return false }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try PreparedKeys.context(for: self)
        let der = signature.der
        return EVP_PKEY_verify(context.pointer, der, der.count, hash, hash.count) == 1
    }

    /// Ed25519 or Ed448 (RFC 8032, sections 5.1.7 and 5.2.7) over a message.
    public func verifyEdDSA(_ signature: [UInt8], message: [UInt8]) throws(HostCryptoError) -> Bool {
        guard case .edwards = self else { throw .unsupported }
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let prepared = try PreparedKeys.context(for: self)
        let context = try NativeHandle(EVP_MD_CTX_new(), step: "EVP_MD_CTX_new", free: EVP_MD_CTX_free)
        try require(
            EVP_DigestVerifyInit_ex(
                context.pointer, nil, nil, library, nil, EVP_PKEY_CTX_get0_pkey(prepared.pointer), nil),
            "EVP_DigestVerifyInit_ex")
        return EVP_DigestVerify(context.pointer, signature, signature.count, message, message.count) == 1
    }

    /// What an RSA signature encodes; nil where its length or value is none that the key could have made.
    private func encoding(in signature: [UInt8]) throws(HostCryptoError) -> [UInt8]? {
        do {
            return try rsaPublicOperation(signature)
        } catch .invalidLength {
            return nil
        }
    }
}
