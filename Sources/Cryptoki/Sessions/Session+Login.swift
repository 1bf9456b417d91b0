import CPKCS11
import Token

/// C_Login and C_Logout (PKCS#11 3.2, sections 5.6.8 to 5.6.10). A PIN try is spent by each call that the card answers,
/// and by nothing else.
extension Session {
    /// C_Login.
    ///
    /// - Parameters:
    ///   - userType: CKU_USER, CKU_SO, or CKU_CONTEXT_SPECIFIC for the operation that waits for it.
    ///   - pin: UTF-8. Nil where it is to be typed on the reader's keys. An empty one, which no card has, says the same where
    ///     there are such keys.
    public func login(userType: UInt, pin: RawSpan?) throws(ReturnCode) {
        try checkPresence()
        switch userType {
        case CKU_USER: try namingPIN { () throws(ReturnCode) in try logIn(pin, as: .user) }
        case CKU_SO: try namingPIN { () throws(ReturnCode) in try logIn(pin, as: .officer) }
        case CKU_CONTEXT_SPECIFIC: try namingPIN { () throws(ReturnCode) in try loginForOperation(pin) }
        default: throw .userTypeInvalid
        }
    }

    /// A PIN as long as none of the card's, or that is no text, is a wrong one: CKR_PIN_LEN_RANGE and CKR_PIN_INVALID are what
    /// new PINs are called (PKCS#11 3.2, sections 5.6.8 and 5.1.6). A card to which
    /// nobody can log in, such as one that is not activated, is no matter of a key.
    private func namingPIN(_ body: () throws(ReturnCode) -> Void) throws(ReturnCode) {
        do throws(ReturnCode) {
            try body()
        } catch {
            switch error {
            case .pinLengthRange, .pinInvalid: throw .pinIncorrect
            case .keyFunctionNotPermitted: throw .functionFailed
            default: throw error
            }
        }
    }

    /// C_Logout. The handles of private objects end, and with them the operations that were begun with their keys.
    public func logout() throws(ReturnCode) {
        try checkPresence()
        let token = try token()
        try slot.login.withLock { (_) throws(ReturnCode) in
            try tables.withLock { (tables) throws(ReturnCode) in
                guard tables[slot].login != .none else { throw .userNotLoggedIn }
                tables.logOut(slot)
            }
            token.logout()
        }
    }

    private func logIn(_ pin: RawSpan?, as user: LoginState) throws(ReturnCode) {
        try slot.login.withLock { (turn) throws(ReturnCode) in
            try tables.withLock { (tables) throws(ReturnCode) in try tables.checkMayLogIn(user, to: slot) }
            let token = try token()
            try calls.asking(slot, token, "C_Login", in: &turn) { () throws(TokenError) in
                try logIn(to: token, pin, as: user)
            }
            let problem = tables.withLock { tables -> ReturnCode? in
                // The card may have been pulled out while it verified, or a read-only session been opened.
                guard tables.session(handle) === record, tables.token(in: slot) === token else {
                    return .sessionHandleInvalid
                }
                if user == .officer, tables[slot].readOnlySessionCount > 0 { return .sessionReadOnlyExists }
                tables[slot].setLogin(user)
                return nil
            }
            if let problem {
                token.logout()
                throw problem
            }
        }
    }

    private func logIn(to token: any Token, _ pin: RawSpan?, as user: LoginState) throws(TokenError) {
        if let pad = try PINText.pad(of: token, inPlaceOf: pin) {
            return user == .officer ? try pad.loginAdministrator() : try pad.login()
        }
        guard let pin else { throw .pinMissing }
        try PINText.check(pin)
        if user == .officer { return try token.loginAdministrator(secret: pin) }
        try spareLastTry(of: token)
        try token.login(pin: pin)
    }

    /// ssh-add gives the one PIN that it was given to every slot. Where this process is logged in to another application
    /// of the same card, the PIN may be that one's: then the last try of this one is left alone, so that a PIN meant for
    /// one application never blocks the other.
    private func spareLastTry(of token: any Token) throws(TokenError) {
        let isBeside = tables.withLock { $0.isUserLoggedIn(beside: slot) }
        guard isBeside, try token.pinStatus().retriesLeft == 1 else { return }
        calls.log.line(
            "C_Login: the last try of this PIN is not spent while the card's other application is logged in to")
        throw .pinIncorrect(retriesLeft: 1)
    }

    /// Allows the one use of an always-authenticate key that the session's operation is waiting for.
    private func loginForOperation(_ pin: RawSpan?) throws(ReturnCode) {
        let token = try token()
        try record.operations.withLock { (operations) throws(ReturnCode) in
            guard let waiting = operations.waitingKey, let key = waiting.cardKey else {
                throw .operationNotInitialized
            }
            waiting.authorization = try calls.asking(slot, token, "C_Login") {
                () throws(TokenError) -> any UseAuthorization in
                if let pad = try PINText.pad(of: token, inPlaceOf: pin) {
                    return try pad.authenticate(forUseOf: key)
                }
                guard let pin else { throw .pinMissing }
                try PINText.check(pin)
                return try token.authenticate(pin: pin, forUseOf: key)
            }
        }
    }
}

extension Tables {
    /// Throws unless nobody is logged in, and no session stands in the way.
    fileprivate func checkMayLogIn(_ user: LoginState, to slot: Slot) throws(ReturnCode) {
        let login = self[slot].login
        guard login == .none else { throw login == user ? .userAlreadyLoggedIn : .userAnotherAlreadyLoggedIn }
        // There are no read-only sessions of the SO.
        if user == .officer, self[slot].readOnlySessionCount > 0 { throw .sessionReadOnlyExists }
    }
}
