import HostCrypto
import ISO7816
import Keys

/// The algorithm of a key (tags C1 to C3; OpenPGP card 3.4.1, section 4.4.3.9). Unknown values survive.
public enum AlgorithmAttributes: Hashable, Sendable {
    /// 01: RSA with so many bits of modulus and of public exponent.
    case rsa(modulusBits: Int, exponentBits: Int)
    /// 12: key agreement.
    case ecdh(CardCurve)
    /// 13: ECDSA.
    case ecdsa(CardCurve)
    /// 16: EdDSA.
    case eddsa(CardCurve)
    /// Anything else: all bytes.
    case unknown([UInt8])

    /// Parses the value of a tag C1, C2 or C3.
    package init(parsing bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        switch bytes.first {
        case 0x01 where bytes.count >= 5:
            self = .rsa(
                modulusBits: Int(bytes[1]) << 8 | Int(bytes[2]), exponentBits: Int(bytes[3]) << 8 | Int(bytes[4]))
        case 0x12 where bytes.count > 1: self = .ecdh(CardCurve(parsing: bytes.dropFirst()))
        case 0x13 where bytes.count > 1: self = .ecdsa(CardCurve(parsing: bytes.dropFirst()))
        case 0x16 where bytes.count > 1:
            let curve = CardCurve(parsing: bytes.dropFirst())
            // A YubiKey before 5.6.1 lists X25519 so (gnupg's app-openpgp.c, yubikit's openpgp.py). It signs nothing.
            if case .known(.montgomery) = curve {
                self = .ecdh(curve)
            } else {
                self = .eddsa(curve)
            }
        default: self = .unknown(bytes)
        }
    }

    /// The curve, where the algorithm has one.
    var curve: CardCurve? {
        switch self {
        case .ecdh(let curve), .ecdsa(let curve), .eddsa(let curve): curve
        case .rsa, .unknown: nil
        }
    }
}

/// A curve as algorithm attributes name it: by the contents of its object identifier.
public enum CardCurve: Hashable, Sendable {
    /// The curve of these keys. Ed25519 and X25519 are named as RFC 8410 does or, on most cards, as GnuPG did before.
    case known(KeyType)
    /// Another one: the object identifier's contents.
    case unknown([UInt8])

    /// Parses the object identifier and what follows it: from version 3 on FF, or 00, may tell how keys are imported.
    package init(parsing bytes: ArraySlice<UInt8>) {
        // A YubiKey 5.2 adds a byte of junk from its second insertion on (gnupg's app-openpgp.c), before the format or in
        // its place. No identifier of a known curve begins as another one does.
        for count in 0...2 where bytes.count > count {
            guard let type = KeyType(curveIdentifier: [UInt8](tag: 0x06, bytes.dropLast(count))) else { continue }
            self = .known(type)
            return
        }
        let isFormat = bytes.count > 1 && [0x00, 0xFF].contains(bytes.last)
        self = .unknown(Array(isFormat ? bytes.dropLast() : bytes))
    }
}

/// All algorithms that a card offers for its keys (tag FA; OpenPGP card 3.4.1, section 4.4.3.11).
public struct AlgorithmInformation: Hashable, Sendable {
    /// The attributes that each key may be given, in the card's order.
    public let choices: [OpenPGPKey: [AlgorithmAttributes]]
    /// In which form each of them is imported.
    let formats: [OpenPGPKey: [ImportFormat]]

    /// Reads the value of tag FA as far as it can be read.
    package init(parsing bytes: [UInt8]) {
        var choices: [OpenPGPKey: [AlgorithmAttributes]] = [:]
        var formats: [OpenPGPKey: [ImportFormat]] = [:]
        var reader = TLVReader(bytes)
        while let object = try? reader.next() {
            guard let key = OpenPGPKey.allCases.first(where: { $0.algorithmAttributes.rawValue == object.tag })
            else { continue }
            let attributes = AlgorithmAttributes(parsing: object.value)
            choices[key, default: []].append(attributes)
            formats[key, default: []].append(ImportFormat(in: object.value, attributes))
        }
        (self.choices, self.formats) = (choices, formats)
    }
}
