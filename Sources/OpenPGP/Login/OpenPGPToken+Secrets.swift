import CardApplication
import HostCrypto
import ISO7816
import Token

/// New values for PW1, PW3 and the resetting code. Each call spends at most one try, and only of the secret that it was
/// given; `changeOrUnblockPIN` takes the old PIN for the resetting code where PW1 is blocked.
extension OpenPGPToken {
    /// See `Token`: PW1.
    public func changePIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        try checkForm(new, of: .user)
        try checkForm(old, of: .user)
        try comparing { (transaction) throws(CardError) in try changePassword(.user, old, new, transaction) }
    }

    /// See `Token`: PW3.
    public func changeAdministratorSecret(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        try checkForm(new, of: .administrator)
        try checkForm(old, of: .administrator)
        try perform { (transaction) throws(CardError) in try changePassword(.administrator, old, new, transaction) }
    }

    /// See `Token`: by the resetting code.
    public func unblockPIN(with code: RawSpan, to new: RawSpan) throws(TokenError) {
        _ = try unblock(with: code, to: new)
    }

    /// See `Token`. Whether the PIN is blocked still is asked once more, right before the resetting code is given.
    public func changeOrUnblockPIN(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        let status = try perform { (transaction) throws(CardError) in try transaction.passwordStatus() }
        if let status, status.userTries == 0 {
            // Whoever wants to change a PIN that is blocked may not mean the resetting code.
            guard status.lengths(.resettingCode).contains(old.byteCount), status.resettingCodeTries > 1 else {
                throw .pinBlocked
            }
            if try unblock(with: old, to: new, onlyIfBlocked: true) { return }
        }
        try changePIN(from: old, to: new)
    }

    /// - Returns: whether it was done: where it is for a blocked PIN only, that must be blocked.
    private func unblock(with code: RawSpan, to new: RawSpan, onlyIfBlocked: Bool = false) throws(TokenError) -> Bool {
        try checkForm(new, .user)
        try checkForm(code, .resettingCode)
        return try perform { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            let code = try derive(code, .resettingCode, transaction)
            let new = try derive(new, .user, transaction)
            if onlyIfBlocked, try transaction.passwordStatus()?.userTries != 0 { return false }
            try unblock(by: .pin(new), transaction) { () throws(CardError) in
                try code.withBytes { (code) throws(CardError) in
                    try new.withBytes { (new) throws(CardError) in
                        try transaction.card.resetRetryCounter(resettingCode: code, newPassword: new)
                    }
                }
            }
            return true
        }
    }

    /// Runs a command that gives PW1 another value, and all its tries.
    func unblock(
        by new: LoginSecret, _ transaction: OpenPGPTransaction, _ command: () throws(CardError) -> Void
    ) throws(CardError) {
        transaction.forgetPasswordStatus()
        let outcome = Result { () throws(CardError) in try command() }
        if case .failure(let error) = outcome { throw try explain(error, of: .resettingCode, transaction) }
        withCache { $0.tries?.doubt() }
        withLogin { $0.replace(.user, by: new) }
    }

    /// See `Token`: PW3 gives PW1 a new value.
    public func initializePIN(to new: RawSpan) throws(TokenError) {
        try checkForm(new, .user)
        try performWriting(.administrator) { (transaction) throws(CardError) in
            let new = try derive(new, .user, transaction)
            try transaction.prove()
            try unblock(by: .pin(new), transaction) { () throws(CardError) in
                try new.withBytes { (new) throws(CardError) in
                    try transaction.card.resetRetryCounter(resettingCode: nil, newPassword: new)
                }
            }
        }
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

    private func changePassword(
        _ owner: PINKeeper.Owner, _ old: RawSpan, _ new: RawSpan, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        try transaction.prepareForSecret()
        let old = try prepare(old, of: owner, transaction)
        let new = try prepare(new, of: owner, transaction)
        transaction.forgetPasswordStatus()
        try replace(owner, by: .pin(new), transaction) { () throws(CardError) in
            try old.withBytes { (old) throws(CardError) in
                try new.withBytes { (new) throws(CardError) in
                    try transaction.card.changePassword(
                        PasswordMode(owner == .user ? .user : .administrator), from: old, to: new)
                }
            }
        }
    }
}
