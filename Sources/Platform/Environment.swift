import CLibrary
import CPlatform

/// The environment, as far as it may be trusted.
public enum Environment {
    /// The value of a variable; nil where it is unset or empty, and always in a setuid program or one with file
    /// capabilities, whose user must not steer it (secure_getenv(3)).
    public static func value(of name: String) -> String? {
        guard let value = secure_getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// Whether a variable is set that `value` ignores because the process has more rights than its user, and that a
    /// library which reads it with getenv(3) would use.
    public static func hasUntrusted(_ name: String) -> Bool { getenv(name) != nil && secure_getenv(name) == nil }
}
