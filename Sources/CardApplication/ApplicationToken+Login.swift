import HostCrypto
import ISO7816
import Token

/// The user's PIN: verified on request, counted, and taken back; one user action never spends more than one try.
extension ApplicationToken {
    /// See `Token`.
    public func pinStatus() throws(TokenError) -> PINStatus {
        let now = state.clock()
        if let known = withCache({ $0.tries }), known.isFresh(at: now) { return known.value }
        do throws(TokenError) {
            let status = try perform { (transaction) throws(CardError) in try readTries(transaction) }
            withCache { $0.tries = Reading(status, at: now) }
            return status
        } catch .unsupported where isOutOfService {
            return PINStatus(retriesLeft: nil)
        }
    }

    /// See `Token`.
    public func login(pin: RawSpan) throws(TokenError) {
        try checkForm(pin, of: .user)
        try comparing { (transaction) throws(CardError) in
            // Before the form is asked for in which the card wants it.
            try transaction.prepareForSecret()
            let secret = LoginSecret.pin(try prepare(pin, of: .user, transaction))
            if verifiesSignaturesAtLogin { try verify(secret, .signature, isLogin: false, transaction) }
            try verify(secret, .user, isLogin: true, transaction)
        }
    }

    /// See `Token`. Right after a login nobody is asked a second time: the PIN is known to be right, and where the card
    /// wants it again it is sent when the key is used.
    public func authenticate(pin: RawSpan, forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        try checkForm(pin, of: .user)
        return try comparing { (transaction) throws(CardError) in
            let isUserVerified = withLogin { $0.isVerified(.user, in: transaction.epoch) }
            // Before the form is asked for in which the card wants it, unless it may not be sent at all.
            if !withLogin({ $0.isJustVerified(in: transaction.epoch) }) { try transaction.prepareForSecret() }
            let secret = LoginSecret.pin(try prepare(pin, of: .user, transaction))
            return try permission(secret, key, isUserVerified: isUserVerified, transaction)
        }
    }

    /// - Parameter isUserVerified: whether the card was in the login's state before anything was done for this use.
    private func permission(
        _ secret: LoginSecret, _ key: ObjectReference, isUserVerified: Bool, _ transaction: Transaction
    ) throws(CardError) -> PINAuthorization {
        let verification = verification(forUseOf: key)
        if !withLogin({ $0.isJustVerified(secret, verification, in: transaction.epoch) }) {
            try verify(secret, verification, isLogin: false, transaction)
            // The application was selected for this PIN. What that took from the login is given back with the same PIN, which
            // the card has just found right.
            if case .pin = secret, isUserVerified, !withLogin({ $0.isVerified(.user, in: transaction.epoch) }) {
                try verify(secret, .user, isLogin: false, transaction)
            }
        }
        return withLogin { $0.permission(secret) }
    }

    /// See `Token`.
    public func authenticateWithLogin(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        let verification = verification(forUseOf: key)
        let (permission, isUser) = state.card.betweenTransactions {
            withLogin { ($0.permissionOfLogin(for: verification), $0.isUser) }
        }
        guard let permission else { throw isUser ? .useNotAuthenticated : .notLoggedIn }
        return permission
    }

    /// See `Token`. The card's own state is taken back with a command that old cards refuse; those keep it until the next
    /// reset, which is no worse than without this module. Nothing is sent where the state is known to be gone already, and
    /// no SELECT: the command holds no PIN, and in another application there is none of ours.
    public func logout() {
        // First what needs no card: another program may hold it, or it may be gone.
        let ended = state.card.betweenTransactions { withLogin { $0.endAll() } }
        withCache { $0.forgetPrivate() }
        guard !ended.verifiedEpochs.isEmpty, takesBackVerification else { return }
        _ = try? state.card.commandTransaction { (exchange) throws(CardError) in
            let transaction = CardTransaction(self, exchange)
            for verification in Verification.allCases where ended.isVerified(verification, in: exchange.epoch) {
                let taken = Result { () throws(CardError) in try takeBack(verification, ended, transaction) }
                // One that the card refuses to take back says nothing of the others.
                if case .failure(let error) = taken, !error.isAnswer { throw error }
            }
        }
    }

    /// See `Token`.
    public func wipeExpiredPINs() { state.pins.wipeExpired() }

    /// Runs what has the card compare the user's PIN, and notes what it told of the tries.
    package func comparing<R>(
        _ body: (Transaction) throws(CardError) -> R
    ) throws(TokenError) -> R {
        let outcome = Result { () throws(TokenError) in try perform(.none, body) }
        switch outcome {
        case .success: noteTries(nil)
        case .failure(.pinIncorrect(let left?)): noteTries(left)
        case .failure(.pinBlocked): noteTries(0)
        case .failure: break
        }
        return try outcome.get()
    }

    private func noteTries(_ left: Int?) {
        let now = state.clock()
        withCache {
            let inAll = $0.tries?.value.retriesInAll
            $0.tries = Reading(PINStatus(retriesLeft: left, retriesInAll: inAll), at: now)
        }
    }
}

/// The user's PIN, typed on the reader's keys.
extension ApplicationToken {
    /// See `Token`. Sends nothing.
    public func pinPad() throws(TokenError) -> (any TokenPINPad)? {
        hasPINPad ? self : nil
    }

    /// Whether a PIN can be typed on the reader: as it says, until it refuses to.
    package var hasPINPad: Bool {
        state.card.pinPadAbilities.contains(.verify) && !state.isPadRefused.withLock { $0 }
    }

    /// See `TokenPINPad`. The state for signatures is asked for when the key is used.
    public func login() throws(TokenError) {
        try comparing { (transaction) throws(CardError) in
            try checkTyping(of: .user, transaction)
            try verify(.typedOnReader, .user, isLogin: true, transaction)
        }
    }

    /// See `TokenPINPad`. Right after a login nobody is asked a second time.
    public func authenticate(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        try comparing { (transaction) throws(CardError) in
            try checkTyping(of: .user, transaction)
            let isUserVerified = withLogin { $0.isVerified(.user, in: transaction.epoch) }
            return try permission(.typedOnReader, key, isUserVerified: isUserVerified, transaction)
        }
    }

    /// See `TokenPINPad`.
    public func loginAdministrator() throws(TokenError) { throw .unsupported }

    /// See `TokenPINPad`.
    public func changePIN() throws(TokenError) { throw .unsupported }

    /// See `TokenPINPad`.
    public func unblockPIN() throws(TokenError) { throw .unsupported }

    /// See `TokenPINPad`.
    public func initializePIN() throws(TokenError) { throw .unsupported }

    /// See `TokenPINPad`.
    public func changeAdministratorSecret() throws(TokenError) { throw .unsupported }
}
