import Platform
import Token

/// What is set for this process: in the environment, and in the system's file.
///
/// Rules of trust: a setuid program, and one that got capabilities from its file, ignore the environment, which is their
/// user's. A process of root's takes values from it, for whoever starts it may do more than they can; but what it would
/// write to is only standard error, or a file that is a log of the module's already (see `LogFile`). No file is read
/// but the one that only root can write to.
public struct Settings: Sendable {
    /// Which of a token's fields to show.
    public let identity: TokenIdentity
    /// Whether the PIN of the login is given for each use of a key that wants it.
    public let loginServesEachUse: Bool
    /// For how long a PIN is kept in memory.
    public let pinRetention: PINRetention
    /// Whether PINs are typed on readers that have keys.
    public let usesPINPads: Bool
    /// Which signatures are verified before they leave.
    public let signatureCheck: SignatureCheck
    /// Whether keys in memory have one role each.
    public let separatesKeyRoles: Bool
    /// Where lines on errors go.
    public let log: LogFile?
    /// Where APDUs go.
    public let trace: LogFile?
    /// The cards that the module serves.
    public var served: ServedCards
    /// What is wrong with the system's file and with values, in words.
    public let complaints: [String]

    /// The settings of this process.
    public static func current() -> Settings {
        let file = SettingsFile.read()
        func text(_ setting: Setting) -> String { setting.value(in: file)?.text ?? "" }
        func log(_ setting: Setting) -> LogFile? {
            setting.value(in: file).flatMap { LogFile($0.text, from: $0.origin) }
        }
        // Of an unknown value a person meant to keep PINs for a shorter time than usual, so none is kept.
        let pinRetention = PINRetention(setting: text(.pinCache)) ?? .off
        return Settings(
            identity: TokenIdentity(setting: text(.identity)) ?? .truthful,
            // A PIN that nobody keeps serves no second use.
            loginServesEachUse: text(.eachUse) == "login" && pinRetention != .off,
            pinRetention: pinRetention,
            usesPINPads: text(.pinPad) != "off", signatureCheck: SignatureCheck(setting: text(.verify)),
            separatesKeyRoles: !["", "standard"].contains(text(.keyRoles)),
            log: log(.log), trace: log(.trace),
            served: ServedCards(
                readers: text(.readers), serials: text(.serials), applications: text(.applications)),
            complaints: file.complaints + Setting.complaints(in: file))
    }
}

extension TokenIdentity {
    /// What a setting says: `opensc`, `card`, or nothing (as without it). Nil for anything else.
    init?(setting: String) {
        switch setting {
        case "": self = .truthful
        case "opensc": self = .opensc
        case "card": self = .card
        default: return nil
        }
    }
}

extension SignatureCheck {
    /// What a setting says. Anything that is no choice is the careful one.
    init(setting: String) {
        self =
            switch setting {
            case "rsa": .rsa
            case "off": .off
            default: .all
            }
    }
}

extension PINRetention {
    /// What a setting says: `session` (as without it), `off`, or seconds. Nil for anything else.
    init?(setting: String) {
        switch setting {
        case "", "session": self = .session
        case "off": self = .off
        default:
            // Digits alone: Int takes a sign too.
            guard setting.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int(setting),
                (1...86_400).contains(seconds)
            else { return nil }
            self = .seconds(seconds)
        }
    }
}
