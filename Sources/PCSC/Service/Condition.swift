import CLibrary
import Platform

/// A pthread mutex and a condition that its threads wait for, by the clock that nobody sets.
final class Condition: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` while holding the mutex.
    func withLock<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Wakes all who wait. The mutex is held.
    func broadcast() { pthread_cond_broadcast(condition) }

    /// Waits until `isMet` or until so much time has passed. The mutex is held, and let go of meanwhile.
    ///
    /// - Returns: whether it is met.
    func wait(milliseconds: Int, until isMet: () -> Bool) -> Bool {
        if isMet() { return true }
        guard milliseconds > 0 else { return false }
        let nanoseconds = MonotonicClock.nanoseconds + UInt64(min(milliseconds, 86_400_000)) * 1_000_000
        var deadline = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        while !isMet() {
            if pthread_cond_timedwait(condition, mutex, &deadline) != 0 { return isMet() }
        }
        return true
    }
}
