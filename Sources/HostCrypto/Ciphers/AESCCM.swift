import COpenSSL

/// AES in counter mode with CBC-MAC (SP 800-38C; RFC 3610). All data must be there at once.
public enum AESCCM {
    /// The lengths in bytes of a nonce.
    public static let nonceSizes = 7...13
    /// The lengths in bytes of a tag.
    public static let tagSizes: Set<Int> = [4, 6, 8, 10, 12, 14, 16]

    /// The most bytes that can be encrypted: their number is encoded in what the nonce leaves of 15 bytes.
    public static func mostData(nonceSize: Int) -> Int {
        let width = 8 * (15 - nonceSize)
        return width < 30 ? (1 << width) - 1 : 1 << 30
    }

    /// The ciphertext, with the tag after it.
    public static func seal(
        _ plaintext: RawSpan, tagSize: Int, key: RawSpan, nonce: [UInt8], authenticating data: [UInt8]
    ) throws(HostCryptoError) -> [UInt8] {
        var context = try context(key, nonce, tagSize, tag: nil)
        try begin(&context, plaintext.byteCount, nonce, data)
        return try context.updateAtOnce(plaintext, counts: plaintext.byteCount...plaintext.byteCount)
            + context.tag(tagSize)
    }

    /// The plaintext of a ciphertext, once its tag has been found right. A tag that does not fit is an
    /// `invalidPadding`. The caller wipes the plaintext.
    public static func open(
        _ ciphertext: RawSpan, tag: [UInt8], key: RawSpan, nonce: [UInt8], authenticating data: [UInt8]
    ) throws(HostCryptoError) -> [UInt8] {
        var context = try context(key, nonce, tag.count, tag: tag)
        try begin(&context, ciphertext.byteCount, nonce, data)
        do throws(HostCryptoError) {
            return try context.updateAtOnce(ciphertext, counts: ciphertext.byteCount...ciphertext.byteCount)
        } catch {
            throw .invalidPadding
        }
    }

    private static func context(
        _ key: RawSpan, _ nonce: [UInt8], _ tagSize: Int, tag: [UInt8]?
    ) throws(HostCryptoError) -> CipherContext {
        guard nonceSizes.contains(nonce.count), tagSizes.contains(tagSize) else { throw .invalidLength }
        return try CipherContext(
            try AESStream.name("CCM", key), key: key, iv: nonce, isEncrypting: tag == nil
        ) { (context) throws(HostCryptoError) in
            try require(
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.count), nil),
                "EVP_CTRL_AEAD_SET_IVLEN")
            var bytes = tag ?? []
            let isSet = bytes.withUnsafeMutableBytes { bytes in
                EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), tag == nil ? nil : bytes.baseAddress)
            }
            try require(isSet, "EVP_CTRL_AEAD_SET_TAG")
        }
    }

    private static func begin(
        _ context: inout CipherContext, _ count: Int, _ nonce: [UInt8], _ data: [UInt8]
    ) throws(HostCryptoError) {
        guard count <= mostData(nonceSize: nonce.count) else { throw .invalidLength }
        try context.announce(count)
        try context.authenticate(data.span.bytes)
    }
}
