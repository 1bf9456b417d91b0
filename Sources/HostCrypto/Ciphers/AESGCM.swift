import COpenSSL

/// AES in Galois/counter mode (SP 800-38D).
public enum AESGCM {
    /// The lengths in bytes of the vectors that libcrypto takes.
    public static let vectorSizes = 1...128
    /// The lengths in bytes of the tags of SP 800-38D, section 5.2.1.2.
    public static let tagSizes: Set<Int> = [4, 8, 12, 13, 14, 15, 16]

    /// The plaintext of a ciphertext, once its tag has been found right. A tag that does not fit is an
    /// `invalidPadding`, and nothing of the plaintext is left. The caller wipes the plaintext.
    public static func open(
        _ ciphertext: RawSpan, tag: [UInt8], key: RawSpan, iv: [UInt8], authenticating data: [UInt8]
    ) throws(HostCryptoError) -> [UInt8] {
        guard tagSizes.contains(tag.count) else { throw .invalidLength }
        var context = try AESGCM.context(key, iv, data, isEncrypting: false)
        var plaintext = try context.update(ciphertext, count: ciphertext.byteCount)
        do throws(HostCryptoError) {
            try context.expect(tag: tag)
            try context.finish()
        } catch {
            plaintext.cleanse()
            throw .invalidPadding
        }
        return plaintext
    }

    fileprivate static func context(
        _ key: RawSpan, _ iv: [UInt8], _ data: [UInt8], isEncrypting: Bool
    ) throws(HostCryptoError) -> CipherContext {
        guard vectorSizes.contains(iv.count) else { throw .invalidLength }
        var context = try CipherContext(
            try AESStream.name("GCM", key), key: key, iv: iv, isEncrypting: isEncrypting
        ) { (context) throws(HostCryptoError) in
            try require(
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(iv.count), nil), "EVP_CTRL_AEAD_SET_IVLEN")
        }
        try context.authenticate(data.span.bytes)
        return context
    }
}

/// An encryption in Galois/counter mode of data that comes in pieces.
public struct AESGCMSealing: ~Copyable {
    private var context: CipherContext
    /// SP 800-38D, section 5.2.1.1: more data would make the counter come round.
    private static let mostData = (1 << 36) - 32
    private var count = 0

    /// An encryption with a key of 16, 24 or 32 bytes. The same vector must never come twice under one key.
    public init(key: RawSpan, iv: [UInt8], authenticating data: [UInt8]) throws(HostCryptoError) {
        context = try AESGCM.context(key, iv, data, isEncrypting: true)
    }

    /// The ciphertext of the next piece, which is as long.
    public mutating func update(_ data: RawSpan) throws(HostCryptoError) -> [UInt8] {
        guard data.byteCount <= Self.mostData - count else { throw .invalidLength }
        count += data.byteCount
        return try context.update(data, count: data.byteCount)
    }

    /// The first bytes of the tag; nothing can be added afterwards.
    public consuming func finish(tagSize: Int) throws(HostCryptoError) -> [UInt8] {
        guard AESGCM.tagSizes.contains(tagSize) else { throw .invalidLength }
        try context.finish()
        return try context.tag(tagSize)
    }
}
