import CPKCS11
import HostCrypto
import Keys
import Platform
import Token

/// Private keys that are imported, to the card with CKA_TOKEN and else into memory: C_CreateObject and C_UnwrapKey (PKCS#11
/// 3.2, sections 5.7.1 and 5.18.4).
extension Session {
    /// C_CreateObject of a private key.
    func createPrivateKey(_ template: Template) throws(ReturnCode) -> UInt {
        let keyType = try template.required(CKA_KEY_TYPE)
        guard try template.flag(CKA_TOKEN, otherwise: false) else {
            try SessionObject.check(template, .created, isOfficer: isOfficer)
            return try addPrivateKey(try Self.privateKey(template, keyType), template, from: .created)
        }
        let wanted = try CardKeyTemplate(
            template, CKO_PRIVATE_KEY, keyType: keyType, numbers: CardKeyTemplate.numbersToImport)
        return try importKey(try Self.privateKey(template, keyType), template, wanted, "C_CreateObject")
    }

    /// C_UnwrapKey of a private key. What cannot be a key of a card for its length is not decrypted.
    func unwrapPrivateKey(
        _ wrapped: RawSpan, _ operation: any CipherOperation, _ template: Template
    ) throws(ReturnCode) -> UInt {
        let keyType = try template.required(CKA_KEY_TYPE)
        guard try template.flag(CKA_TOKEN, otherwise: false) else {
            try SessionObject.check(template, .unwrapped, isOfficer: isOfficer)
            let key = try unwrappedPrivateKey(wrapped, operation, keyType)
            return try addPrivateKey(key, template, from: .unwrapped)
        }
        let wanted = try CardKeyTemplate(template, CKO_PRIVATE_KEY, keyType: keyType, numbers: [])
        try checkWritesToken()
        let key = try unwrappedPrivateKey(wrapped, operation, keyType)
        return try importKey(key, template, wanted, "C_UnwrapKey")
    }

    private func unwrappedPrivateKey(
        _ wrapped: RawSpan, _ operation: any CipherOperation, _ keyType: UInt
    ) throws(ReturnCode) -> PrivateKey {
        guard wrapped.byteCount <= Self.longestPrivateKeyInfo else { throw .wrappedKeyLengthRange }
        var der = try unwrapped(wrapped, operation)
        defer { der.wipe() }
        guard let key = try? PrivateKey.pkcs8(der), KeyPairScheme(key.type).keyType == keyType else {
            throw .wrappedKeyInvalid
        }
        return key
    }

    /// Makes a private key in memory.
    private func addPrivateKey(
        _ key: PrivateKey, _ template: Template, from origin: ObjectOrigin
    ) throws(ReturnCode) -> UInt {
        let algorithms = try cardAlgorithms()
        try KeyPairScheme(key.type).check(key.type, isNew: false, on: algorithms)
        let object = try SessionObject(
            template, from: origin, pair: key, slot: slot, owner: handle, isOfficer: isOfficer)
        try library.keyRoles.check(object, from: origin)
        return try add(object)
    }

    /// The PrivateKeyInfo of RSA 4096 has 2400 bytes.
    private static let longestPrivateKeyInfo = 4096

    /// Brings a key to the place that the template names, or else to the first that is empty.
    func importKey(
        _ key: PrivateKey, _ template: Template, _ wanted: CardKeyTemplate, _ what: StaticString
    ) throws(ReturnCode) -> UInt {
        try checkWritesToken()
        let request = try wanted.request()
        let token = try token()
        let (algorithm, refusal) = (key.type, KeyPairScheme(key.type).refusal)
        let place = try keyPlace(Self.id(template), for: algorithm, on: token, in: slot, refusal: refusal)
        let der: SecretBuffer
        do throws(HostCryptoError) {
            var bytes = try key.pkcs8()
            der = try SecretBuffer(wiping: &bytes)
        } catch {
            throw ReturnCode(error)
        }
        try der.withBytes { (der) throws(ReturnCode) in
            try calls.asking(slot, token, what, as: .createObject) { () throws(TokenError) in
                try token.importPrivateKey(der, at: place.reference, request)
            }
        }
        return try newKeyHandles(
            place, token, Self.madeUpID(template), isNamed: template[CKA_ID]?.isEmpty == false
        ).privateKey
    }

    /// The key whose numbers a template holds (PKCS#11 3.2, tables of sections 6.1.3, 6.3.4, 6.3.6 and 6.3.8).
    private static func privateKey(_ template: Template, _ keyType: UInt) throws(ReturnCode) -> PrivateKey {
        func number(_ type: AttributeType) throws(ReturnCode) -> [UInt8] {
            guard let value = template[type], !value.isEmpty else { throw .templateIncomplete }
            return Array(value.drop { $0 == 0 })
        }
        let made: Result<PrivateKey, HostCryptoError>
        switch keyType {
        case CKK_RSA:
            var (p, q) = (try number(CKA_PRIME_1), try number(CKA_PRIME_2))
            defer {
                p.wipe()
                q.wipe()
            }
            let exponent = try number(CKA_PUBLIC_EXPONENT)
            made = Result { () throws(HostCryptoError) in
                let key = try PrivateKey.rsa(p: p, q: q, publicExponent: exponent)
                guard try key.has(rsaNumbers(in: template)) else { throw .invalidKey }
                return key
            }
        case CKK_EC, CKK_EC_EDWARDS, CKK_EC_MONTGOMERY:
            guard let parameters = template[CKA_EC_PARAMS] else { throw .templateIncomplete }
            let type = try KeyType(curveParameters: parameters)
            guard KeyPairScheme(type).keyType == keyType else { throw .templateInconsistent }
            guard let value = template[CKA_VALUE] else { throw .templateIncomplete }
            made = Result { () throws(HostCryptoError) in try PrivateKey.onCurve(type, value) }
        default: throw .attributeValueInvalid
        }
        guard case .success(let key) = made else { throw .attributeValueInvalid }
        if case .rsa(let modulus, _) = key.publicKey, template[CKA_MODULUS] != nil {
            guard try number(CKA_MODULUS) == modulus else { throw .attributeValueInvalid }
        }
        // The empty value says that the key shall not have it.
        if let information = template[CKA_PUBLIC_KEY_INFO], !information.isEmpty {
            guard information == key.publicKey.subjectPublicKeyInfo else { throw .attributeValueInvalid }
        }
        return key
    }

    /// The private numbers that a template gives beside the primes, which tell them anyway. An empty one is none.
    private static func rsaNumbers(in template: Template) -> GivenRSANumbers {
        func number(_ type: AttributeType) -> [UInt8]? { template[type].flatMap { $0.isEmpty ? nil : $0 } }
        return GivenRSANumbers(
            dp: number(CKA_EXPONENT_1), dq: number(CKA_EXPONENT_2), qinv: number(CKA_COEFFICIENT),
            privateExponent: number(CKA_PRIVATE_EXPONENT))
    }
}
