import HostCrypto
import ISO7816

/// The public key that GENERATE ASYMMETRIC KEY PAIR answers (tag 7F49; OpenPGP card 3.4.1, section 7.2.14): 81 modulus
/// and 82 exponent, or 86 point.
public struct PublicKeyTemplate: Hashable, Sendable {
    /// The key, as far as it can be told what it is.
    public let publicKey: PublicKey?

    /// Parses an answer; the key's algorithm attributes tell which curve a point is on. Nil where it is no template.
    package init?(parsing bytes: [UInt8], attributes: AlgorithmAttributes?) {
        guard let template = TLVReader(bytes).firstToEnd(0x7F49) else { return nil }
        guard let key = Self.key(TLVReader(template), attributes), (try? key.validate()) != nil else {
            publicKey = nil
            return
        }
        publicKey = key
    }

    private static func key(_ template: TLVReader, _ attributes: AlgorithmAttributes?) -> PublicKey? {
        if let modulus = template.first(0x81)?.value, let exponent = template.first(0x82)?.value {
            return .rsa(modulus: Array(modulus.drop { $0 == 0 }), publicExponent: Array(exponent.drop { $0 == 0 }))
        }
        guard let value = template.first(0x86)?.value, let type = attributes?.curve?.keyType else { return nil }
        let point = Array(value)
        if case .ec(let curve) = type { return (try? curve.uncompressed(point)).map { .ec(curve, point: $0) } }
        return type.octetCount.flatMap { PublicKey(type, octets: withoutPrefix(point, size: $0)) }
    }

    /// OpenPGP itself writes 40 before such a point (RFC 6637bis, section 13.3), and so do some cards.
    static func withoutPrefix(_ point: [UInt8], size: Int) -> [UInt8] {
        point.count == size + 1 && point.first == 0x40 ? Array(point.dropFirst()) : point
    }
}
