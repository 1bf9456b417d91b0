import COpenSSL
import Synchronization

/// The public keys that were used last, as libcrypto has them: to make one anew takes as long as a verification with it.
///
/// One thread has the cache at a time, and none waits for it: who finds it taken makes the key anew. So a fork meets no
/// lock here, and the child, whose library context is another one, starts an empty cache.
final class NativeKeyCache {
    private static let shared = Atomic<UInt>(0)
    private static let capacity = 8

    private let context: OpaquePointer
    private var keys: [(key: PublicKey, native: OpaquePointer)] = []

    private init(_ context: OpaquePointer) { self.context = context }

    deinit { for (_, native) in keys { EVP_PKEY_free(native) } }

    /// The key as it was kept, or else as `make` makes it; that is kept then.
    static func key(
        _ key: PublicKey, make: () throws(HostCryptoError) -> NativeHandle
    ) throws(HostCryptoError) -> NativeHandle {
        let context = try LibraryContext.current()
        let cache = take(of: context) ?? NativeKeyCache(context)
        defer { giveBack(cache) }
        if let native = cache.find(key) { return try handle(native) }
        let made = try make()
        cache.keep(key, made.pointer)
        return made
    }

    private func find(_ key: PublicKey) -> OpaquePointer? {
        guard let index = keys.firstIndex(where: { $0.key == key }) else { return nil }
        if index > 0 { keys.insert(keys.remove(at: index), at: 0) }
        return keys[0].native
    }

    private func keep(_ key: PublicKey, _ native: OpaquePointer) {
        guard EVP_PKEY_up_ref(native) == 1 else { return }
        keys.insert((key, native), at: 0)
        if keys.count > Self.capacity { EVP_PKEY_free(keys.removeLast().native) }
    }

    private static func handle(_ native: OpaquePointer) throws(HostCryptoError) -> NativeHandle {
        try require(EVP_PKEY_up_ref(native), "EVP_PKEY_up_ref")
        return try NativeHandle(native, step: "EVP_PKEY_up_ref", free: EVP_PKEY_free)
    }

    /// The cache, which nobody else has now; nil where somebody else has it, or there is none for this context.
    private static func take(of context: OpaquePointer) -> NativeKeyCache? {
        guard let address = UnsafeRawPointer(bitPattern: shared.exchange(0, ordering: .acquiring)) else { return nil }
        let found = Unmanaged<NativeKeyCache>.fromOpaque(address)
        // A cache of the parent is left alone: another thread may have been inside libcrypto.
        guard found._withUnsafeGuaranteedRef({ $0.context }) == context else { return nil }
        return found.takeRetainedValue()
    }

    /// Lets others have the cache. One that was made meanwhile goes.
    private static func giveBack(_ cache: NativeKeyCache) {
        let address = UInt(bitPattern: Unmanaged.passRetained(cache).toOpaque())
        let other = shared.exchange(address, ordering: .acquiringAndReleasing)
        if let other = UnsafeRawPointer(bitPattern: other) { Unmanaged<NativeKeyCache>.fromOpaque(other).release() }
    }
}
