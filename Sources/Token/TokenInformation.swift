/// Who a token is: the fields that people's configurations name.
public struct TokenInformation: Hashable, Sendable {
    /// The token's name, for people.
    public var label: String
    /// Who made the card.
    public var manufacturer: String
    /// Which kind of card and application it is.
    public var model: String
    /// The number that tells this card from all others of its kind: at most 16 characters.
    public var serialNumber: String
    /// The version of the card's firmware, or zeros where it does not tell.
    public var firmwareVersion: Version
    /// How long the user's PIN may be, in bytes.
    public var pinLengths: ClosedRange<Int>
    /// How long the administrator's secret may be, as people type it.
    public var administratorSecretLengths: ClosedRange<Int>
    /// Whether the application holds any private key, as far as it can tell without much cost.
    public var holdsKeys: Bool

    /// A major and a minor number.
    public struct Version: Hashable, Sendable {
        /// The first number.
        public var major: UInt8
        /// The second number.
        public var minor: UInt8

        /// A version.
        public init(major: UInt8, minor: UInt8) {
            self.major = major
            self.minor = minor
        }
    }

    /// All fields of a token.
    public init(
        label: String, manufacturer: String, model: String, serialNumber: String,
        firmwareVersion: Version = Version(major: 0, minor: 0), pinLengths: ClosedRange<Int>,
        administratorSecretLengths: ClosedRange<Int>, holdsKeys: Bool = true
    ) {
        self.label = label
        self.manufacturer = manufacturer
        self.model = model
        self.serialNumber = serialNumber
        self.firmwareVersion = firmwareVersion
        self.pinLengths = pinLengths
        self.administratorSecretLengths = administratorSecretLengths
        self.holdsKeys = holdsKeys
    }
}

/// How many tries a PIN has left.
public struct PINStatus: Hashable, Sendable {
    /// The tries that are left, or nil where the card does not tell.
    public var retriesLeft: Int?
    /// The tries that a fresh PIN has, where known.
    public var retriesInAll: Int?

    /// A status.
    public init(retriesLeft: Int?, retriesInAll: Int? = nil) {
        self.retriesLeft = retriesLeft
        self.retriesInAll = retriesInAll
    }
}

/// Which of a token's fields to show.
public enum TokenIdentity: Hashable, Sendable {
    /// What the card is.
    case truthful
    /// What OpenSC shows for it, for `pkcs11:` URIs that name it so.
    case opensc
    /// What stays as long as the card does: no new key and no renewed certificate changes serial number or label.
    case card
}
