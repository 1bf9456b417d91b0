import HostCrypto

/// A certificate or a certification request that lacks only its signature, which somebody else makes: a card.
public struct UnsignedDocument: Hashable, Sendable {
    /// The DER that is signed.
    public let message: [UInt8]
    /// How.
    public let algorithm: SignatureAlgorithm

    /// The whole document: message, algorithm and signature (RFC 5280, section 4.1.1; RFC 2986, section 4.2).
    public func with(signature: [UInt8]) -> [UInt8] {
        DER.sequence(message, algorithm.identifier, DER.bitString(signature))
    }
}
