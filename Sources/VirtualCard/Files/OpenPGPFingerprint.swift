import HostCrypto
import Keys

/// What names a key in OpenPGP: the hash of its public key packet. The card only keeps it for the host.
enum OpenPGPFingerprint {
    /// The fingerprint of a version 4 key (RFC 9580, sections 5.5.2.2 and 5.5.4.2) that was made at this time.
    static func fingerprint(
        of key: PublicKey, _ algorithm: OpenPGPAlgorithm, in slot: OpenPGPKeySlot, time: UInt32
    ) throws(HostCryptoError) -> [UInt8] {
        let seconds = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: time >> $0) }
        let packet = [0x04] + seconds + material(key, algorithm, in: slot)
        return try Digest.sha1.hash([0x99, UInt8(packet.count >> 8 & 0xFF), UInt8(packet.count & 0xFF)] + packet)
    }

    /// The algorithm's number and its fields (RFC 9580, section 5.5.5). Edwards and Montgomery keys have the form that
    /// GnuPG 2 has for them, with 40 before the octets.
    private static func material(
        _ key: PublicKey, _ algorithm: OpenPGPAlgorithm, in slot: OpenPGPKeySlot
    ) -> [UInt8] {
        let curve = algorithm.curveIdentifier.map { [UInt8(clamping: $0.count)] + $0 } ?? []
        switch key {
        case .rsa(let modulus, let exponent): return [0x01] + number(modulus) + number(exponent)
        case .edwards(_, let octets): return [0x16] + curve + number([0x40] + octets)
        case .montgomery(_, let octets):
            return [0x12] + curve + number([0x40] + octets) + derivation(algorithm)
        case .ec(_, let point):
            guard slot == .decryption else { return [0x13] + curve + number(point) }
            return [0x12] + curve + number(point) + derivation(algorithm)
        }
    }

    /// A multiprecision integer (RFC 9580, section 3.2).
    private static func number(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
        return [UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)] + digits
    }

    /// The KDF parameters of ECDH: hash and cipher by the curve's size (RFC 9580, section 11.5.1).
    private static func derivation(_ algorithm: OpenPGPAlgorithm) -> [UInt8] {
        switch algorithm {
        case .p384, .brainpoolP384r1: [0x03, 0x01, 0x09, 0x08]
        case .p521, .brainpoolP512r1, .x448: [0x03, 0x01, 0x0A, 0x09]
        default: [0x03, 0x01, 0x08, 0x07]
        }
    }
}
