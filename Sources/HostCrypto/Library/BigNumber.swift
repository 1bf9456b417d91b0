import COpenSSL

/// A libcrypto BIGNUM that wipes itself, made from and turned into big-endian bytes.
struct BigNumber: ~Copyable {
    private let handle: NativeHandle

    /// The BIGNUM itself.
    var pointer: OpaquePointer { handle.pointer }

    /// Zero. `secret` numbers are handled by libcrypto's constant-time code where it has any.
    init(secret: Bool = false) throws(HostCryptoError) {
        let number = try NativeHandle(BN_new(), step: "BN_new") { BN_clear_free($0) }
        if secret { BN_set_flags(number.pointer, BN_FLG_CONSTTIME) }
        handle = number
    }

    /// The number that these big-endian bytes write.
    init(_ bytes: [UInt8], secret: Bool = false) throws(HostCryptoError) {
        guard bytes.count <= 1 << 16 else { throw .invalidLength }
        let number = try BigNumber(secret: secret)
        guard BN_bin2bn(bytes, Int32(bytes.count), number.pointer) != nil else { throw .libcrypto(step: "BN_bin2bn") }
        self = number
    }

    /// A BIGNUM parameter of `key`, such as "n".
    init(parameter name: String, of key: OpaquePointer) throws(HostCryptoError) {
        let number = try BigNumber(secret: true)
        var pointer: OpaquePointer? = number.pointer
        try require(EVP_PKEY_get_bn_param(key, name, &pointer), "EVP_PKEY_get_bn_param")
        self = number
    }

    /// The number's length in bytes without leading zeros.
    var byteCount: Int { Int(BN_num_bits(pointer) + 7) / 8 }

    /// The shortest big-endian bytes; none for zero.
    func bytes() throws(HostCryptoError) -> [UInt8] { try bytes(count: byteCount) }

    /// Big-endian bytes with leading zeros up to `count`.
    func bytes(count: Int) throws(HostCryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard count <= 1 << 16, BN_bn2binpad(pointer, &bytes, Int32(count)) == Int32(count) else {
            throw .invalidLength
        }
        return bytes
    }
}
