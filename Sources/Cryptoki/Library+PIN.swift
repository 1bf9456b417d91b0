import CPKCS11
import Token

/// C_InitPIN and C_SetPIN (PKCS#11 3.2, sections 5.5.8 and 5.5.9). Each call spends at most one try, of the secret that it
/// was given.
extension Library {
    /// C_InitPIN: the SO gives the user a new PIN.
    public func initializePIN(_ handle: UInt, to pin: RawSpan) throws(ReturnCode) {
        let session = try liveSession(handle)
        guard session.isReadWrite else { throw .sessionReadOnly }
        guard isOfficer(session) else { throw .userNotLoggedIn }
        let token = try token(of: session)
        try asking(session.slot, token, "C_InitPIN", as: .initializePIN) { () throws(TokenError) in
            try checkText(pin)
            try token.initializePIN(to: pin)
        }
    }

    /// C_SetPIN: the SO's secret where the SO is logged in, else the user's PIN.
    ///
    /// Where nobody is logged in and the PIN is blocked, no value of the old PIN can be right; what is given as such is then
    /// the code that unblocks it (PUK, resetting code), as `pkcs11-tool --unlock-pin` gives it.
    public func setPIN(_ handle: UInt, from old: RawSpan, to new: RawSpan) throws(ReturnCode) {
        let session = try liveSession(handle)
        guard session.isReadWrite else { throw .sessionReadOnly }
        let (slot, token) = (session.slot, try token(of: session))
        try asking(slot, token, "C_SetPIN", as: .setPIN) { () throws(TokenError) in
            try checkText(old)
            try checkText(new)
            // Whose secret it is must not change before the card has got it.
            try slot.loginLock.withLock { () throws(TokenError) in
                switch lock.withLock({ slot.login }) {
                case .officer: try token.changeAdministratorSecret(from: old, to: new)
                case .user: try token.changePIN(from: old, to: new)
                case .none: try token.changeOrUnblockPIN(from: old, to: new)
                }
            }
        }
    }
}
