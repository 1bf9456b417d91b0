import HostCrypto
import Token

/// A key that an operation was begun with.
struct KeyUse {
    let handle: UInt
    let object: TokenObject
    let publicKey: PublicKey
    /// Whether the key wants the PIN for just this use (CKA_ALWAYS_AUTHENTICATE).
    let isAlwaysAuthenticate: Bool
    /// What C_Login(CKU_CONTEXT_SPECIFIC) brought. It goes with the operation.
    var authorization: (any UseAuthorization)?

    var needsAuthentication: Bool { isAlwaysAuthenticate && authorization == nil }
}

extension Library {
    /// A private key for an operation.
    func privateKey(_ handle: UInt, in session: Session, for usage: KeyUsage) throws(ReturnCode) -> KeyUse {
        let object = try keyObject(handle, .privateKey, in: session)
        return try asking(object.slot, object.token, "beginning an operation") { () throws(TokenError) -> KeyUse in
            guard try object.token.usage(of: object.reference).contains(usage) else { throw .unsupported }
            return KeyUse(
                handle: handle, object: object, publicKey: try object.publicKey(),
                isAlwaysAuthenticate: try object.token.policy(of: object.reference).pin == .always)
        }
    }

    /// A public key for an operation on the host.
    func publicKey(_ handle: UInt, in session: Session) throws(ReturnCode) -> KeyUse {
        let object = try keyObject(handle, .publicKey, in: session)
        return try asking(object.slot, object.token, "beginning an operation") { () throws(TokenError) -> KeyUse in
            KeyUse(
                handle: handle, object: object, publicKey: try object.publicKey(), isAlwaysAuthenticate: false)
        }
    }

    /// Throws unless the key's handle still stands: an operation does not outlive the login that its key needed.
    func checkStillVisible(_ key: KeyUse, in session: Session) throws(ReturnCode) {
        do throws(ReturnCode) {
            _ = try object(key.handle, in: session)
        } catch {
            throw .userNotLoggedIn
        }
    }

    private func keyObject(
        _ handle: UInt, _ kind: ObjectReference.Kind, in session: Session
    ) throws(ReturnCode) -> TokenObject {
        let object: TokenObject
        do throws(ReturnCode) {
            object = try self.object(handle, in: session)
        } catch {
            throw .keyHandleInvalid
        }
        switch object.reference.kind {
        case kind: return object
        case .publicKey, .privateKey: throw .keyFunctionNotPermitted
        case .certificate, .data: throw .keyHandleInvalid
        }
    }
}
