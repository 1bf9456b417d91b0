import Token

/// Whether a person must confirm the use of a key (tags D6 to D8; OpenPGP card 3.4.1, section 4.4.1). Unknown values
/// survive.
public struct UserInteractionFlag: RawRepresentable, Hashable, Sendable {
    /// The first byte.
    public let rawValue: UInt8

    /// A flag of this value.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// 00: not needed.
    public static let off = UserInteractionFlag(rawValue: 0)
    /// 01: at each use.
    public static let on = UserInteractionFlag(rawValue: 1)
    /// 02: at each use, until the key is replaced.
    public static let fixed = UserInteractionFlag(rawValue: 2)
    /// 03: at a use that comes some seconds after the last touch (Yubico).
    public static let cached = UserInteractionFlag(rawValue: 3)
    /// 04: the same, until the key is replaced (Yubico).
    public static let cachedFixed = UserInteractionFlag(rawValue: 4)

    /// Parses the value of tag D6, D7 or D8: the flag, then the features of 7F74 that serve for it.
    package init?(parsing bytes: some Collection<UInt8>) {
        guard let first = bytes.first else { return nil }
        self.init(rawValue: first)
    }

    /// What it means for a user.
    var touchPolicy: KeyPolicy.TouchPolicy {
        switch self {
        case .off: .never
        case .cached, .cachedFixed: .cached
        default: .always
        }
    }
}
