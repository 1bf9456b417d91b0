import CardApplication
import ISO7816
import Token

/// New values of the user's PIN, typed on the reader's keys. The management key has no digits, and the PUK is not verified.
extension PIVToken {
    /// See `TokenPINPad`.
    public func changePIN() throws(TokenError) {
        try comparing { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            // Nobody is to type a PIN twice for it.
            if !hasOnePIN { _ = try statusOfPIN(transaction) }
            let reference = try pinReference(transaction)
            try replace(.user, by: .typedOnReader, transaction) { () throws(CardError) in
                try transaction.card.changeReferenceDataOnReader(reference)
            }
        }
    }

    /// See `TokenPINPad`: the PUK is typed, and then the new PIN.
    public func unblockPIN() throws(TokenError) {
        try perform { (transaction) throws(CardError) in try typeUnblockingKey(transaction) }
    }

    /// See `TokenPINPad`: the PUK's last try is left to who surely means it.
    public func unblockBlockedPIN() throws(TokenError) {
        try perform { (transaction) throws(CardError) in
            try transaction.prepareForSecret()
            guard try unblockingTries(transaction) ?? .max > 1 else { throw .refused(.pinBlocked) }
            try typeUnblockingKey(transaction)
        }
    }

    private func typeUnblockingKey(_ transaction: PIVTransaction) throws(CardError) {
        try transaction.prepareForSecret()
        try checkUnblocking(transaction)
        withCache { $0.tries?.doubt() }
        try transaction.card.resetRetryCounterOnReader()
        withLogin { $0.replace(.user, by: .typedOnReader) }
    }

    /// See `TokenPINPad`. The PUK is asked for whoever the administrator has logged in as: the card wants it.
    public func initializePIN() throws(TokenError) { try unblockPIN() }
}
