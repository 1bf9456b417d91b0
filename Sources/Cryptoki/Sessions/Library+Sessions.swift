import CPKCS11
import Token

/// C_OpenSession and C_CloseAllSessions (PKCS#11 3.2, section 5.6), and how a call finds its session.
extension Library {
    /// C_OpenSession.
    ///
    /// - Parameter flags: CKF_SERIAL_SESSION must be among them.
    public func openSession(_ slotID: UInt, flags: UInt) throws(ReturnCode) -> UInt {
        let slot = try slot(slotID)
        guard flags & CKF_SERIAL_SESSION != 0 else { throw .sessionParallelNotSupported }
        guard flags & CKF_ASYNC_SESSION == 0 else { throw .sessionAsyncNotSupported }
        _ = try token(in: slot)
        return try tables.withLock { (tables) throws(ReturnCode) in
            // The card may have gone since.
            guard tables.token(in: slot) != nil else { throw .tokenNotPresent }
            let isReadWrite = flags & CKF_RW_SESSION != 0
            guard isReadWrite || tables[slot].login != .officer else { throw .sessionReadWriteSOExists }
            return try tables.addSession(with: slot, isReadWrite: isReadWrite).handle
        }
    }

    /// C_CloseAllSessions: all that this process has with one token.
    public func closeAllSessions(_ slotID: UInt) throws(ReturnCode) {
        let slot = try slot(slotID)
        slot.login.withLock { turn in
            let ended = tables.withLock { $0.removeSessions(with: slot) }
            calls.endLoginWithoutSessions(slot, &turn)
            withExtendedLifetime(ended) {}
        }
    }

    /// The session of a handle, or CKR_SESSION_HANDLE_INVALID.
    public func session(_ handle: UInt) throws(ReturnCode) -> Session {
        guard let record = tables.withLock({ $0.enter(handle) }) else { throw .sessionHandleInvalid }
        return Session(library: self, record: record)
    }
}
