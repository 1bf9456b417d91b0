import ISO7816
import Token

/// Transactions: the application is selected and proven, the login restored, and what another program has taken is taken
/// back.
extension ApplicationToken {
    /// Reads or writes what is known of the card.
    package func withCache<R>(_ body: (inout Cache) -> R) -> R { state.cache.withLock(body) }

    /// Reads or writes the logins. Only within a transaction, or between transactions.
    package func withLogin<R>(_ body: (inout Login<Details>) -> R) -> R { state.login.withLock(body) }

    /// Runs `body` in one transaction with the application selected. Where a command fails because another program took
    /// the card, the application is selected again, the login restored, and `body` runs once more.
    ///
    /// - Parameters:
    ///   - access: what the card must have verified before. Restoring sends the PIN that the user gave, or proves
    ///     the administrator's secret; where there is neither the answer is `TokenError.notLoggedIn`.
    ///   - key: a key whose result cannot be verified. What is believed of it is then no older than `Reading.lifetime`, or
    ///     asked anew; where another one lies in its place, or none, the answer is `TokenError.objectNotFound`.
    package func perform<R>(
        _ access: Access = .none, trusting key: ObjectReference? = nil, _ body: (Transaction) throws(CardError) -> R
    ) throws(TokenError) -> R {
        let outcome = Result { () throws(CardError) in
            try state.card.commandTransaction { (exchange) throws(CardError) in
                try exchange.outlastingReset { () throws(CardError) in
                    let transaction = CardTransaction(self, exchange)
                    let result = Result { () throws(CardError) in try run(access, key, transaction, body) }
                    if case .failure(let error) = result {
                        leave(transaction, after: error)
                    } else {
                        leave(transaction, after: nil)
                    }
                    return try result.get()
                }
            }
        }
        return try outcome.mapError { noted($0) }.get()
    }

    /// What a failed transaction means to the user, noted where it tells of the card's state.
    private func noted(_ error: CardError) -> TokenError {
        let tokenError = error.tokenError
        if case .channel(_, .pinEntryRefused) = error { state.isPadRefused.withLock { $0 = true } }
        switch tokenError {
        // The PIN that was kept may just have cost a try.
        case .notLoggedIn, .keptPINRefused: withCache { $0.tries?.doubt() }
        // The login has ended with the card's stay.
        case .removed: state.card.betweenTransactions { withLogin { _ = $0.endAll() } }
        default: break
        }
        return tokenError
    }

    private func run<R>(
        _ access: Access, _ key: ObjectReference?, _ transaction: Transaction,
        _ body: (Transaction) throws(CardError) -> R
    ) throws(CardError) -> R {
        let revision = key.map { self.revision(of: $0) }
        try transaction.selectIfLost()
        try begin(transaction)
        // Before the PIN, which on some cards must stand right before the use of a key.
        if let key, !isBelieved(key, at: transaction.now) { try require(key, transaction) }
        try restore(access, transaction)
        try requireRevision(revision, of: key)
        let epoch = transaction.epoch
        let outcome = Result { () throws(CardError) in try body(transaction) }
        guard case .failure(let error) = outcome, isWorthRepeating(error, access, transaction) else {
            return try outcome.get()
        }
        try recover(error, access, transaction)
        if let key, transaction.epoch != epoch { try require(key, transaction) }
        try restore(access, transaction)
        try requireRevision(revision, of: key)
        let repeated = Result { () throws(CardError) in try body(transaction) }
        if case .failure(let error) = repeated, error.status == .securityStatusNotSatisfied,
            let verification = access.verification, transaction.hasOverruledQuery
        {
            // The query says one thing and the key another, whatever PIN is sent: no second one is.
            withLogin { $0.end(verification.owner) }
        }
        return try repeated.get()
    }

    /// Throws where another key lies in a place than the one that is believed to, or none.
    private func require(_ key: ObjectReference, _ transaction: Transaction) throws(CardError) {
        let revision = revision(of: key)
        let read = Result { () throws(CardError) in try readAnew(key, transaction) }
        if case .failure(let error) = read, error.isAnswer, !transaction.isProven {
            try recover(error, .none, transaction)
            try readAnew(key, transaction)
        } else {
            try read.get()
        }
        guard self.revision(of: key) == revision else { throw .refused(.objectNotFound) }
    }

    /// Throws where the card has told on the way, as when it showed who it is, that another key lies in a place.
    private func requireRevision(_ revision: UInt64?, of key: ObjectReference?) throws(CardError) {
        guard let key, self.revision(of: key) != revision else { return }
        throw .refused(.objectNotFound)
    }

    /// See `Token`.
    public func isUnchanged(_ key: ObjectReference) throws(TokenError) -> Bool {
        let revision = revision(of: key)
        try perform { (transaction) throws(CardError) in
            try identify(transaction)
            try readAnew(key, transaction)
        }
        return self.revision(of: key) == revision
    }

    /// Throws `TokenError.removed` unless the card is the one that the token is of. Asks once in a transaction.
    package func identify(_ transaction: Transaction) throws(CardError) {
        guard !transaction.isIdentified else { return }
        try proveIdentity(transaction)
        transaction.noteIdentity()
    }

    /// Whether the card may have answered so only because another program took it meanwhile.
    private func isWorthRepeating(
        _ error: CardError, _ access: Access, _ transaction: Transaction
    ) -> Bool {
        // What no card said is never repeated.
        guard error.isAnswer else { return false }
        // In a proven transaction only the verified state can be lost.
        let isStateLost = error.status == .securityStatusNotSatisfied && access.verification != nil
        return !transaction.isProven || (transaction.wasAnothers || isStateLost) && !transaction.hasRestored
    }

    /// Finds out what was lost: the verified state alone, or the application too. 6982 and its like come from the right
    /// application nearly always, which is asked who it is where it can show that; an unknown command calls for SELECT.
    private func recover(
        _ error: CardError, _ access: Access, _ transaction: Transaction
    ) throws(CardError) {
        if Self.isProvenBySelectAlone || error.isUnknownCommand && !transaction.isProven {
            try transaction.selectAgain()
        } else if !error.isUnknownCommand {
            try transaction.prove()
        }
        if error.status == .securityStatusNotSatisfied, let verification = access.verification {
            withLogin { $0.forgetVerification(of: verification) }
            transaction.noteRefusalByKey()
        }
    }
}
