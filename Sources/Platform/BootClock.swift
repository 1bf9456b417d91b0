import CLibrary

/// The time since the machine was started, with the time for which it was suspended.
public enum BootClock {
    /// Milliseconds.
    @Sendable public static func milliseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }
}
