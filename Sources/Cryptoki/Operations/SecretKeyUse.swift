import CPKCS11
import HostCrypto
import Keys

/// A secret key in memory that an operation was begun with. The operation keeps the value: unless the object is private, it
/// goes on where that is destroyed meanwhile.
struct SecretKeyUse {
    let hold: KeyHold
    let object: SessionObject
    let secret: StoredSecret
}

/// Which secret keys a mechanism takes.
enum SecretKeyDemand {
    case aes
    /// Generic secrets, and the keys of HMAC with just this hash function.
    case hmac(Digest)
    /// Generic secrets, and the keys of HKDF.
    case hkdf
    case any

    func isMet(by keyType: UInt?) -> Bool {
        switch self {
        case .aes: keyType == CKK_AES
        case .hmac(let digest): keyType == CKK_GENERIC_SECRET || keyType == MechanismCatalogue.hmacKeyTypes[digest]
        case .hkdf: keyType == CKK_GENERIC_SECRET || keyType == CKK_HKDF
        case .any: true
        }
    }
}

/// What a function calls a key that is none, or of the wrong type.
struct KeyErrors {
    let handleInvalid: ReturnCode
    let typeInconsistent: ReturnCode
    /// For a key of another class than the function's.
    let classInconsistent: ReturnCode
    /// For a key that is too short for the mechanism.
    let sizeRange: ReturnCode

    static let key = KeyErrors(
        handleInvalid: .keyHandleInvalid, typeInconsistent: .keyTypeInconsistent,
        classInconsistent: .keyFunctionNotPermitted, sizeRange: .keySizeRange)
    static let wrapping = KeyErrors(
        handleInvalid: .wrappingKeyHandleInvalid, typeInconsistent: .wrappingKeyTypeInconsistent,
        classInconsistent: .wrappingKeyTypeInconsistent, sizeRange: .wrappingKeySizeRange)
    static let unwrapping = KeyErrors(
        handleInvalid: .unwrappingKeyHandleInvalid, typeInconsistent: .unwrappingKeyTypeInconsistent,
        classInconsistent: .unwrappingKeyTypeInconsistent, sizeRange: .unwrappingKeySizeRange)
}

extension Session {
    /// A secret key for an operation.
    ///
    /// - Parameters:
    ///   - mechanism: must be among CKA_ALLOWED_MECHANISMS, where the key has that.
    ///   - usage: the attribute that must be true.
    func secretKey(
        _ handle: UInt, for usage: AttributeType, _ mechanism: UInt, _ demand: SecretKeyDemand,
        _ errors: KeyErrors = .key
    ) throws(ReturnCode) -> SecretKeyUse {
        let found: StoredObject
        do throws(ReturnCode) {
            found = try object(handle)
        } catch {
            throw errors.handleInvalid
        }
        guard case .session(let object) = found, let secret = object.secret,
            demand.isMet(by: object.number(CKA_KEY_TYPE))
        else {
            let isKey = [CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY].contains(found.objectClass)
            throw isKey ? errors.typeInconsistent : errors.handleInvalid
        }
        guard object.flag(usage) else { throw .keyFunctionNotPermitted }
        guard object.allows(mechanism) else { throw .mechanismInvalid }
        return SecretKeyUse(hold: hold(handle, of: found), object: object, secret: secret)
    }
}

extension SessionObject {
    /// Whether CKA_ALLOWED_MECHANISMS, where it was given, has the mechanism. An empty list allows nothing.
    func allows(_ mechanism: UInt) -> Bool {
        guard let list = attributes[CKA_ALLOWED_MECHANISMS] else { return true }
        let size = MemoryLayout<UInt>.size
        return stride(from: 0, to: list.count, by: size).contains { start in
            UInt(nativeBytes: Array(list[start..<min(start + size, list.count)])) == mechanism
        }
    }
}
