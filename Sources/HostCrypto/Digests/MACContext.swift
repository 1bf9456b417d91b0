import COpenSSL
import Keys

/// A message authentication code over data that comes in pieces.
public struct MACContext: ~Copyable {
    /// How the code is computed.
    public enum Function: Hashable, Sendable {
        /// HMAC (FIPS 198-1; RFC 2104) with a hash function.
        case hmac(Digest)
        /// CMAC (SP 800-38B; RFC 4493) with AES.
        case aesCMAC

        /// The code's length in bytes.
        public var size: Int {
            switch self {
            case .hmac(let digest): digest.size
            case .aesCMAC: AESStream.blockSize
            }
        }
    }

    /// What is computed.
    public let function: Function
    private let handle: NativeHandle

    /// A code over no data so far. A key of a length that the function does not take is an `invalidLength`.
    public init(_ function: Function, key: RawSpan) throws(HostCryptoError) {
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let (name, parameter, value) =
            switch function {
            case .hmac(let digest): ("HMAC", OSSL_MAC_PARAM_DIGEST, digest.rawValue)
            case .aesCMAC: ("CMAC", OSSL_MAC_PARAM_CIPHER, try AESStream.name("CBC", key))
            }
        guard key.byteCount > 0 else { throw .invalidLength }
        let mac = try NativeHandle(EVP_MAC_fetch(library, name, nil), step: "EVP_MAC_fetch", free: EVP_MAC_free)
        let context = try NativeHandle(EVP_MAC_CTX_new(mac.pointer), step: "EVP_MAC_CTX_new", free: EVP_MAC_CTX_free)
        let pointer = context.pointer
        var text = value.utf8CString.map { $0 }
        // The list points at the name and at the value, so both outlive it.
        let result = parameter.withCString { parameter in
            text.withUnsafeMutableBufferPointer { text in
                var list = [
                    OSSL_PARAM_construct_utf8_string(parameter, text.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                return key.withUnsafeBytes { key in
                    EVP_MAC_init(pointer, key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count, &list)
                }
            }
        }
        try require(result, "EVP_MAC_init")
        self.function = function
        handle = context
    }

    /// Takes in the next piece.
    public mutating func update(_ data: RawSpan) throws(HostCryptoError) {
        guard data.byteCount > 0 else { return }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = handle.pointer
        let result = data.withUnsafeBytes { bytes in
            EVP_MAC_update(context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
        }
        try require(result, "EVP_MAC_update")
    }

    /// The code over all pieces; ends the context.
    public consuming func finish() throws(HostCryptoError) -> [UInt8] {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var code = [UInt8](repeating: 0, count: function.size)
        var count = 0
        try require(EVP_MAC_final(handle.pointer, &code, &count, code.count), "EVP_MAC_final")
        guard count == code.count else { throw .libcrypto(step: "EVP_MAC_final") }
        return code
    }

    /// The code over data in one piece.
    public static func code(
        _ function: Function, key: RawSpan, of pieces: [[UInt8]]
    ) throws(HostCryptoError) -> [UInt8] {
        var context = try MACContext(function, key: key)
        for piece in pieces { try context.update(piece.span.bytes) }
        return try context.finish()
    }
}
