import CPKCS11
import HostCrypto
import Keys
import Token

/// The attributes of a token's objects (PKCS#11 3.2, sections 4.4 to 4.9), read from the card no sooner than asked for.
extension TokenObject {
    /// The answer for one attribute.
    func attribute(_ type: AttributeType) throws(TokenError) -> AttributeAnswer {
        if let known = description.knownAttribute(type) { return known }
        if type == CKA_UNIQUE_ID { return try uniqueID() }
        switch reference.kind {
        case .certificate, .attestation: return try certificateAttribute(type)
        case .publicKey: return try publicKeyAttribute(type)
        case .privateKey: return try privateKeyAttribute(type)
        case .secretKey: return try secretKeyAttribute(type)
        case .data: return type == CKA_VALUE ? .value(try token.value(of: reference)) : .absent
        }
    }

    /// The same after every restart, and other for every card: serial number, class and number of the object.
    private func uniqueID() throws(TokenError) -> AttributeAnswer {
        let kind =
            switch reference.kind {
            case .certificate: "certificate"
            case .attestation: "attestation"
            case .publicKey: "public"
            case .privateKey: "private"
            case .secretKey: "secret"
            case .data: "data"
            }
        let serial = try token.information().serialNumber
        return .text("\(serial)-\(kind)-\(String(reference.number, radix: 16))")
    }

    private func certificateAttribute(_ type: AttributeType) throws(TokenError) -> AttributeAnswer {
        switch type {
        case CKA_TRUSTED: return .flag(false)
        case CKA_CERTIFICATE_CATEGORY: return .number(CK_CERTIFICATE_CATEGORY_UNSPECIFIED)
        case CKA_JAVA_MIDP_SECURITY_DOMAIN: return .number(CK_SECURITY_DOMAIN_UNSPECIFIED)
        case CKA_NAME_HASH_ALGORITHM: return .number(CKM_SHA_1)
        case CKA_URL, CKA_HASH_OF_SUBJECT_PUBLIC_KEY, CKA_HASH_OF_ISSUER_PUBLIC_KEY: return .value([])
        case CKA_VALUE: return .value(try token.value(of: reference))
        case CKA_CHECK_VALUE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_START_DATE, CKA_END_DATE,
            CKA_PUBLIC_KEY_INFO:
            break
        default: return .absent
        }
        let der = try token.value(of: reference)
        guard let certificate = certificate(der) else { throw .failed("the certificate is not valid") }
        switch type {
        case CKA_SUBJECT: return .value(certificate.subject)
        case CKA_ISSUER: return .value(certificate.issuer)
        case CKA_SERIAL_NUMBER: return .value(certificate.serialNumber)
        case CKA_START_DATE: return .value(certificate.notBefore?.cryptokiDate ?? [])
        case CKA_END_DATE: return .value(certificate.notAfter?.cryptokiDate ?? [])
        case CKA_PUBLIC_KEY_INFO: return .value(certificate.subjectPublicKeyInfo)
        default:
            // CKA_CHECK_VALUE: the first three bytes of the SHA-1 hash of the certificate.
            guard let hash = try? Digest.sha1.hash(der) else { return .absent }
            return .value(Array(hash.prefix(3)))
        }
    }

    private func publicKeyAttribute(_ type: AttributeType) throws(TokenError) -> AttributeAnswer {
        switch type {
        case CKA_TRUSTED, CKA_DERIVE: return .flag(false)
        case CKA_ENCRYPT, CKA_VERIFY_RECOVER: return .flag(try publicKey().isRSA)
        case CKA_WRAP:
            if try publicKey().isRSA { return .flag(true) }
            return .flag(try agreesOnCurve())
        case CKA_ALLOWED_MECHANISMS:
            return .numbers(MechanismCatalogue.mechanisms(public: try publicKey(), agrees: try agreesOnCurve()))
        case CKA_VERIFY: return .flag(SigningScheme.isSigningKey(try publicKey()))
        case CKA_LOCAL: return .flag(try token.policy(of: reference).origin == .generated)
        case CKA_MODULUS_BITS:
            guard case .rsa(let bits) = try publicKey().type else { return .absent }
            return .number(UInt(bits))
        default: return try keyAttribute(type)
        }
    }

    private func privateKeyAttribute(_ type: AttributeType) throws(TokenError) -> AttributeAnswer {
        switch type {
        case CKA_SENSITIVE: return .flag(true)
        case CKA_EXTRACTABLE, CKA_WRAP_WITH_TRUSTED: return .flag(false)
        case CKA_SIGN:
            guard try token.usage(of: reference).contains(.sign) else { return .flag(false) }
            return .flag(SigningScheme.isSigningKey(try publicKey()))
        case CKA_SIGN_RECOVER:
            guard try token.usage(of: reference).contains(.sign) else { return .flag(false) }
            return .flag(try publicKey().isRSA)
        case CKA_DECRYPT: return .flag(try token.usage(of: reference).contains(.decrypt))
        case CKA_UNWRAP:
            if try token.usage(of: reference).contains(.decrypt) { return .flag(true) }
            return .flag(try agreesOnCurve())
        case CKA_DERIVE: return .flag(try token.usage(of: reference).contains(.derive))
        case CKA_ALLOWED_MECHANISMS:
            return .numbers(
                MechanismCatalogue.mechanisms(
                    private: try publicKey(), for: try token.usage(of: reference), of: token))
        case CKA_ALWAYS_AUTHENTICATE: return .flag(try isAlwaysAuthenticate())
        // A key that was imported was once elsewhere.
        case CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE:
            return .flag(try token.policy(of: reference).origin == .generated)
        case _ where PublicKey.privateNumbers.contains(type):
            return try publicKey().hasPrivateNumber(type) ? .sensitive : .absent
        default: return try keyAttribute(type)
        }
    }

    /// What public and private keys have in common.
    private func keyAttribute(_ type: AttributeType) throws(TokenError) -> AttributeAnswer {
        switch type {
        case CKA_START_DATE, CKA_END_DATE: return .value([])
        case CKA_KEY_GEN_MECHANISM: return .number(CK_UNAVAILABLE_INFORMATION)
        case CKA_SUBJECT: return .value(try certificateSubject())
        case CKA_KEY_TYPE: return .number(try publicKey().keyType)
        case CKA_PUBLIC_KEY_INFO: return .value(try token.subjectPublicKeyInfo(of: reference))
        default: return try publicKey().attribute(type)
        }
    }

    /// The subject of the certificate with the same id, or nothing where there is none.
    private func certificateSubject() throws(TokenError) -> [UInt8] {
        let certificate = ObjectReference(.certificate, reference.number)
        guard try token.present(among: [certificate], areNamed: true).contains(certificate) else { return [] }
        guard let der = try? token.value(of: certificate) else { return [] }
        return self.certificate(der)?.subject ?? []
    }

    /// Whether keys can be wrapped by an agreement with the key.
    private func agreesOnCurve() throws(TokenError) -> Bool {
        guard try publicKey().isEC else { return false }
        return try token.usage(of: reference).contains(.derive)
    }

    /// The public key, or the public half of the private key.
    func publicKey() throws(TokenError) -> PublicKey {
        try publicKey { () throws(TokenError) in
            let der = try token.subjectPublicKeyInfo(of: reference)
            guard let key = try? PublicKey(subjectPublicKeyInfo: der) else {
                throw .failed("the public key is not valid")
            }
            return key
        }
    }
}

extension CalendarTime {
    /// CK_DATE: year, month and day in ASCII digits.
    var cryptokiDate: [UInt8] {
        func digits(_ value: Int, _ width: Int) -> [UInt8] {
            let text = Array(String(value).utf8)
            return [UInt8](repeating: 0x30, count: max(0, width - text.count)) + text
        }
        return digits(year, 4) + digits(month, 2) + digits(day, 2)
    }
}
