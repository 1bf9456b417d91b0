import CPKCS11
import HostCrypto
import Token

/// A private key that an operation was begun with.
struct KeyUse {
    let handle: UInt
    let holder: PrivateKeyHolder
    let token: any Token
    let publicKey: PublicKey
    /// Whether the key wants the PIN for just this use (CKA_ALWAYS_AUTHENTICATE).
    let isAlwaysAuthenticate: Bool
    /// What C_Login(CKU_CONTEXT_SPECIFIC) brought. It goes with the operation.
    var authorization: (any UseAuthorization)?

    /// The handle, where an operation does not outlive it: that of a key of the card, or of a private object.
    var requiredHandle: UInt? {
        if case .memory(let object, _) = holder, !object.isPrivate { return nil }
        return handle
    }

    var needsAuthentication: Bool { isAlwaysAuthenticate && authorization == nil }
}

extension Library {
    /// A private key for an operation: one of the card, or one that a session holds in memory.
    ///
    /// - Parameters:
    ///   - usage: what the card must have the key for.
    ///   - attribute: what must be true of a key in memory.
    ///   - mechanism: must be among CKA_ALLOWED_MECHANISMS, where a key in memory has that.
    ///   - fits: whether the mechanism is for keys of this type.
    func privateKey(
        _ handle: UInt, in session: Session, for usage: KeyUsage, _ attribute: AttributeType, _ mechanism: UInt,
        _ errors: KeyErrors = .key, where fits: (PublicKey) -> Bool
    ) throws(ReturnCode) -> KeyUse {
        switch try keyObject(handle, CKO_PRIVATE_KEY, in: session, errors) {
        case .token(let object):
            let key = try publicKey(of: object)
            guard fits(key) else { throw errors.typeInconsistent }
            return try cardKey(object, handle, key, in: session, for: usage)
        case .session(let object):
            guard let key = object.privateKey else { throw errors.handleInvalid }
            guard fits(key.publicKey) else { throw errors.typeInconsistent }
            guard object.flag(attribute) else { throw .keyFunctionNotPermitted }
            guard object.allows(mechanism) else { throw .mechanismInvalid }
            return KeyUse(
                handle: handle, holder: .memory(object, key), token: try token(of: session), publicKey: key.publicKey,
                isAlwaysAuthenticate: false)
        case .information: throw errors.handleInvalid
        }
    }

    private func cardKey(
        _ object: TokenObject, _ handle: UInt, _ publicKey: PublicKey, in session: Session, for usage: KeyUsage
    ) throws(ReturnCode) -> KeyUse {
        guard !object.description.isPrivate || !isOfficer(session) else { throw .userNotLoggedIn }
        return try asking(object.slot, object.token, "beginning an operation") { () throws(TokenError) -> KeyUse in
            guard try object.token.usage(of: object.reference).contains(usage) else { throw .unsupported }
            var key = KeyUse(
                handle: handle, holder: .card(object), token: object.token, publicKey: publicKey,
                isAlwaysAuthenticate: try object.isAlwaysAuthenticate())
            if try object.wantsPINForEachUse(), !key.isAlwaysAuthenticate {
                key.authorization = try object.token.authenticateWithLogin(forUseOf: object.reference)
            }
            return key
        }
    }

    /// A public key for an operation on the host: one of the card, or one that a session holds in memory.
    ///
    /// - Parameters:
    ///   - usage: the attribute that must be true for it.
    ///   - mechanism: must be among CKA_ALLOWED_MECHANISMS, where a key in memory has that.
    ///   - fits: whether the mechanism is for keys of this type.
    func publicKey(
        _ handle: UInt, in session: Session, for usage: AttributeType, _ mechanism: UInt, _ errors: KeyErrors = .key,
        where fits: (PublicKey) -> Bool
    ) throws(ReturnCode) -> PublicKey {
        let object = try keyObject(handle, CKO_PUBLIC_KEY, in: session, errors)
        let key: PublicKey
        switch object {
        case .token(let object): key = try publicKey(of: object)
        case .session(let object):
            guard let known = object.publicKey else { throw errors.handleInvalid }
            key = known
        case .information: throw errors.handleInvalid
        }
        guard fits(key) else { throw errors.typeInconsistent }
        guard try answer(object, usage) == .flag(true) else { throw .keyFunctionNotPermitted }
        if case .session(let object) = object, !object.allows(mechanism) { throw .mechanismInvalid }
        return key
    }

    private func publicKey(of object: TokenObject) throws(ReturnCode) -> PublicKey {
        try asking(object.slot, object.token, "beginning an operation") { () throws(TokenError) in
            try object.publicKey()
        }
    }

    /// Throws unless a key's handle still stands: an operation does not outlive the login that its key needed.
    func checkStillVisible(_ handle: UInt, in session: Session) throws(ReturnCode) {
        do throws(ReturnCode) {
            _ = try object(handle, in: session)
        } catch {
            throw .userNotLoggedIn
        }
    }

    /// A key of that class, where this session may see it.
    func keyObject(
        _ handle: UInt, _ wanted: UInt, in session: Session, _ errors: KeyErrors = .key
    ) throws(ReturnCode) -> StoredObject {
        let object: StoredObject
        do throws(ReturnCode) {
            object = try self.object(handle, in: session)
        } catch {
            throw errors.handleInvalid
        }
        switch object.objectClass {
        case wanted: return object
        case CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY: throw errors.classInconsistent
        default: throw errors.handleInvalid
        }
    }
}
