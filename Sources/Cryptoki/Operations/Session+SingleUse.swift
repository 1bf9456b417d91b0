import Token

extension Session {
    /// Uses a key in a function that does all in one call, which has no beginning that C_Login(CKU_CONTEXT_SPECIFIC)
    /// could follow. Where the key wants its PIN for this use the call answers CKR_USER_NOT_LOGGED_IN; the session then
    /// takes that login, for the next call with this key.
    func usingOnce(
        _ key: PrivateKeyUse, _ body: (PrivateKeyUse) throws(ReturnCode) -> [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        try record.operations.withLock { (operations) throws(ReturnCode) in
            if let waiting = operations.singleUse, waiting.handle == key.handle {
                key.authorization = waiting.authorization
            }
            operations.singleUse = nil
            let outcome = Result { () throws(ReturnCode) in try body(key) }
            if case .failure(.userNotLoggedIn) = outcome, key.needsAuthentication { operations.singleUse = key }
            return try outcome.get()
        }
    }
}
