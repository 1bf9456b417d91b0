/// What the card says of a private key beside its public half.
public struct KeyPolicy: Hashable, Sendable {
    /// When the user's PIN is asked for.
    public enum PINPolicy: Hashable, Sendable {
        /// Never: the key works without login.
        case never
        /// Once: one login serves all uses.
        case once
        /// Always: each use needs the PIN right before it.
        case always
    }

    /// When a person must touch the token.
    public enum TouchPolicy: Hashable, Sendable {
        /// Never.
        case never
        /// Before each use.
        case always
        /// Before a use that comes more than some seconds after the last touch.
        case cached
    }

    /// How the key came to be on the card.
    public enum Origin: Hashable, Sendable {
        /// The card made it.
        case generated
        /// It was imported.
        case imported
        /// The card does not tell.
        case unknown
    }

    /// When the PIN is asked for.
    public var pin: PINPolicy
    /// When a touch is asked for.
    public var touch: TouchPolicy
    /// How the key came to be.
    public var origin: Origin

    /// A policy.
    public init(pin: PINPolicy, touch: TouchPolicy = .never, origin: Origin = .unknown) {
        self.pin = pin
        self.touch = touch
        self.origin = origin
    }
}

/// What a private key can be used for.
public struct KeyUsage: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Signatures.
    public static let sign = KeyUsage(rawValue: 1)
    /// Decryption of what was encrypted with the public key.
    public static let decrypt = KeyUsage(rawValue: 2)
    /// Key agreement (Diffie-Hellman).
    public static let derive = KeyUsage(rawValue: 4)
}
