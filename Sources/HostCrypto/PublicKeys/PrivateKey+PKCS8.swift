import COpenSSL
import Keys

extension PrivateKey {
    /// DER of the key's PrivateKeyInfo, not encrypted (RFC 5208, section 5; RFC 8410, section 7).
    public func pkcs8() throws(HostCryptoError) -> [UInt8] {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let info = try NativeHandle(EVP_PKEY2PKCS8(key), step: "EVP_PKEY2PKCS8", free: PKCS8_PRIV_KEY_INFO_free)
        let count = i2d_PKCS8_PRIV_KEY_INFO(info.pointer, nil)
        guard count > 0 else { throw .libcrypto(step: "i2d_PKCS8_PRIV_KEY_INFO") }
        var der = [UInt8](repeating: 0, count: Int(count))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            var position = buffer.baseAddress
            return i2d_PKCS8_PRIV_KEY_INFO(info.pointer, &position)
        }
        guard written == count else { throw .libcrypto(step: "i2d_PKCS8_PRIV_KEY_INFO") }
        return der
    }

    /// Reads a PrivateKeyInfo, not encrypted. `malformed` where it is not one or has trailing bytes, `unsupported` for
    /// other keys than KeyType names, `invalidKey` where its numbers do not belong together.
    public static func pkcs8(_ der: [UInt8]) throws(HostCryptoError) -> PrivateKey {
        guard der.count <= 1 << 16 else { throw .limitExceeded }
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var consumed = 0
        let parsed = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &position, buffer.count)
            if let start = buffer.baseAddress, let position { consumed = position - start }
            return info
        }
        guard let parsed else { throw .malformed }
        let info = try NativeHandle(parsed, step: "d2i_PKCS8_PRIV_KEY_INFO", free: PKCS8_PRIV_KEY_INFO_free)
        guard consumed == der.count else { throw .malformed }
        guard let decoded = EVP_PKCS82PKEY_ex(info.pointer, library, nil) else { throw .malformed }
        let handle = try NativeHandle(decoded, step: "EVP_PKCS82PKEY_ex", free: EVP_PKEY_free)
        return try rebuilt(handle.pointer)
    }

    /// The same from bytes that stay where their owner keeps them.
    public static func pkcs8(_ der: RawSpan) throws(HostCryptoError) -> PrivateKey {
        var copy = der.withUnsafeBytes { [UInt8]($0) }
        defer { copy.cleanse() }
        return try pkcs8(copy)
    }

    /// The key made anew from its secret numbers alone, so that a public half that was written beside them and does
    /// not belong to them is not believed.
    private static func rebuilt(_ key: OpaquePointer) throws(HostCryptoError) -> PrivateKey {
        var numbers = try PrivateNumbers(of: key, try type(of: key))
        defer { numbers.wipe() }
        switch numbers.type {
        case .rsa:
            return try rsa(
                p: numbers.values[0], q: numbers.values[1], dp: numbers.values[2], dq: numbers.values[3],
                qinv: numbers.values[4])
        case .ec(let curve): return try ec(curve, scalar: numbers.values[0])
        case .edwards, .montgomery: return try octets(numbers.type, seed: numbers.values[0])
        }
    }

    /// The type of a key of libcrypto's; of an RSA key the size is not looked at.
    private static func type(of key: OpaquePointer) throws(HostCryptoError) -> KeyType {
        if EVP_PKEY_is_a(key, "RSA") == 1 { return .rsa(bits: 0) }
        if EVP_PKEY_is_a(key, "EC") == 1 {
            var name = [CChar](repeating: 0, count: 64)
            var count = 0
            try require(EVP_PKEY_get_group_name(key, &name, name.count, &count), "EVP_PKEY_get_group_name")
            let text = String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard let curve = Curve.allCases.first(where: { $0.nativeName == text }) else { throw .unsupported }
            return .ec(curve)
        }
        for type in KeyType.onCurves where type.octetCount != nil {
            if EVP_PKEY_is_a(key, type.nativeName) == 1 { return type }
        }
        throw .unsupported
    }
}
