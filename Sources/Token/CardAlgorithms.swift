/// What keys a card of this kind can have, and what for: by its specification and version.
public struct CardAlgorithms: Hashable, Sendable {
    /// RSA: the lengths of the modulus, in bits.
    public let rsa: ClosedRange<Int>?
    /// ECDSA: the lengths of the field, in bits.
    public let ecdsa: ClosedRange<Int>?
    /// EdDSA: the lengths of the field, in bits.
    public let edDSA: ClosedRange<Int>?
    /// Key agreement on any curve: the lengths of the field, in bits.
    public let agreement: ClosedRange<Int>?

    /// The algorithms of a card; nil for those that it does not have.
    public init(
        rsa: ClosedRange<Int>?, ecdsa: ClosedRange<Int>? = nil, edDSA: ClosedRange<Int>? = nil,
        agreement: ClosedRange<Int>? = nil
    ) {
        self.rsa = rsa
        self.ecdsa = ecdsa
        self.edDSA = edDSA
        self.agreement = agreement
    }
}
