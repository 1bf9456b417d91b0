import HostCrypto
import ISO7816
import Token

/// The answer of GET METADATA for a key (Yubico PIV extensions): tags 01 algorithm, 02 PIN and touch policy,
/// 03 origin, 04 public key, 05 whether it is the maker's.
package struct KeyMetadata: Hashable {
    let algorithm: PIVAlgorithm
    /// The policy byte 00 means what the specification says for the key reference.
    let pinPolicy: KeyPolicy.PINPolicy?
    let touchPolicy: KeyPolicy.TouchPolicy
    private(set) var origin: KeyPolicy.Origin
    /// Nil where the card tells none, or one that is not valid.
    let publicKey: PublicKey?
    /// Whether the management key is the maker's (tag 05); nil where the card does not tell.
    let isFactoryValue: Bool?
    /// Whether the card tells of a key and not only of an algorithm, as Swissbit's does for every place.
    let tellsKey: Bool

    /// What is known of a key that the card has just made or taken and tells nothing more of.
    init(_ algorithm: PIVAlgorithm, _ origin: KeyPolicy.Origin, _ publicKey: PublicKey, _ request: KeyRequest) {
        self.algorithm = algorithm
        pinPolicy = request.pin
        touchPolicy = request.touch ?? .never
        self.origin = origin
        self.publicKey = publicKey
        isFactoryValue = nil
        tellsKey = true
    }

    /// The same without a word on whether the key was made or brought: PivApplet says 01, "made", of what was brought (its
    /// processGetMetadata).
    var ofUnknownOrigin: KeyMetadata {
        var metadata = self
        metadata.origin = .unknown
        return metadata
    }

    /// Whether a card has no key in a place but policies and an origin, as PivApplet tells it (`02 02 .. .. 03 01 ..`).
    /// Policies alone, or nothing, say nothing (Nitrokey 3).
    static func isOfEmptyPlace(_ bytes: [UInt8]) -> Bool {
        let reader = TLVReader(bytes)
        return reader.first(0x01) == nil && reader.first(0x04) == nil && reader.first(0x02) != nil
            && reader.first(0x03) != nil
    }

    package init?(parsing bytes: [UInt8]) {
        let reader = TLVReader(bytes)
        guard let algorithm = reader.first(0x01)?.value, algorithm.count == 1 else { return nil }
        let identifier = PIVAlgorithm(rawValue: algorithm[algorithm.startIndex])
        self.algorithm = identifier
        let policy = reader.first(0x02)?.value ?? []
        switch policy.first {
        case 1: pinPolicy = .never
        // 4 and 5: a fingerprint, or a fingerprint or the PIN, once and always (YubiKey Bio).
        case 2, 4: pinPolicy = .once
        case 3, 5: pinPolicy = .always
        default: pinPolicy = nil
        }
        switch policy.dropFirst().first {
        case 2: touchPolicy = .always
        case 3: touchPolicy = .cached
        default: touchPolicy = .never
        }
        switch reader.first(0x03)?.value.first {
        case 1: origin = .generated
        case 2: origin = .imported
        default: origin = .unknown
        }
        tellsKey = reader.first(0x04) != nil
        let told = reader.first(0x04).flatMap { Self.publicKey($0.children, identifier) }
        isFactoryValue = reader.first(0x05)?.value.first.map { $0 == 1 }
        publicKey = told.flatMap { (try? $0.validate()) == nil ? nil : $0 }
    }

    /// The public key of a key reference (SP 800-73-5 part 2, section 3.3.2): 81 modulus and 82 exponent, or 86 point.
    static func publicKey(_ reader: TLVReader, _ algorithm: PIVAlgorithm) -> PublicKey? {
        if algorithm.isRSA {
            guard let modulus = reader.first(0x81)?.value, let exponent = reader.first(0x82)?.value else { return nil }
            return .rsa(modulus: Array(modulus.drop { $0 == 0 }), publicExponent: Array(exponent.drop { $0 == 0 }))
        }
        guard let point = (reader.first(0x86)?.value).map({ Array($0) }) else { return nil }
        switch algorithm {
        case .p256: return .ec(.p256, point: point)
        case .p384: return .ec(.p384, point: point)
        case .ed25519 where point.count == 32: return .edwards(.ed25519, point)
        case .x25519 where point.count == 32: return .montgomery(.x25519, point)
        default: return nil
        }
    }
}
