import CPKCS11
import HostCrypto
import Token

/// Which keys a mechanism of C_GenerateKeyPair makes (PKCS#11 3.2, sections 6.1.4, 6.3.9 to 6.3.11).
enum KeyPairScheme {
    case rsa
    /// Curves in short Weierstrass form.
    case ec
    case edwards
    case montgomery

    /// CKA_KEY_TYPE.
    var keyType: UInt {
        switch self {
        case .rsa: CKK_RSA
        case .ec: CKK_EC
        case .edwards: CKK_EC_EDWARDS
        case .montgomery: CKK_EC_MONTGOMERY
        }
    }

    /// The sizes of such keys that a card has, or nil where it has none.
    ///
    /// - Parameter areNew: whether they are those of the keys that it makes.
    func sizes(_ algorithms: CardAlgorithms, areNew: Bool) -> ClosedRange<Int>? {
        switch self {
        case .rsa: areNew ? algorithms.newRSA : algorithms.rsa
        case .ec: algorithms.ecdsa
        case .edwards: algorithms.edDSA
        case .montgomery: algorithms.montgomery
        }
    }

    /// What a card says that has no such key.
    var refusal: ReturnCode { self == .rsa ? .keySizeRange : .curveNotSupported }

    /// Throws unless a card has such keys. Those in memory are of the kinds that the card has, so that C_GetMechanismInfo is
    /// true of both.
    func check(_ type: KeyType, isNew: Bool, on algorithms: CardAlgorithms) throws(ReturnCode) {
        guard sizes(algorithms, areNew: isNew)?.contains(type.bits) == true else { throw refusal }
    }

    /// The algorithm that a template of a public key asks for. RSA keys have the exponent 65537 on all cards here.
    func algorithm(_ template: Template) throws(ReturnCode) -> KeyAlgorithm {
        guard self != .rsa else {
            let exponent = template[CKA_PUBLIC_EXPONENT].map { Array($0.drop { $0 == 0 }) }
            guard exponent == nil || exponent == [0x01, 0x00, 0x01] else { throw .attributeValueInvalid }
            return .rsa(bits: Int(clamping: try template.required(CKA_MODULUS_BITS)))
        }
        guard let parameters = template[CKA_EC_PARAMS] else { throw .templateIncomplete }
        guard let name = CurveName(parameters: parameters) else { throw .attributeValueInvalid }
        guard let type = KeyType(name), self == Self(type) else { throw .curveNotSupported }
        return .curve(name)
    }

    /// The scheme of a key's type.
    init(_ type: KeyType) {
        switch type {
        case .rsa: self = .rsa
        case .ec: self = .ec
        case .ed25519, .ed448: self = .edwards
        case .x25519, .x448: self = .montgomery
        }
    }
}

extension KeyType {
    /// The keys on a curve, or nil for one that is not known here.
    init?(_ name: CurveName) { self.init(curveIdentifier: name.rawValue) }
}

extension KeyAlgorithm {
    /// What a key in the host's memory is called on a card.
    init(_ type: KeyType) {
        if case .rsa(let bits) = type {
            self = .rsa(bits: bits)
        } else {
            self = .curve(CurveName(rawValue: type.curveIdentifier ?? []))
        }
    }
}

extension CurveName {
    /// The curve that CKA_EC_PARAMS names: by its object identifier, of which GnuPG and pkcs11-tool have older ones for two
    /// curves, or, as PKCS#11 3.0 has it for Edwards and Montgomery curves, by a PrintableString, whose length pkcs11-tool
    /// 0.23 gives wrong ("curve25519"). Nil for explicit parameters.
    init?(parameters: [UInt8]) {
        guard let length = parameters.dropFirst().first else { return nil }
        let content = Array(parameters.dropFirst(2))
        switch (parameters[0], String(decoding: content, as: UTF8.self)) {
        case (0x06, _) where content.count == Int(length): self = Self.older[content] ?? CurveName(rawValue: parameters)
        case (0x13, "edwards25519"): self = .ed25519
        case (0x13, "edwards448"): self = .ed448
        case (0x13, "curve25519"): self = .x25519
        case (0x13, "curve448"): self = .x448
        default: return nil
        }
    }

    /// 1.3.6.1.4.1.11591.15.1 and 1.3.6.1.4.1.3029.1.5.1.
    private static let older: [[UInt8]: CurveName] = [
        [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01]: .ed25519,
        [0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01]: .x25519,
    ]
}
