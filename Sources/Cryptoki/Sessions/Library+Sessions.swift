import CPKCS11
import Token

/// Chapter "Session management" (PKCS#11 3.2, section 5.6).
extension Library {
    /// C_OpenSession.
    ///
    /// - Parameter flags: CKF_SERIAL_SESSION must be among them.
    public func openSession(_ slotID: UInt, flags: UInt) throws(ReturnCode) -> UInt {
        let slot = try slot(slotID)
        guard flags & CKF_SERIAL_SESSION != 0 else { throw .sessionParallelNotSupported }
        guard flags & CKF_ASYNC_SESSION == 0 else { throw .sessionAsyncNotSupported }
        _ = try token(in: slot)
        return try lock.withLock { () throws(ReturnCode) in
            // The card may have gone since.
            guard slot.token != nil else { throw .tokenNotPresent }
            let isReadWrite = flags & CKF_RW_SESSION != 0
            guard isReadWrite || slot.login != .officer else { throw .sessionReadWriteSOExists }
            sessionCounter += 1
            let session = Session(
                handle: sessionCounter, slot: slot, isReadWrite: isReadWrite)
            sessions[session.handle] = session
            return session.handle
        }
    }

    /// C_CloseSession. With the last session of a token goes its login.
    public func closeSession(_ handle: UInt) throws(ReturnCode) {
        let slot = try session(handle).slot
        try slot.loginLock.withLock { () throws(ReturnCode) in
            let closed = lock.withLock { () -> Session? in
                objects.endAll(madeBy: [handle])
                return sessions.removeValue(forKey: handle)
            }
            guard closed != nil else { throw .sessionHandleInvalid }
            endLoginWithoutSessions(slot)
        }
    }

    /// C_CloseAllSessions: all that this process has with one token.
    public func closeAllSessions(_ slotID: UInt) throws(ReturnCode) {
        let slot = try slot(slotID)
        slot.loginLock.withLock {
            let ended = lock.withLock { () -> [Session] in
                let ended = sessions.values.filter { $0.slot === slot }
                for session in ended { sessions[session.handle] = nil }
                objects.endAll(madeBy: Set(ended.map(\.handle)))
                return ended
            }
            endLoginWithoutSessions(slot)
            withExtendedLifetime(ended) {}
        }
    }

    /// C_GetSessionInfo.
    public func sessionInfo(_ handle: UInt) throws(ReturnCode) -> SessionInfo {
        refresh()
        let session = try session(handle)
        return lock.withLock {
            SessionInfo(
                slotID: session.slot.id, isReadWrite: session.isReadWrite, login: session.slot.login)
        }
    }

    /// C_SessionCancel: ends the operations whose flags are given.
    public func cancelSession(_ handle: UInt, flags: UInt) throws(ReturnCode) {
        let session = try session(handle)
        session.operationLock.withLock {
            if flags & CKF_FIND_OBJECTS != 0 { session.search = nil }
            if flags & CKF_SIGN != 0 { session.signing = nil }
            if flags & CKF_VERIFY != 0 { session.verification = nil }
            if flags & CKF_SIGN_RECOVER != 0 { session.signRecovery = nil }
            if flags & CKF_VERIFY_RECOVER != 0 { session.verifyRecovery = nil }
            if flags & CKF_MESSAGE_SIGN != 0 { session.messageSigning = nil }
            if flags & CKF_MESSAGE_VERIFY != 0 { session.messageVerification = nil }
            if flags & CKF_ENCRYPT != 0 { session.encryption = nil }
            if flags & CKF_DECRYPT != 0 { session.decryption = nil }
            if flags & CKF_MESSAGE_ENCRYPT != 0 { session.messageEncryption = nil }
            if flags & CKF_MESSAGE_DECRYPT != 0 { session.messageDecryption = nil }
            if flags & CKF_DIGEST != 0 { session.digest = nil }
            if flags & (CKF_DERIVE | CKF_UNWRAP | CKF_DECRYPT) != 0 { session.singleUse = nil }
        }
    }

    /// C_GetOperationState. What libcrypto and the card keep of an operation cannot be told, so there is only the choice
    /// between CKR_OPERATION_NOT_INITIALIZED and CKR_STATE_UNSAVEABLE (PKCS#11 3.2, section 5.6.5).
    public func saveOperationState(_ handle: UInt) throws(ReturnCode) {
        let session = try session(handle)
        let active = session.operationLock.withLock { session.activeOperations }
        throw active == 0 ? .operationNotInitialized : .stateUnsaveable
    }

    /// Throws CKR_SESSION_HANDLE_INVALID unless there is such a session.
    public func checkSession(_ handle: UInt) throws(ReturnCode) { _ = try session(handle) }

    /// The session of that handle.
    func session(_ handle: UInt) throws(ReturnCode) -> Session {
        guard let session = lock.withLock({ sessions[handle] }) else { throw .sessionHandleInvalid }
        return session
    }

    /// The session of that handle, after a look whether its card is still there.
    func liveSession(_ handle: UInt) throws(ReturnCode) -> Session {
        _ = try session(handle)
        refresh()
        return try session(handle)
    }

    /// The token that a session is with.
    func token(of session: Session) throws(ReturnCode) -> any Token {
        guard let token = lock.withLock({ session.slot.token }) else { throw .deviceRemoved }
        return token
    }

    /// Ends the login of a slot that has no session left. The slot's login lock is held.
    func endLoginWithoutSessions(_ slot: Slot) {
        let token = lock.withLock { () -> (any Token)? in
            guard slot.login != .none, !sessions.values.contains(where: { $0.slot === slot }) else { return nil }
            loggedOut(slot)
            return slot.token
        }
        token?.logout()
    }
}

/// CK_SESSION_INFO.
public struct SessionInfo: Hashable, Sendable {
    /// The slot of the token.
    public let slotID: UInt
    let isReadWrite: Bool
    let login: LoginState

    /// CKS_…
    public var state: UInt {
        switch login {
        case .none: isReadWrite ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION
        case .user: isReadWrite ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS
        case .officer: CKS_RW_SO_FUNCTIONS
        }
    }

    /// CKF_SERIAL_SESSION, and CKF_RW_SESSION where it is one.
    public var flags: UInt { CKF_SERIAL_SESSION | (isReadWrite ? CKF_RW_SESSION : 0) }
}
