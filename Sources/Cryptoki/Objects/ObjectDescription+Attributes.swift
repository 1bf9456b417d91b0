import CPKCS11
import Token

/// The attributes that are known without asking the card. A search compares these first.
extension ObjectDescription {
    /// The answer, or nil where the card must be asked or the type is none of those.
    func knownAttribute(_ type: AttributeType) -> AttributeAnswer? {
        switch type {
        case CKA_CLASS: .number(objectClass)
        case CKA_TOKEN: .flag(true)
        case CKA_PRIVATE: .flag(isPrivate)
        case CKA_LABEL: .text(label)
        case CKA_DESTROYABLE: .flag(isWritable)
        // Of a certificate the standard lets only attributes change that the card does not hold apart from it.
        case CKA_MODIFIABLE: .flag(isWritable && reference.kind == .data)
        case CKA_COPYABLE: .flag(![.privateKey, .secretKey].contains(reference.kind))
        case CKA_ID: reference.kind == .data ? .absent : .value(id)
        case CKA_APPLICATION: reference.kind == .data ? .text(application) : .absent
        case CKA_OBJECT_ID: reference.kind == .data ? .value(objectIdentifier) : .absent
        case CKA_CERTIFICATE_TYPE: objectClass == CKO_CERTIFICATE ? .number(CKC_X_509) : .absent
        default: nil
        }
    }

    /// Whether nothing that is known without asking the card speaks against a template.
    func couldMatch(_ template: [Attribute]) -> Bool {
        template.allSatisfy { wanted in
            // pkcs11-tool asks for an object identifier by its content alone, without tag and length.
            if wanted.type == CKA_OBJECT_ID, !objectIdentifier.isEmpty,
                wanted.value == Array(objectIdentifier.dropFirst(2))
            {
                return true
            }
            return knownAttribute(wanted.type).map { $0 == .value(wanted.value) } ?? true
        }
    }

    /// CKA_CLASS.
    var objectClass: UInt {
        switch reference.kind {
        case .certificate, .attestation: CKO_CERTIFICATE
        case .publicKey: CKO_PUBLIC_KEY
        case .privateKey: CKO_PRIVATE_KEY
        case .secretKey: CKO_SECRET_KEY
        case .data: CKO_DATA
        }
    }
}
