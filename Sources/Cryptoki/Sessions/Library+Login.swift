import CPKCS11
import Token

/// C_Login and C_Logout (PKCS#11 3.2, sections 5.6.8 to 5.6.10). A PIN try is spent by each call that the card answers,
/// and by nothing else.
extension Library {
    /// C_Login.
    ///
    /// - Parameters:
    ///   - userType: CKU_USER, CKU_SO, or CKU_CONTEXT_SPECIFIC for the operation that waits for it.
    ///   - pin: UTF-8. Nil where it is to be typed on the reader's keys. An empty one, which no card has, says the same where
    ///     there are such keys.
    public func login(_ handle: UInt, userType: UInt, pin: RawSpan?) throws(ReturnCode) {
        let session = try liveSession(handle)
        switch userType {
        case CKU_USER: try logIn(session, pin, as: .user)
        case CKU_SO: try logIn(session, pin, as: .officer)
        case CKU_CONTEXT_SPECIFIC: try loginForOperation(session, pin)
        default: throw .userTypeInvalid
        }
    }

    /// C_Logout. The handles of private objects end, and with them the operations that were begun with their keys.
    public func logout(_ handle: UInt) throws(ReturnCode) {
        let session = try liveSession(handle)
        let token = try token(of: session)
        try session.slot.loginLock.withLock { () throws(ReturnCode) in
            try lock.withLock { () throws(ReturnCode) in
                guard session.slot.login != .none else { throw .userNotLoggedIn }
                loggedOut(session.slot)
            }
            token.logout()
        }
    }

    /// Whether the SO is logged in to the token of a session.
    func isOfficer(_ session: Session) -> Bool { lock.withLock { session.slot.login == .officer } }

    private func logIn(_ session: Session, _ pin: RawSpan?, as user: LoginState) throws(ReturnCode) {
        let slot = session.slot
        try slot.loginLock.withLock { () throws(ReturnCode) in
            try lock.withLock { () throws(ReturnCode) in try checkMayLogIn(user, to: slot) }
            let token = try token(of: session)
            try asking(loggingIn: slot, token, "C_Login") { () throws(TokenError) in
                try logIn(to: token, pin, as: user, slot)
            }
            let problem = lock.withLock { () -> ReturnCode? in
                // The card may have been pulled out while it verified, or a read-only session been opened.
                guard sessions[session.handle] != nil, slot.token === token else { return .sessionHandleInvalid }
                if user == .officer, hasReadOnlySession(slot) { return .sessionReadOnlyExists }
                slot.login = user
                return nil
            }
            if let problem {
                token.logout()
                throw problem
            }
        }
    }

    private func logIn(
        to token: any Token, _ pin: RawSpan?, as user: LoginState, _ slot: Slot
    ) throws(TokenError) {
        if let pad = try pinPad(of: token, inPlaceOf: pin) {
            return user == .officer ? try pad.loginAdministrator() : try pad.login()
        }
        guard let pin else { throw .pinMissing }
        try checkText(pin)
        if user == .officer { return try token.loginAdministrator(secret: pin) }
        try spareLastTry(of: token, in: slot)
        try token.login(pin: pin)
    }

    /// The reader's keys, where there are some and the caller gives no PIN: NULL, or an empty one, as programs give it that
    /// ask a person who then types nothing.
    func pinPad(of token: any Token, inPlaceOf pin: RawSpan?) throws(TokenError) -> (any TokenPINPad)? {
        isLeftOut(pin) ? try token.pinPad() : nil
    }

    /// Whether a caller gives no PIN.
    func isLeftOut(_ pin: RawSpan?) -> Bool {
        guard let pin else { return true }
        return pin.byteCount == 0
    }

    /// Throws unless nobody is logged in, and no session stands in the way. The library's lock is held.
    private func checkMayLogIn(_ user: LoginState, to slot: Slot) throws(ReturnCode) {
        guard slot.login == .none else {
            throw slot.login == user ? .userAlreadyLoggedIn : .userAnotherAlreadyLoggedIn
        }
        // There are no read-only sessions of the SO.
        if user == .officer, hasReadOnlySession(slot) { throw .sessionReadOnlyExists }
    }

    /// ssh-add gives the one PIN that it was given to every slot. Where this process is logged in to another application
    /// of the same card, the PIN may be that one's: then the last try of this one is left alone, so that a PIN meant for
    /// one application never blocks the other.
    private func spareLastTry(of token: any Token, in slot: Slot) throws(TokenError) {
        let isBeside = lock.withLock {
            slots.contains { $0.reader === slot.reader && $0 !== slot && $0.login == .user }
        }
        guard isBeside, try token.pinStatus().retriesLeft == 1 else { return }
        log.line("C_Login: the last try of this PIN is not spent while the card's other application is logged in to")
        throw .pinIncorrect(retriesLeft: 1)
    }

    private func hasReadOnlySession(_ slot: Slot) -> Bool {
        sessions.values.contains { $0.slot === slot && !$0.isReadWrite }
    }

    /// Allows the one use of an always-authenticate key that the session's operation is waiting for.
    private func loginForOperation(_ session: Session, _ pin: RawSpan?) throws(ReturnCode) {
        let token = try token(of: session)
        try session.operationLock.withLock { () throws(ReturnCode) in
            let waiting = session.keyedOperations.first { $0.privateKey?.needsAuthentication == true }
            guard let waiting, case .card(let object)? = waiting.privateKey?.holder else {
                throw .operationNotInitialized
            }
            let authorization = try asking(session.slot, token, "C_Login") {
                () throws(TokenError) -> any UseAuthorization in
                if let pad = try pinPad(of: token, inPlaceOf: pin) {
                    return try pad.authenticate(forUseOf: object.reference)
                }
                guard let pin else { throw .pinMissing }
                try checkText(pin)
                return try token.authenticate(pin: pin, forUseOf: object.reference)
            }
            waiting.privateKey?.authorization = authorization
        }
    }

    /// Throws unless a PIN could be one.
    func checkText(_ pin: RawSpan) throws(TokenError) {
        // No card has longer PINs, and a caller's wrong length is not to be read through.
        guard pin.byteCount <= 255 else { throw .pinLengthOutOfRange }
        // Validated byte by byte, so that no String holds a copy of the PIN.
        let isText = pin.withUnsafeBytes { UTF8Check.isValid($0) }
        guard isText else { throw .pinMalformed }
    }
}
