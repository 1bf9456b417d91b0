// The standard documents the functions of this file.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CPKCS11
import Cryptoki

// Chapter "Session management functions" (PKCS#11 3.2, section 5.6).

@c @implementation
public func C_OpenSession(
    _ slotID: CK_SLOT_ID, _ flags: CK_FLAGS, _ pApplication: CK_VOID_PTR!, _ Notify: CK_NOTIFY!,
    _ phSession: CK_SESSION_HANDLE_PTR!
) -> CK_RV {
    call { (library) throws(ReturnCode) in
        let target = try required(phSession)
        target.pointee = try library.openSession(slotID, flags: flags)
    }
}

@c @implementation
public func C_CloseSession(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call { (library) throws(ReturnCode) in try library.session(hSession).close() }
}

@c @implementation
public func C_CloseAllSessions(_ slotID: CK_SLOT_ID) -> CK_RV {
    call { (library) throws(ReturnCode) in try library.closeAllSessions(slotID) }
}

@c @implementation
public func C_GetSessionInfo(_ hSession: CK_SESSION_HANDLE, _ pInfo: CK_SESSION_INFO_PTR!) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        let target = try required(pInfo)
        let info = try session.information()
        target.pointee = CK_SESSION_INFO(slotID: info.slotID, state: info.state, flags: info.flags, ulDeviceError: 0)
    }
}

@c @implementation
public func C_SessionCancel(_ hSession: CK_SESSION_HANDLE, _ flags: CK_FLAGS) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in session.cancel(flags) }
}

@c @implementation
public func C_GetOperationState(
    _ hSession: CK_SESSION_HANDLE, _ pOperationState: CK_BYTE_PTR!, _ pulOperationStateLen: CK_ULONG_PTR!
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        _ = try required(pulOperationStateLen)
        try session.saveOperationState()
    }
}

@c @implementation
public func C_SetOperationState(
    _ hSession: CK_SESSION_HANDLE, _ pOperationState: CK_BYTE_PTR!, _ ulOperationStateLen: CK_ULONG,
    _ hEncryptionKey: CK_OBJECT_HANDLE, _ hAuthenticationKey: CK_OBJECT_HANDLE
) -> CK_RV {
    call(hSession) { (_) throws(ReturnCode) in
        // No state was ever handed out, so none can be right.
        try lending(pOperationState, ulOperationStateLen) { (_) throws(ReturnCode) in throw .savedStateInvalid }
    }
}

@c @implementation
public func C_Login(
    _ hSession: CK_SESSION_HANDLE, _ userType: CK_USER_TYPE, _ pPin: CK_UTF8CHAR_PTR!, _ ulPinLen: CK_ULONG
) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in
        try lendingPIN(pPin, ulPinLen) { (pin) throws(ReturnCode) in
            try session.login(userType: userType, pin: pin)
        }
    }
}

@c @implementation
public func C_LoginUser(
    _ hSession: CK_SESSION_HANDLE, _ userType: CK_USER_TYPE, _ pPin: CK_UTF8CHAR_PTR!, _ ulPinLen: CK_ULONG,
    _ pUsername: CK_UTF8CHAR_PTR!, _ ulUsernameLen: CK_ULONG
) -> CK_RV {
    // No card here knows users by name; without one the function is C_Login (PKCS#11 3.2, section 5.6.9).
    guard ulUsernameLen == 0 else { return call(hSession) { (_) throws(ReturnCode) in throw .argumentsBad } }
    return C_Login(hSession, userType, pPin, ulPinLen)
}

@c @implementation
public func C_Logout(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (session) throws(ReturnCode) in try session.logout() }
}

// Functions of old parallel sessions (PKCS#11 3.2, section 5.22).

@c @implementation
public func C_GetFunctionStatus(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (_) throws(ReturnCode) in throw .functionNotParallel }
}

@c @implementation
public func C_CancelFunction(_ hSession: CK_SESSION_HANDLE) -> CK_RV {
    call(hSession) { (_) throws(ReturnCode) in throw .functionNotParallel }
}
