import Glibc

/// The time since the machine was started, which nobody sets.
enum MonotonicClock {
    /// Nanoseconds.
    static var nanoseconds: UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
