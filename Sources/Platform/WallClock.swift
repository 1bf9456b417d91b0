import Glibc

/// The time of day, as somebody has set it.
public enum WallClock {
    /// Seconds since 1970.
    @Sendable public static func seconds() -> Int { time(nil) }
}
