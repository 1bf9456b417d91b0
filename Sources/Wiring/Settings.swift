import Platform
import Token

/// What the environment sets. A setuid program ignores its user's environment.
public struct Settings: Sendable {
    /// MARTLET_IDENTITY: `opensc` shows the token fields that OpenSC shows.
    public let identity: TokenIdentity
    /// MARTLET_EACH_USE: `login` gives the PIN of the login for each use of a key that wants it.
    public let loginServesEachUse: Bool
    /// MARTLET_VERIFY: `all` verifies each signature of a card before it leaves, and not only RSA's.
    public let verifiesAllSignatures: Bool
    /// MARTLET_LOG: where lines on errors go.
    public let log: LogFile?
    /// MARTLET_TRACE: where APDUs go, with PINs and plaintext left out.
    public let trace: LogFile?

    /// The settings of this process.
    public static func current() -> Settings {
        Settings(
            identity: Environment.value(of: "MARTLET_IDENTITY") == "opensc" ? .opensc : .truthful,
            loginServesEachUse: Environment.value(of: "MARTLET_EACH_USE") == "login",
            verifiesAllSignatures: Environment.value(of: "MARTLET_VERIFY") == "all",
            log: Environment.value(of: "MARTLET_LOG").flatMap(LogFile.init),
            trace: Environment.value(of: "MARTLET_TRACE").flatMap(LogFile.init))
    }
}
