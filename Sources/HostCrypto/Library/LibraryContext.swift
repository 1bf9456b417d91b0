import CLibrary
import COpenSSL
import Synchronization

/// The libcrypto library context that all of HostCrypto works in.
///
/// Rules of this room:
/// - The context is our own, with the default provider in it: no provider that the host or its configuration has
///   loaded (perhaps one that calls this very module) serves a call from here. Below it libcrypto 3.0 still asks the
///   process's table of engines, and for that reads the process's configuration once, as it does for any user.
/// - No lock of ours is held while libcrypto runs, and the context is made anew in the child of a fork, since
///   another thread of the parent may have held a lock inside the old one.
/// - Every function that libcrypto's users see brackets its calls by `markErrors` and `ERR_pop_to_mark`, so that the
///   thread's error queue is left as it was found.
/// - Nothing of libcrypto is called before `markErrors` or `current`, which see to it that libcrypto registers no exit
///   handler: it would run under the host's threads.
enum LibraryContext {
    /// The context's address, 0 before the first use and in the child of a fork.
    private static let shared = Atomic<UInt>(0)
    private static let watchesForks = Atomic<Bool>(false)

    /// The context, created at first use. It lives as long as the process: objects made in it may, too.
    static func current() throws(HostCryptoError) -> OpaquePointer {
        if let context = OpaquePointer(bitPattern: shared.load(ordering: .acquiring)) { return context }
        let new = try make()
        let (won, winner) = shared.compareExchange(
            expected: 0, desired: UInt(bitPattern: new), ordering: .acquiringAndReleasing)
        guard !won, let other = OpaquePointer(bitPattern: winner) else { return new }
        OSSL_LIB_CTX_free(new)
        return other
    }

    private static let isPrepared = Atomic<Bool>(false)

    /// ERR_set_mark, which may be the first call to libcrypto that this process makes.
    static func markErrors() {
        if !isPrepared.load(ordering: .relaxed) {
            // No other flag: OPENSSL_INIT_NO_LOAD_CONFIG would keep the host from loading its configuration later.
            OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
            isPrepared.store(true, ordering: .relaxed)
        }
        ERR_set_mark()
    }

    private static func make() throws(HostCryptoError) -> OpaquePointer {
        markErrors()
        defer { ERR_pop_to_mark() }
        if !watchesForks.exchange(true, ordering: .relaxed) {
            pthread_atfork(nil, nil) { LibraryContext.shared.store(0, ordering: .releasing) }
        }
        guard let context = OSSL_LIB_CTX_new() else { throw .libcrypto(step: "OSSL_LIB_CTX_new") }
        // The provider is freed with its context.
        guard OSSL_PROVIDER_load(context, "default") != nil else {
            OSSL_LIB_CTX_free(context)
            throw .libcrypto(step: "OSSL_PROVIDER_load")
        }
        return context
    }
}
