import Platform
import Token

/// What the environment sets. A setuid program ignores its user's environment.
public struct Settings: Sendable {
    /// The environment variables.
    public enum Variable: String, CaseIterable, Sendable {
        /// `opensc` shows the token fields that OpenSC shows.
        case identity = "MARTLET_IDENTITY"
        /// `login` gives the PIN of the login for each use of a key that wants it.
        case eachUse = "MARTLET_EACH_USE"
        /// `all` verifies each signature of a card before it leaves, and not only RSA's.
        case verify = "MARTLET_VERIFY"
        /// Where lines on errors go.
        case log = "MARTLET_LOG"
        /// Where APDUs go, with PINs and plaintext left out.
        case trace = "MARTLET_TRACE"

        /// What it is set to; nil where it is not.
        public var value: String? { Environment.value(of: rawValue) }
    }

    /// Which of a token's fields to show.
    public let identity: TokenIdentity
    /// Whether the PIN of the login is given for each use of a key that wants it.
    public let loginServesEachUse: Bool
    /// Whether each signature of a card is verified before it leaves, and not only RSA's.
    public let verifiesAllSignatures: Bool
    /// Where lines on errors go.
    public let log: LogFile?
    /// Where APDUs go.
    public let trace: LogFile?

    /// The settings of this process.
    public static func current() -> Settings {
        Settings(
            identity: Variable.identity.value == "opensc" ? .opensc : .truthful,
            loginServesEachUse: Variable.eachUse.value == "login",
            verifiesAllSignatures: Variable.verify.value == "all",
            log: Variable.log.value.flatMap(LogFile.init), trace: Variable.trace.value.flatMap(LogFile.init))
    }
}
