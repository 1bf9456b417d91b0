import CPKCS11
import HostCrypto
import Token

/// How CKA_EC_POINT of an Edwards or Montgomery key is written. In short Weierstrass form it is an OCTET STRING in every
/// version.
public enum PointForm: Sendable {
    /// A DER OCTET STRING around the bytes: what programs read that were written for PKCS#11 2.40 and 3.0, whose text (3.0,
    /// mechanisms, section 2.3.5) says "DER-encoding" and leaves the type open.
    case octetString
    /// The bytes of RFC 8032 and RFC 7748 (PKCS#11 3.2, sections 6.3.5 and 6.3.7).
    case bare
}

extension PublicKey {
    /// CKA_EC_POINT, or nil where the key has no point.
    func point(_ form: PointForm) -> [UInt8]? {
        switch (self, form) {
        case (.edwards(_, let bytes), .bare), (.montgomery(_, let bytes), .bare): bytes
        default: attribute(CKA_EC_POINT).bytes
        }
    }
}

extension StoredObject {
    /// CKA_EC_POINT in another form than an object has it, or nil where the object has no point.
    func point(_ form: PointForm) throws(TokenError) -> [UInt8]? {
        switch self {
        case .token(let object): try object.publicKey().point(form)
        case .session(let object): object.publicKey?.point(form)
        case .information: nil
        }
    }
}

extension AttributeAnswer {
    /// Whether the attribute is as a template wants it. A point may be given without the OCTET STRING around it.
    func matches(_ wanted: Attribute) -> Bool {
        isEqual(to: wanted.value)
            || wanted.type == CKA_EC_POINT && isEqual(to: PublicKey.octetString(wanted.value))
    }
}
