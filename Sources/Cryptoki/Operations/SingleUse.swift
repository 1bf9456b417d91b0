import Token

/// The use of a key by a function that does all in one call.
final class SingleUse: KeyedOperation {
    var privateKey: KeyUse?
    var isMultiPart = false

    init(_ key: KeyUse) { privateKey = key }
}

extension Library {
    /// Uses a key in a function that does all in one call, which has no beginning that C_Login(CKU_CONTEXT_SPECIFIC)
    /// could follow. Where the key wants its PIN for this use the call answers CKR_USER_NOT_LOGGED_IN; the session then
    /// takes that login, for the next call with this key.
    func usingOnce(
        _ key: KeyUse, in session: Session,
        _ body: ((any UseAuthorization)?) throws(ReturnCode) -> [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        try session.operationLock.withLock { () throws(ReturnCode) in
            var key = key
            if let waiting = session.singleUse?.privateKey, waiting.handle == key.handle {
                key.authorization = waiting.authorization
            }
            session.singleUse = nil
            do throws(ReturnCode) {
                return try body(key.authorization)
            } catch {
                if error == .userNotLoggedIn, key.needsAuthentication { session.singleUse = SingleUse(key) }
                throw error
            }
        }
    }
}
