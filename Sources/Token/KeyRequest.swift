/// What a new key is to be beside its algorithm. Nil leaves it to the card.
public struct KeyRequest: Hashable, Sendable {
    /// When the PIN is to be asked for.
    public var pin: KeyPolicy.PINPolicy?
    /// When a touch is to be asked for.
    public var touch: KeyPolicy.TouchPolicy?
    /// When the key was made, in seconds since 1970, where the card writes that down: nil for a key that is made now.
    public var creationTime: UInt32?

    /// A request.
    public init(
        pin: KeyPolicy.PINPolicy? = nil, touch: KeyPolicy.TouchPolicy? = nil, creationTime: UInt32? = nil
    ) {
        self.pin = pin
        self.touch = touch
        self.creationTime = creationTime
    }
}
