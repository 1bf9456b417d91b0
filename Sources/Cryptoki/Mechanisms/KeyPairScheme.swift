import CPKCS11
import HostCrypto
import Keys
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
    func algorithm(_ template: Template) throws(ReturnCode) -> KeyType {
        guard self != .rsa else {
            let exponent = template[CKA_PUBLIC_EXPONENT].map { Array($0.drop { $0 == 0 }) }
            guard exponent == nil || exponent == [0x01, 0x00, 0x01] else { throw .attributeValueInvalid }
            return .rsa(bits: Int(clamping: try template.required(CKA_MODULUS_BITS)))
        }
        guard let parameters = template[CKA_EC_PARAMS] else { throw .templateIncomplete }
        let type = try KeyType(curveParameters: parameters)
        guard self == Self(type) else { throw .curveNotSupported }
        return type
    }

    /// The scheme of a key's type.
    init(_ type: KeyType) {
        switch type {
        case .rsa: self = .rsa
        case .ec: self = .ec
        case .edwards: self = .edwards
        case .montgomery: self = .montgomery
        }
    }
}

extension KeyType {
    /// The keys on the curve that CKA_EC_PARAMS names: by its object identifier, of which GnuPG and pkcs11-tool have older
    /// ones for two curves, or, as PKCS#11 3.0 has it for Edwards and Montgomery curves, by a PrintableString, whose length
    /// pkcs11-tool 0.23 gives wrong ("curve25519").
    ///
    /// - Throws: CKR_ATTRIBUTE_VALUE_INVALID for explicit parameters, CKR_CURVE_NOT_SUPPORTED for a curve not known here.
    init(curveParameters parameters: [UInt8]) throws(ReturnCode) {
        guard let length = parameters.dropFirst().first else { throw .attributeValueInvalid }
        let content = Array(parameters.dropFirst(2))
        switch (parameters[0], String(decoding: content, as: UTF8.self)) {
        case (0x06, _) where content.count == Int(length):
            guard let type = KeyType(curveIdentifier: parameters) else { throw .curveNotSupported }
            self = type
        case (0x13, "edwards25519"): self = .ed25519
        case (0x13, "edwards448"): self = .ed448
        case (0x13, "curve25519"): self = .x25519
        case (0x13, "curve448"): self = .x448
        default: throw .attributeValueInvalid
        }
    }
}
