/// How the card was shown a PIN for a login, or for one use of a key.
public enum LoginSecret: Sendable {
    /// By this PIN, as long as it is kept.
    case pin(StoredPIN)
    /// On the reader's own keys: nobody here has it.
    case typedOnReader

    /// Whether it was a PIN that has been wiped since.
    public var isWiped: Bool {
        switch self {
        case .pin(let pin): pin.isWiped
        case .typedOnReader: false
        }
    }

    /// Whether it is the same PIN; false once the PIN has been wiped.
    public func isEqual(to other: StoredPIN) -> Bool {
        switch self {
        case .pin(let pin): pin.isEqual(to: other)
        case .typedOnReader: false
        }
    }
}
