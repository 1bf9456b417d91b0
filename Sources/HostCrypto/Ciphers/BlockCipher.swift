import COpenSSL

/// A block cipher in ECB or CBC mode without padding, as card management keys use it (SP 800-73-5 part 2,
/// appendix A.1; SP 800-78-5, table 5).
public enum BlockCipher: String, CaseIterable, Hashable, Sendable {
    case aes128 = "AES-128"
    case aes192 = "AES-192"
    case aes256 = "AES-256"
    /// DES-EDE with three keys.
    case tripleDES = "DES-EDE3"

    /// The key's length in bytes; Triple DES keys carry their parity bits.
    public var keySize: Int {
        switch self {
        case .aes128: 16
        case .aes192, .tripleDES: 24
        case .aes256: 32
        }
    }

    /// The block's length in bytes.
    public var blockSize: Int { self == .tripleDES ? 8 : 16 }

    /// How blocks are joined (SP 800-38A).
    public enum Mode: Hashable, Sendable {
        /// Each block by itself.
        case ecb
        /// Each block chained to the one before, the first to an initialization vector of one block.
        case cbc(iv: [UInt8])
    }

    /// Encrypts whole blocks. Data, key or vector of another length is an `invalidLength`.
    public func encrypt(_ data: [UInt8], key: RawSpan, mode: Mode) throws(HostCryptoError) -> [UInt8] {
        try run(encrypt: true, data, key, mode)
    }

    /// Encrypts whole blocks. Data, key or vector of another length is an `invalidLength`.
    public func encrypt(_ data: [UInt8], key: [UInt8], mode: Mode) throws(HostCryptoError) -> [UInt8] {
        try run(encrypt: true, data, key.span.bytes, mode)
    }

    /// Decrypts whole blocks. Data, key or vector of another length is an `invalidLength`.
    public func decrypt(_ data: [UInt8], key: RawSpan, mode: Mode) throws(HostCryptoError) -> [UInt8] {
        try run(encrypt: false, data, key, mode)
    }

    /// Decrypts whole blocks. Data, key or vector of another length is an `invalidLength`.
    public func decrypt(_ data: [UInt8], key: [UInt8], mode: Mode) throws(HostCryptoError) -> [UInt8] {
        try run(encrypt: false, data, key.span.bytes, mode)
    }

    private func run(
        encrypt: Bool, _ data: [UInt8], _ key: RawSpan, _ mode: Mode
    ) throws(HostCryptoError) -> [UInt8] {
        let iv: [UInt8]?
        let suffix: String
        switch mode {
        case .ecb: (iv, suffix) = (nil, "-ECB")
        case .cbc(let vector): (iv, suffix) = (vector, "-CBC")
        }
        guard key.byteCount == keySize, data.count % blockSize == 0, data.count <= 1 << 24,
            iv == nil || iv?.count == blockSize
        else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let cipher = try FetchedAlgorithms.cipher(rawValue + suffix)
        let context = try NativeHandle(
            EVP_CIPHER_CTX_new(), step: "EVP_CIPHER_CTX_new", free: EVP_CIPHER_CTX_free)
        let pointer = context.pointer
        let initialised = key.withUnsafeBytes { key in
            EVP_CipherInit_ex2(
                pointer, cipher, key.assumingMemoryBound(to: UInt8.self).baseAddress, iv, encrypt ? 1 : 0, nil)
        }
        try require(initialised, "EVP_CipherInit_ex2")
        try require(EVP_CIPHER_CTX_set_padding(pointer, 0), "EVP_CIPHER_CTX_set_padding")
        var output = [UInt8](repeating: 0, count: data.count + blockSize)
        var count: Int32 = 0
        try require(EVP_CipherUpdate(pointer, &output, &count, data, Int32(data.count)), "EVP_CipherUpdate")
        guard Int(count) == data.count else { throw .libcrypto(step: "EVP_CipherUpdate") }
        output.removeLast(blockSize)
        return output
    }
}
