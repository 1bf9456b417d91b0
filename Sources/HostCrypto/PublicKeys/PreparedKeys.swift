import COpenSSL
import Synchronization

/// The public keys that were used last, as contexts of libcrypto that are ready for the key's operation: to make the key
/// anew takes as long as a verification with it, and to begin the operation a tenth of that.
///
/// One thread has the cache at a time, and none waits for it: a thread that finds it taken makes the key anew. So a
/// fork meets no lock here, and the child, whose library context is another one, starts an empty cache.
final class PreparedKeys {
    private static let shared = Atomic<UInt>(0)
    private static let capacity = 8

    private let library: OpaquePointer
    private var keys: [(key: PublicKey, context: OpaquePointer)] = []

    private init(_ library: OpaquePointer) { self.library = library }

    deinit { for (_, context) in keys { EVP_PKEY_CTX_free(context) } }

    /// A context for the key that the caller owns: for RSA ready to encrypt without padding, for ECDSA ready to
    /// verify, for other keys not initialised.
    static func context(for key: PublicKey) throws(HostCryptoError) -> NativeHandle {
        let library = try LibraryContext.current()
        let cache = take(of: library) ?? PreparedKeys(library)
        defer { giveBack(cache) }
        if let known = cache.find(key) { return try copy(known) }
        return try copy(cache.prepare(key))
    }

    private func find(_ key: PublicKey) -> OpaquePointer? {
        guard let index = keys.firstIndex(where: { $0.key == key }) else { return nil }
        if index > 0 { keys.insert(keys.remove(at: index), at: 0) }
        return keys[0].context
    }

    private func prepare(_ key: PublicKey) throws(HostCryptoError) -> OpaquePointer {
        let native = try key.makeKey()
        let context = try NativeHandle(
            EVP_PKEY_CTX_new_from_pkey(library, native.pointer, nil), step: "EVP_PKEY_CTX_new_from_pkey",
            free: EVP_PKEY_CTX_free)
        switch key {
        case .rsa:
            try require(EVP_PKEY_encrypt_init(context.pointer), "EVP_PKEY_encrypt_init")
            try require(
                EVP_PKEY_CTX_set_rsa_padding(context.pointer, RSA_NO_PADDING), "EVP_PKEY_CTX_set_rsa_padding")
        case .ec: try require(EVP_PKEY_verify_init(context.pointer), "EVP_PKEY_verify_init")
        case .edwards, .montgomery: break
        }
        guard let kept = EVP_PKEY_CTX_dup(context.pointer) else { throw .libcrypto(step: "EVP_PKEY_CTX_dup") }
        keys.insert((key, kept), at: 0)
        if keys.count > Self.capacity { EVP_PKEY_CTX_free(keys.removeLast().context) }
        return kept
    }

    private static func copy(_ context: OpaquePointer) throws(HostCryptoError) -> NativeHandle {
        try NativeHandle(EVP_PKEY_CTX_dup(context), step: "EVP_PKEY_CTX_dup", free: EVP_PKEY_CTX_free)
    }

    /// The cache, which nobody else has now; nil where somebody else has it, or there is none for this context.
    private static func take(of library: OpaquePointer) -> PreparedKeys? {
        guard let address = UnsafeRawPointer(bitPattern: shared.exchange(0, ordering: .acquiring)) else { return nil }
        let found = Unmanaged<PreparedKeys>.fromOpaque(address)
        // A cache of the parent is left alone: another thread may have been inside libcrypto.
        guard found._withUnsafeGuaranteedRef({ $0.library }) == library else { return nil }
        return found.takeRetainedValue()
    }

    /// Puts the cache back for other threads. One that was put there meanwhile is released.
    private static func giveBack(_ cache: PreparedKeys) {
        let address = UInt(bitPattern: Unmanaged.passRetained(cache).toOpaque())
        let other = shared.exchange(address, ordering: .acquiringAndReleasing)
        if let other = UnsafeRawPointer(bitPattern: other) { Unmanaged<PreparedKeys>.fromOpaque(other).release() }
    }
}
