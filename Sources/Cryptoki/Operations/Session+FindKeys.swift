import CPKCS11
import HostCrypto
import Token

/// Keys for operations, by their handles.
extension Session {
    /// A private key for an operation: one of the card, or one that a session holds in memory.
    ///
    /// - Parameters:
    ///   - usage: what the card must have the key for.
    ///   - attribute: what must be true of a key in memory.
    ///   - mechanism: must be among CKA_ALLOWED_MECHANISMS, where a key in memory has that.
    ///   - fits: whether the mechanism is for keys of this type.
    func privateKey(
        _ handle: UInt, for usage: KeyUsage, _ attribute: AttributeType, _ mechanism: UInt, _ errors: KeyErrors = .key,
        where fits: (PublicKey) -> Bool
    ) throws(ReturnCode) -> PrivateKeyUse {
        switch try keyObject(handle, CKO_PRIVATE_KEY, errors) {
        case .token(let object):
            let key = try publicKey(of: object)
            guard fits(key) else { throw try refusal(of: object, errors) }
            return try cardKey(object, handle, key, for: usage)
        case .session(let object):
            guard let key = object.privateKey else { throw errors.handleInvalid }
            guard fits(key.publicKey) else { throw errors.typeInconsistent }
            guard object.flag(attribute) else { throw .keyFunctionNotPermitted }
            guard object.allows(mechanism) else { throw .mechanismInvalid }
            let memoryKey = MemoryPrivateKey(
                sessionObject: object, key: key, signatureCheck: library.signatureCheck, log: calls.log)
            return PrivateKeyUse(
                hold(handle, of: .session(object)), memoryKey, key.publicKey, isCardPadding: try token().padsRSA)
        case .information: throw errors.handleInvalid
        }
    }

    /// Why a key of the card does not serve: it is of another type, or it is another key by now, as the card tells. A program
    /// that knows the new one's type would else be refused as long as the process lasts.
    private func refusal(of object: TokenObject, _ errors: KeyErrors) throws(ReturnCode) -> ReturnCode {
        let isSame = try calls.asking(object.slot, object.token, "beginning an operation") { () throws(TokenError) in
            try object.token.isUnchanged(object.reference)
        }
        return isSame && object.isCurrent ? errors.typeInconsistent : errors.handleInvalid
    }

    private func cardKey(
        _ object: TokenObject, _ handle: UInt, _ publicKey: PublicKey, for usage: KeyUsage
    ) throws(ReturnCode) -> PrivateKeyUse {
        guard !object.description.isPrivate || !isOfficer else { throw .userNotLoggedIn }
        let key = CardPrivateKey(tokenObject: object, calls: calls, signatureCheck: library.signatureCheck)
        let hold = hold(handle, of: .token(object))
        return try calls.asking(object.slot, object.token, "beginning an operation") { () throws(TokenError) in
            guard try object.token.usage(of: object.reference).contains(usage) else { throw .unsupported }
            let isAlwaysAuthenticate = try object.isAlwaysAuthenticate()
            var authorization: (any UseAuthorization)?
            if try object.wantsPINForEachUse(), !isAlwaysAuthenticate {
                authorization = try object.token.authenticateWithLogin(forUseOf: object.reference)
            }
            return PrivateKeyUse(
                hold, key, publicKey, isCardPadding: object.token.padsRSA,
                isAlwaysAuthenticate: isAlwaysAuthenticate, authorization)
        }
    }

    /// A public key for an operation on the host: one of the card, or one that a session holds in memory.
    ///
    /// - Parameters:
    ///   - usage: the attribute that must be true for it.
    ///   - mechanism: must be among CKA_ALLOWED_MECHANISMS, where a key in memory has that.
    ///   - fits: whether the mechanism is for keys of this type.
    func publicKey(
        _ handle: UInt, for usage: AttributeType, _ mechanism: UInt, _ errors: KeyErrors = .key,
        where fits: (PublicKey) -> Bool
    ) throws(ReturnCode) -> PublicKey {
        let object = try keyObject(handle, CKO_PUBLIC_KEY, errors)
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
        try calls.asking(object.slot, object.token, "beginning an operation") { () throws(TokenError) in
            try object.publicKey()
        }
    }

    /// The handle of a key that was found, with the login that there is now.
    func hold(_ handle: UInt, of key: StoredObject) -> KeyHold {
        KeyHold(handle: handle, login: key.isPrivate ? tables.withLock { $0[slot].loginEpoch } : nil)
    }

    /// A key of that class, where this session may see it.
    func keyObject(
        _ handle: UInt, _ wanted: UInt, _ errors: KeyErrors = .key
    ) throws(ReturnCode) -> StoredObject {
        let object: StoredObject
        do throws(ReturnCode) {
            object = try self.object(handle)
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
