/// The two forms of an ECDSA signature: r ‖ s in fixed width, as PKCS#11 has it, and Ecdsa-Sig-Value in DER, as
/// cards and certificates have it (RFC 3279, section 2.2.3).
public struct ECDSASignature: Hashable, Sendable {
    /// r ‖ s, each big-endian in the curve's field size.
    public let fixedWidth: [UInt8]

    /// Takes r ‖ s of twice `fieldSize` bytes; `invalidLength` otherwise.
    public init(fixedWidth: [UInt8], fieldSize: Int) throws(HostCryptoError) {
        guard (1...128).contains(fieldSize), fixedWidth.count == 2 * fieldSize else { throw .invalidLength }
        self.fixedWidth = fixedWidth
    }

    /// Reads DER. `malformed` where it is anything else, or has trailing bytes, a negative number, or one that is
    /// longer than `fieldSize` bytes.
    public init(der: [UInt8], fieldSize: Int) throws(HostCryptoError) {
        guard (1...128).contains(fieldSize) else { throw .invalidLength }
        var outer = DERReader(der)
        var numbers = try outer.enter(0x30)
        try outer.end()
        var fixedWidth: [UInt8] = []
        for _ in 0..<2 {
            let number = try numbers.unsignedInteger()
            guard number.count <= fieldSize else { throw .malformed }
            fixedWidth += [UInt8](repeating: 0, count: fieldSize - number.count) + number
        }
        try numbers.end()
        self.fixedWidth = fixedWidth
    }

    /// The signature in DER.
    public var der: [UInt8] {
        let half = fixedWidth.count / 2
        return DER.sequence(
            DER.unsignedInteger(Array(fixedWidth.prefix(half))), DER.unsignedInteger(Array(fixedWidth.suffix(half))))
    }
}
