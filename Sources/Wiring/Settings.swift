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
        /// `session`, `off`, or a number of seconds: how long a PIN is kept in memory.
        case pinCache = "MARTLET_PIN_CACHE"
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
    /// For how long a PIN is kept in memory.
    public let pinRetention: PINRetention
    /// Whether each signature of a card is verified before it leaves, and not only RSA's.
    public let verifiesAllSignatures: Bool
    /// Where lines on errors go.
    public let log: LogFile?
    /// Where APDUs go.
    public let trace: LogFile?

    /// The settings of this process.
    public static func current() -> Settings {
        let pinRetention = Variable.pinCache.value.map(PINRetention.init(setting:)) ?? .session
        return Settings(
            identity: Variable.identity.value == "opensc" ? .opensc : .truthful,
            // A PIN that nobody keeps serves no second use.
            loginServesEachUse: Variable.eachUse.value == "login" && pinRetention != .off,
            pinRetention: pinRetention,
            verifiesAllSignatures: Variable.verify.value == "all",
            log: Variable.log.value.flatMap(LogFile.init), trace: Variable.trace.value.flatMap(LogFile.init))
    }
}

extension PINRetention {
    /// What a setting says: `session`, `off`, or seconds. Of anything else a person meant to keep PINs for a shorter time than
    /// usual, so none is kept.
    init(setting: String) {
        switch setting {
        case "session": self = .session
        default:
            let seconds = Int(setting).flatMap { (1...86_400).contains($0) ? $0 : nil }
            self = seconds.map { .seconds($0) } ?? .off
        }
    }
}
