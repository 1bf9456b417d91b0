import HostCrypto
import Keys

/// The fingerprint of a version 4 key (RFC 9580, section 5.5.4.2), by which GnuPG knows a key on a card.
enum KeyFingerprint {
    /// SHA-1 of the public key packet.
    ///
    /// - Parameters:
    ///   - attributes: those of the key on the card: they tell what it is used for, and name its curve.
    ///   - time: when it was made, four bytes.
    static func of(
        _ key: PublicKey, _ attributes: AlgorithmAttributes, time: [UInt8]
    ) throws(HostCryptoError) -> [UInt8] {
        let packet = [0x04] + time + material(of: key, attributes)
        let count = [packet.count >> 8, packet.count].map { UInt8(truncatingIfNeeded: $0) }
        return try Digest.sha1.hash([0x99] + count + packet)
    }

    /// The algorithm and its fields (RFC 9580, section 5.5.5; points of Edwards and Montgomery curves behind 40, as GnuPG
    /// writes them, section 11.2.2).
    private static func material(of key: PublicKey, _ attributes: AlgorithmAttributes) -> [UInt8] {
        let curve = attributes.curve?.identifier ?? []
        let name = [UInt8(truncatingIfNeeded: curve.count)] + curve
        let isAgreement = if case .ecdh = attributes { true } else { false }
        switch key {
        case .rsa(let modulus, let exponent): return [0x01] + number(modulus) + number(exponent)
        case .ec(let curve, let point):
            guard isAgreement else { return [0x13] + name + number(point) }
            return [0x12] + name + number(point) + derivation(fieldSize: curve.fieldSize)
        case .edwards(_, let point): return [0x16] + name + number([0x40] + point)
        case .montgomery(_, let point):
            return [0x12] + name + number([0x40] + point) + derivation(fieldSize: point.count)
        }
    }

    /// A multiprecision integer (RFC 9580, section 3.2).
    private static func number(_ bytes: [UInt8]) -> [UInt8] {
        let digits = bytes.drop { $0 == 0 }
        let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
        return [UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)] + digits
    }

    /// How a secret becomes a key (RFC 9580, section 11.5): hash and cipher as GnuPG chooses them by the curve's size.
    private static func derivation(fieldSize: Int) -> [UInt8] {
        switch fieldSize {
        case ...32: [0x03, 0x01, 0x08, 0x07]
        case ...48: [0x03, 0x01, 0x09, 0x09]
        default: [0x03, 0x01, 0x0A, 0x09]
        }
    }
}
