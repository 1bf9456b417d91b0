/// The version of Martlet: the one place where it stands. C_GetInfo, `--version` of both programs, the man pages and the
/// Debian packages take it from here, and the newest dated release in CHANGELOG.md is this one.
///
/// It follows Semantic Versioning; what may change within a version is in CHANGELOG.md's head.
public enum Version {
    /// What breaks when it changes.
    public static let major: UInt8 = 0
    /// What is added, or, before 1.0, breaks.
    public static let minor: UInt8 = 1
    /// What is mended.
    public static let patch: UInt8 = 0

    /// The three with dots between them.
    public static var text: String { "\(major).\(minor).\(patch)" }
}
