import CLibrary

/// The time since the machine was started, without the time for which it was suspended. Nobody can set it.
public enum MonotonicClock {
    /// Nanoseconds.
    public static var nanoseconds: UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }

    /// Milliseconds.
    @Sendable public static func milliseconds() -> Int { Int(nanoseconds / 1_000_000) }
}
