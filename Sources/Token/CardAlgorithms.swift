/// What keys a card can have, and what for. Nil stands for those that it does not have.
public struct CardAlgorithms: Hashable, Sendable {
    /// RSA: the lengths of the modulus, in bits.
    public var rsa: ClosedRange<Int>?
    /// RSA: those of the keys that the card makes.
    public var newRSA: ClosedRange<Int>?
    /// ECDSA: the lengths of the field, in bits.
    public var ecdsa: ClosedRange<Int>?
    /// EdDSA: the lengths of the field, in bits.
    public var edDSA: ClosedRange<Int>?
    /// Key agreement on curves in short Weierstrass form: the lengths of the field, in bits.
    public var agreement: ClosedRange<Int>?
    /// Key agreement on Montgomery curves: the lengths of the field, in bits.
    public var montgomery: ClosedRange<Int>?
    /// Whether there may be an AES key.
    public var hasAES: Bool

    /// The algorithms of a card.
    ///
    /// - Parameter newRSA: nil where the card makes all that it can have.
    public init(
        rsa: ClosedRange<Int>?, newRSA: ClosedRange<Int>? = nil, ecdsa: ClosedRange<Int>? = nil,
        edDSA: ClosedRange<Int>? = nil, agreement: ClosedRange<Int>? = nil, montgomery: ClosedRange<Int>? = nil,
        hasAES: Bool = false
    ) {
        self.rsa = rsa
        self.newRSA = newRSA ?? rsa
        self.ecdsa = ecdsa
        self.edDSA = edDSA
        self.agreement = agreement
        self.montgomery = montgomery
        self.hasAES = hasAES
    }
}
