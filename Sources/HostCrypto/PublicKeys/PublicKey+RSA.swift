extension PublicKey {
    /// RSAES-PKCS1-v1_5 (RFC 8017, section 7.2.1); `invalidLength` where the message is longer than the modulus less
    /// 11 bytes, `unsupported` where the key is not RSA.
    public func encryptPKCS1(_ message: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        var block = try RSAPadding.pkcs1Encryption(of: message, count: try modulusCount())
        defer { block.cleanse() }
        return try rsaPublicOperation(block)
    }

    /// RSAES-OAEP (RFC 8017, section 7.1.1); `invalidLength` where the message is longer than the modulus less two
    /// hashes and 2 bytes, `unsupported` where the key is not RSA.
    public func encryptOAEP(_ message: [UInt8], parameters: OAEPParameters) throws(HostCryptoError) -> [UInt8] {
        var block = try RSAPadding.oaepEncryption(of: message, parameters: parameters, count: try modulusCount())
        defer { block.cleanse() }
        return try rsaPublicOperation(block)
    }

    /// The data that an RSASSA-PKCS1-v1_5 signature was made of, a DigestInfo or what else stands in its place.
    /// `invalidPadding` where this is no such signature.
    public func recoverPKCS1(_ signature: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        try RSAPadding.pkcs1SignedData(in: try rsaPublicOperation(signature))
    }

    /// The modulus's length in bytes.
    private func modulusCount() throws(HostCryptoError) -> Int {
        guard case .rsa(let bits) = type else { throw .unsupported }
        return (bits + 7) / 8
    }
}
