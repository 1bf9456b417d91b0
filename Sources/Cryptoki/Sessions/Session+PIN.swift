import CPKCS11
import Token

/// C_InitPIN and C_SetPIN (PKCS#11 3.2, sections 5.5.8 and 5.5.9). Each call spends at most one try, of the secret that it
/// was given.
extension Session {
    /// C_InitPIN: the SO gives the user a new PIN.
    ///
    /// - Parameter pin: nil, or empty, where it is to be typed on the reader's keys.
    public func initializePIN(to pin: RawSpan?) throws(ReturnCode) {
        try checkPresence()
        guard record.isReadWrite else { throw .sessionReadOnly }
        guard isOfficer else { throw .userNotLoggedIn }
        let token = try token()
        try calls.asking(slot, token, "C_InitPIN", as: .initializePIN) { () throws(TokenError) in
            if let pad = try PINText.pad(of: token, inPlaceOf: pin) { return try pad.initializePIN() }
            guard let pin else { throw .pinMissing }
            try PINText.check(pin)
            try token.initializePIN(to: pin)
        }
    }

    /// C_SetPIN: the SO's secret where the SO is logged in, else the user's PIN.
    ///
    /// Where nobody is logged in and the PIN is blocked, no value of the old PIN can be right; what is given as such is then
    /// the code that unblocks it (PUK, resetting code), as `pkcs11-tool --unlock-pin` gives it.
    ///
    /// - Parameters:
    ///   - old: nil, or empty, with the new one, where both are to be typed on the reader's keys.
    ///   - new: nil, or empty, with the old one.
    public func setPIN(from old: RawSpan?, to new: RawSpan?) throws(ReturnCode) {
        try checkPresence()
        guard record.isReadWrite else { throw .sessionReadOnly }
        let token = try token()
        try calls.asking(slot, token, "C_SetPIN", as: .setPIN) { () throws(TokenError) in
            let pad = PINText.isLeftOut(old) ? try PINText.pad(of: token, inPlaceOf: new) : nil
            // Whose secret it is must not change before the card has got it.
            try slot.login.withLock { (_) throws(TokenError) in
                let login = self.login
                if let pad { return try change(with: pad, of: token, login) }
                guard let old, let new else { throw .pinMissing }
                try change(from: old, to: new, of: token, login)
            }
        }
    }

    private func change(
        from old: RawSpan, to new: RawSpan, of token: any Token, _ login: LoginState
    ) throws(TokenError) {
        try PINText.check(old)
        try PINText.check(new)
        switch login {
        case .officer: try token.changeAdministratorSecret(from: old, to: new)
        case .user: try token.changePIN(from: old, to: new)
        case .none: try token.changeOrUnblockPIN(from: old, to: new)
        }
    }

    /// The same on the reader's keys.
    private func change(
        with pad: any TokenPINPad, of token: any Token, _ login: LoginState
    ) throws(TokenError) {
        switch login {
        case .officer: try pad.changeAdministratorSecret()
        case .user: try pad.changePIN()
        case .none:
            guard try token.pinStatus().retriesLeft == 0 else { return try pad.changePIN() }
            try pad.unblockBlockedPIN()
        }
    }
}
