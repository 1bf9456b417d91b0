import COpenSSL

extension PrivateKey {
    /// RSADP of RFC 8017, section 5.1.2: `input`^d mod n. Input and output have the modulus's length; an input that
    /// is not below the modulus is an `invalidLength`, a key that is not RSA `unsupported`.
    public func rsaPrivateOperation(_ input: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard case .rsa(let modulus, _) = publicKey else { throw .unsupported }
        guard input.count == modulus.count, input.lexicographicallyPrecedes(modulus) else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try operation()
        try require(EVP_PKEY_decrypt_init(context.pointer), "EVP_PKEY_decrypt_init")
        try require(
            EVP_PKEY_CTX_set_rsa_padding(context.pointer, RSA_NO_PADDING), "EVP_PKEY_CTX_set_rsa_padding")
        var output = [UInt8](repeating: 0, count: modulus.count)
        var count = output.count
        try require(EVP_PKEY_decrypt(context.pointer, &output, &count, input, input.count), "EVP_PKEY_decrypt")
        guard count == output.count else { throw .libcrypto(step: "EVP_PKEY_decrypt") }
        return output
    }

    /// An ECDSA signature over a hash (FIPS 186-5, section 6.4.1): Ecdsa-Sig-Value in DER. A hash longer than the
    /// curve's order is cut to its leftmost bits.
    public func signECDSA(hash: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard case .ec(let curve) = type else { throw .unsupported }
        guard (1...curve.longestHash).contains(hash.count) else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try operation()
        try require(EVP_PKEY_sign_init(context.pointer), "EVP_PKEY_sign_init")
        var count = 0
        try require(EVP_PKEY_sign(context.pointer, nil, &count, hash, hash.count), "EVP_PKEY_sign")
        var signature = [UInt8](repeating: 0, count: count)
        try require(EVP_PKEY_sign(context.pointer, &signature, &count, hash, hash.count), "EVP_PKEY_sign")
        return Array(signature.prefix(count))
    }

    /// An EdDSA signature over a message (RFC 8032, sections 5.1.6 and 5.2.6): 64 bytes for Ed25519, 114 for Ed448.
    public func signEdDSA(_ message: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard case .edwards(let curve) = type else { throw .unsupported }
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try NativeHandle(EVP_MD_CTX_new(), step: "EVP_MD_CTX_new", free: EVP_MD_CTX_free)
        try require(
            EVP_DigestSignInit_ex(context.pointer, nil, nil, library, nil, key, nil), "EVP_DigestSignInit_ex")
        var signature = [UInt8](repeating: 0, count: curve.signatureSize)
        var count = signature.count
        try require(
            EVP_DigestSign(context.pointer, &signature, &count, message, message.count), "EVP_DigestSign")
        guard count == signature.count else { throw .libcrypto(step: "EVP_DigestSign") }
        return signature
    }

    /// The secret shared with the holder of `peer`, a key of the same type and curve: the x coordinate in the
    /// curve's field size (SP 800-56A, section 5.7.1.2), or the output of X25519 or X448 (RFC 7748, section 6).
    /// A peer that does not fit or that gives the all-zero secret is an `invalidKey`.
    public func sharedSecret(with peer: PublicKey) throws(HostCryptoError) -> [UInt8] {
        guard let size = type.sharedSecretSize else { throw .unsupported }
        guard peer.type == type else { throw .invalidKey }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let peerKey = try peer.makeKey()
        let context = try operation()
        try require(EVP_PKEY_derive_init(context.pointer), "EVP_PKEY_derive_init")
        guard EVP_PKEY_derive_set_peer(context.pointer, peerKey.pointer) == 1 else { throw .invalidKey }
        var secret = [UInt8](repeating: 0, count: size)
        var count = size
        guard EVP_PKEY_derive(context.pointer, &secret, &count) == 1, count == size else { throw .invalidKey }
        return secret
    }

    /// A context for one operation with this key.
    private func operation() throws(HostCryptoError) -> NativeHandle {
        try NativeHandle(
            EVP_PKEY_CTX_new_from_pkey(try LibraryContext.current(), key, nil),
            step: "EVP_PKEY_CTX_new_from_pkey", free: EVP_PKEY_CTX_free)
    }
}
