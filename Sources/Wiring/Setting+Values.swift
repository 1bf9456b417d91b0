import Platform
import Token

/// Which values a setting has. A value that nobody knows counts as the strictest one: whoever wrote it wanted something, and
/// surely no less care than usual.
extension Setting {
    /// The values, in words for a person; nil where any text is one.
    public var knownValues: String? {
        switch self {
        case .identity: "opensc, card"
        case .eachUse: "login"
        case .pinCache: "session, off, or a number of seconds from 1 to 86400"
        case .pinPad: "off"
        case .verify: "all, rsa, off"
        case .keyRoles: "separate, standard"
        case .applications: "piv, openpgp, or both with a comma between them"
        case .log, .trace, .readers, .serials: nil
        }
    }

    /// What an unknown value counts as, in words for a person.
    private var strictest: String {
        switch self {
        case .identity: "what the card says of itself is shown"
        case .eachUse: "each use asks for the PIN"
        case .pinCache: "it counts as off"
        case .pinPad: "PINs are typed on readers that have keys"
        case .verify: "it counts as all"
        case .keyRoles: "it counts as separate"
        case .applications: "a name that is unknown serves no card"
        case .log, .trace, .readers, .serials: ""
        }
    }

    /// Whether a text is one of the values.
    public func isKnown(_ text: String) -> Bool {
        switch self {
        case .identity: TokenIdentity(setting: text) != nil
        case .eachUse: text == "login"
        case .pinCache: PINRetention(setting: text) != nil
        case .pinPad: text == "off"
        case .verify: ["all", "rsa", "off"].contains(text)
        case .keyRoles: ["separate", "standard"].contains(text)
        case .applications:
            text.lowercased().split(separator: ",").allSatisfy { ["piv", "openpgp"].contains(String($0.trimmed)) }
        case .log, .trace, .readers, .serials: true
        }
    }

    /// What is wrong with the value that is in force, in words for a person; nil where nothing is.
    public func complaint(in file: SettingsFile) -> String? {
        guard let (text, origin) = value(in: file), !isKnown(text), let knownValues else { return nil }
        let name = origin == .environment ? variable : "\(SettingsFile.path): \(rawValue)"
        let hasBlanks = text.first?.isWhitespace ?? false || text.last?.isWhitespace ?? false
        let blanks = hasBlanks ? ", which has a blank at its end or beginning" : ""
        return "\(name) has no value '\(text)'\(blanks): \(strictest); the values are \(knownValues)"
    }

    /// What is wrong with all values that are in force.
    public static func complaints(in file: SettingsFile) -> [String] { allCases.compactMap { $0.complaint(in: file) } }
}
