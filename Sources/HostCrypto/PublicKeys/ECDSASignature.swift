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

    /// Reads r ‖ s of two equal halves as some cards answer them: each with leading zeros beyond the field size, or
    /// without all of its own (SmartPGP sends the halves as long as DER would have the longer one). `invalidLength` where
    /// the halves are not equal, or a number is longer than `fieldSize` bytes.
    public init(halves bytes: [UInt8], fieldSize: Int) throws(HostCryptoError) {
        guard (1...128).contains(fieldSize), !bytes.isEmpty, bytes.count % 2 == 0 else { throw .invalidLength }
        let half = bytes.count / 2
        fixedWidth =
            try Self.padded(bytes.prefix(half), to: fieldSize) + Self.padded(bytes.suffix(half), to: fieldSize)
    }

    /// Reads DER as some cards answer it: numbers with leading zeros, or without the one before a top bit, and bytes behind
    /// the sequence. `malformed` where it is anything else, `invalidLength` where a number is longer than `fieldSize` bytes.
    public init(lenientDER der: [UInt8], fieldSize: Int) throws(HostCryptoError) {
        guard (1...128).contains(fieldSize) else { throw .invalidLength }
        var outer = DERReader(der)
        var numbers = try outer.enter(0x30)
        let (r, s) = (try numbers.magnitude(), try numbers.magnitude())
        fixedWidth = try Self.padded(r, to: fieldSize) + Self.padded(s, to: fieldSize)
    }

    private static func padded(_ number: ArraySlice<UInt8>, to size: Int) throws(HostCryptoError) -> [UInt8] {
        let digits = number.drop { $0 == 0 }
        guard digits.count <= size else { throw .invalidLength }
        return [UInt8](repeating: 0, count: size - digits.count) + digits
    }

    /// The signature in DER.
    public var der: [UInt8] {
        let half = fixedWidth.count / 2
        return DER.sequence(
            DER.unsignedInteger(Array(fixedWidth.prefix(half))), DER.unsignedInteger(Array(fixedWidth.suffix(half))))
    }
}
