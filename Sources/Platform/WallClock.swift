import CLibrary

/// The time of day, which an administrator can set.
public enum WallClock {
    /// Seconds since 1970.
    @Sendable public static func seconds() -> Int { time(nil) }
}
