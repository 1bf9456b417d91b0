import CardApplication
import HostCrypto
import ISO7816
import Token

/// New values for PW1, PW3 and the resetting code. Each call spends at most one try, and only of the secret that it was
/// given.
extension OpenPGPToken {
    /// See `Token`: PW1.
    public func changePIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        try changePassword(.other, from: old, to: new)
    }

    /// See `Token`: PW3.
    public func changeAdministratorSecret(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        try changePassword(.administrator, from: old, to: new)
    }

    /// See `Token`: PW3 asks for none.
    public func administratorTouchPolicy() throws(TokenError) -> KeyPolicy.TouchPolicy { .never }

    /// See `Token`: by the resetting code.
    public func unblockPIN(with code: RawSpan, to new: RawSpan) throws(TokenError) {
        _ = try unblock(with: code, to: new)
    }

    /// See `Token`. Whether the PIN is blocked still is asked once more, right before the resetting code is given.
    public func changeOrUnblockPIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        let status = try perform { (transaction) throws(CardError) in try transaction.passwordStatus() }
        if status?.userTries == 0, try unblock(with: old, to: new, onlyIfBlocked: true) { return }
        try changePIN(from: old, to: new)
    }

    /// - Returns: whether it was done: where it is for a blocked PIN only, that must be blocked.
    private func unblock(with code: RawSpan, to new: RawSpan, onlyIfBlocked: Bool = false) throws(TokenError) -> Bool {
        try checkForm(new, .user)
        let isDone = try verifying(code, .resettingCode) { (code, transaction) throws(CardError) in
            let new = try derive(new, .user, transaction)
            try transaction.prove()
            if onlyIfBlocked, try transaction.passwordStatus()?.userTries != 0 { return false }
            transaction.forgetPasswordStatus()
            try code.withBytes { (code) throws(CardError) in
                try new.withBytes { (new) throws(CardError) in
                    try transaction.card.resetRetryCounter(resettingCode: code, newPassword: new)
                }
            }
            authentication.replaceLogin(.other, by: .pin(new))
            return true
        }
        withCache { $0.forgetTries() }
        return isDone
    }

    /// See `Token`: PW3 gives PW1 a new value.
    public func initializePIN(to new: RawSpan) throws(TokenError) {
        try checkForm(new, .user)
        try performWriting(.administrator) { (transaction) throws(CardError) in
            let new = try derive(new, .user, transaction)
            try transaction.prove()
            transaction.forgetPasswordStatus()
            try new.withBytes { (new) throws(CardError) in
                try transaction.card.resetRetryCounter(resettingCode: nil, newPassword: new)
            }
            authentication.replaceLogin(.other, by: .pin(new))
        }
        withCache { $0.forgetTries() }
    }

    /// See `Token`: the resetting code is the administrator's to write, and nobody's to tell.
    public func changeUnblockingCode(from old: RawSpan?, to new: RawSpan) throws(TokenError) {
        guard old == nil else { throw .unsupported }
        try checkForm(new, .resettingCode)
        try performWriting(.administrator) { (transaction) throws(CardError) in
            let code = try derive(new, .resettingCode, transaction)
            try transaction.prove()
            transaction.forgetPasswordStatus()
            try code.withBytes { (code) throws(CardError) in try transaction.card.putResettingCode(code) }
        }
    }

    /// See `Token`. A card without a resetting code has no tries of it.
    public func unblockingStatus() throws(TokenError) -> PINStatus {
        let status = try perform { (transaction) throws(CardError) in try transaction.passwordStatus() }
        return PINStatus(retriesLeft: status?.resettingCodeTries)
    }

    private func changePassword(_ mode: PasswordMode, from old: RawSpan, to new: RawSpan) throws(TokenError) {
        try checkForm(new, mode.secret)
        try verifying(old, mode.secret) { (old, transaction) throws(CardError) in
            let new = try derive(new, mode.secret, transaction)
            try transaction.prove()
            transaction.forgetPasswordStatus()
            authentication.forgetVerification(of: mode)
            try old.withBytes { (old) throws(CardError) in
                try new.withBytes { (new) throws(CardError) in
                    try transaction.card.changePassword(mode, from: old, to: new)
                }
            }
            authentication.replaceLogin(mode, by: .pin(new))
        }
    }
}
