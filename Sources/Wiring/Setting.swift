import Platform

/// A name that can be set: in a line `name = value` of the system's file, and as a variable of the environment.
public enum Setting: String, CaseIterable, Sendable {
    /// `opensc` shows the token fields that OpenSC shows, `card` those that no new key or certificate changes.
    case identity
    /// `login` gives the PIN of the login for each use of a key that wants it.
    case eachUse = "each-use"
    /// `session`, `off`, or a number of seconds: how long a PIN is kept in memory.
    case pinCache = "pin-cache"
    /// `off` has no PIN typed on the keys of a reader.
    case pinPad = "pin-pad"
    /// `all` (as without it), `rsa` or `off`: which signatures are verified before they leave.
    case verify
    /// `separate` gives each key in memory one role: what wraps does not decrypt.
    case keyRoles = "key-roles"
    /// Where lines on errors go.
    case log
    /// Where APDUs go, with PINs and plaintext left out.
    case trace
    /// A list: how the names of the readers begin that the module serves.
    case readers
    /// A list: the serial numbers of the tokens that the module serves.
    case serials
    /// A list: the card applications that the module serves, `piv` and `openpgp`.
    case applications

    /// The variable of the environment: `MARTLET_EACH_USE` for `each-use`.
    public var variable: String {
        "MARTLET_" + rawValue.uppercased().split(separator: "-").joined(separator: "_")
    }

    /// What it is set to, and where: the environment goes before the system's file.
    public func value(in file: SettingsFile) -> (text: String, origin: Origin)? {
        if let text = Environment.value(of: variable) { return (text, .environment) }
        return file.values[self].map { ($0, .file) }
    }

    /// Who sets it.
    public enum Origin: Sendable {
        /// Who starts the process.
        case environment
        /// The machine's administrator.
        case file
    }
}
