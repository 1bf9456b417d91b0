import CLibrary

/// A pthread mutex. Not `Synchronization.Mutex`: that one aborts in the child of a fork and hides its
/// happens-before edges from the thread sanitizer.
public final class Lock: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>

    /// An unlocked mutex.
    public init() {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Waits for the mutex.
    @inlinable public func lock() { pthread_mutex_lock(mutex) }

    /// Lets the next one in.
    @inlinable public func unlock() { pthread_mutex_unlock(mutex) }

    /// Makes the mutex new and unlocked, whoever held it: for the child of a fork, which has one thread.
    public func reinitialiseAfterFork() { pthread_mutex_init(mutex, nil) }

    /// Runs `body` while holding the mutex, unless somebody has it: the result is nil then.
    @inlinable public func withLockIfFree<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R? {
        guard pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { unlock() }
        return try body()
    }

    /// Runs `body` while holding the mutex.
    @inlinable public func withLock<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        lock()
        defer { unlock() }
        return try body()
    }
}
