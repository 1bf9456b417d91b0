import COpenSSL
import Keys

/// The OSSL_PARAM list that a key is made or derived from. Owns and wipes the memory that the list points to.
struct KeyParameters: ~Copyable {
    private var list: [OSSL_PARAM] = []
    private var storage: [UnsafeMutableRawBufferPointer] = []

    init() {}

    deinit {
        for buffer in storage {
            OPENSSL_cleanse(buffer.baseAddress, buffer.count)
            buffer.deallocate()
        }
    }

    /// Adds a big-endian number.
    mutating func add(_ name: StaticString, number bytes: [UInt8]) throws(HostCryptoError) {
        let number = try BigNumber(bytes, secret: true)
        let buffer = allocate(number.byteCount)
        // OSSL_PARAM has numbers in the machine's own byte order.
        let count = BN_bn2nativepad(
            number.pointer, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(buffer.count))
        guard Int(count) == buffer.count else { throw .libcrypto(step: "BN_bn2nativepad") }
        list.append(
            OSSL_PARAM_construct_BN(
                Self.cString(name), buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count))
    }

    /// Adds an octet string.
    mutating func add(_ name: StaticString, bytes: [UInt8]) {
        let buffer = allocate(bytes.count)
        for (index, byte) in bytes.enumerated() { buffer[index] = byte }
        list.append(OSSL_PARAM_construct_octet_string(Self.cString(name), buffer.baseAddress, bytes.count))
    }

    /// Adds an octet string that is not to be copied anywhere else.
    mutating func add(_ name: StaticString, secret: RawSpan) {
        let buffer = allocate(secret.byteCount)
        secret.withUnsafeBytes { buffer.copyMemory(from: $0) }
        list.append(OSSL_PARAM_construct_octet_string(Self.cString(name), buffer.baseAddress, secret.byteCount))
    }

    /// Adds a text.
    mutating func add(_ name: StaticString, text: String) {
        let buffer = allocate(text.utf8.count + 1)
        for (index, byte) in text.utf8.enumerated() { buffer[index] = byte }
        list.append(
            OSSL_PARAM_construct_utf8_string(
                Self.cString(name), buffer.baseAddress?.assumingMemoryBound(to: CChar.self), 0))
    }

    /// The key of this type; what libcrypto refuses is an `invalidKey`.
    consuming func makeKey(_ type: KeyType, selection: Int32) throws(HostCryptoError) -> NativeHandle {
        let context = try NativeHandle(
            EVP_PKEY_CTX_new_from_name(try LibraryContext.current(), type.nativeName, nil),
            step: "EVP_PKEY_CTX_new_from_name", free: EVP_PKEY_CTX_free)
        try require(EVP_PKEY_fromdata_init(context.pointer), "EVP_PKEY_fromdata_init")
        var key: OpaquePointer?
        list.append(OSSL_PARAM_construct_end())
        guard EVP_PKEY_fromdata(context.pointer, &key, selection, &list) == 1 else { throw .invalidKey }
        return try NativeHandle(key, step: "EVP_PKEY_fromdata", free: EVP_PKEY_free)
    }

    /// What libcrypto's key derivation function `name` makes of the list.
    consuming func derive(by name: String, count: Int) throws(HostCryptoError) -> [UInt8] {
        let function = try NativeHandle(
            EVP_KDF_fetch(try LibraryContext.current(), name, nil), step: "EVP_KDF_fetch", free: EVP_KDF_free)
        let context = try NativeHandle(
            EVP_KDF_CTX_new(function.pointer), step: "EVP_KDF_CTX_new", free: EVP_KDF_CTX_free)
        list.append(OSSL_PARAM_construct_end())
        var key = [UInt8](repeating: 0, count: count)
        try require(EVP_KDF_derive(context.pointer, &key, count, &list), "EVP_KDF_derive")
        return key
    }

    /// Memory that lives as long as the list; never empty, so that its address is not nil.
    private mutating func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 8)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        storage.append(buffer)
        return buffer
    }

    /// A literal's characters, which stay where they are as long as the process.
    private static func cString(_ name: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
