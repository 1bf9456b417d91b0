import CardApplication
import HostCrypto
import ISO7816
import Token

/// PW1 and PW3: verified on request, counted, restored; one user action never spends more than one try.
extension OpenPGPToken {
    /// See `Token`.
    public func pinStatus() throws(TokenError) -> PINStatus {
        if let known = withCache({ $0.knownTries(now) }) {
            return Self.status(known)
        }
        do throws(TokenError) {
            let status = try perform { (transaction) throws(CardError) in try transaction.passwordStatus() }
            if status == nil { withCache { $0.note(nil, now) } }
            return Self.status(status?.userTries)
        } catch .unsupported where withCache({ $0.isTerminated }) {
            return PINStatus(retriesLeft: nil)
        }
    }

    /// Tries left out of three, to which the right PIN sets the counter (OpenPGP card 3.4.1, section 4.4.1, tag C4); some
    /// cards can be given more, and do not tell.
    private static func status(_ left: Int?) -> PINStatus {
        PINStatus(retriesLeft: left, retriesInAll: left ?? 0 > 3 ? nil : 3)
    }

    /// See `Token`. PW1 in mode 82; mode 81 is verified with the same PIN when the signature key is used, or, where the PIN
    /// may not be kept until then, at once.
    public func login(pin: RawSpan) throws(TokenError) {
        try verifying(pin, .user) { (password, transaction) throws(CardError) in
            let secret = LoginSecret.pin(password)
            if !pins.isUnlimited {
                try authentication.verify(secret, .signature, isLogin: false, transaction)
            }
            try authentication.verify(secret, .other, isLogin: true, transaction)
        }
    }

    /// See `Token`.
    public func wipeExpiredPINs() { pins.wipeExpired() }

    /// See `Token`.
    public func authenticateWithLogin(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        let (permission, isUser) = card.betweenTransactions {
            (authentication.permissionOfLogin(), authentication.isUser)
        }
        guard let permission else { throw isUser ? .useNotAuthenticated : .notLoggedIn }
        return permission
    }

    /// See `Token`. A PIN that was just verified for the login is not verified again: it is sent when the key is used.
    public func authenticate(
        pin: RawSpan, forUseOf key: ObjectReference
    ) throws(TokenError) -> any UseAuthorization {
        let mode: PasswordMode = OpenPGPKey(key) == .signature ? .signature : .other
        return try verifying(pin, .user) { (password, transaction) throws(CardError) in
            if !authentication.isJustVerified(password) {
                try authentication.verify(.pin(password), mode, isLogin: false, transaction)
            }
            return authentication.permission(.pin(password))
        }
    }

    /// See `Token`: PW3.
    public func loginAdministrator(secret: RawSpan) throws(TokenError) {
        try verifying(secret, .administrator) { (password, transaction) throws(CardError) in
            try authentication.verify(.pin(password), .administrator, isLogin: true, transaction)
        }
    }

    /// See `Token`. The card's own state is taken back with VERIFY, P1 = FF, from version 3 on; older cards keep it until
    /// the next reset, which is no worse than without this module. Nothing is sent where the state is known to be gone
    /// already, and no SELECT: the command holds no PIN, and in another application there is none of ours.
    public func logout() {
        // First what needs no card: another program may hold it, or it may be gone.
        let verified = card.betweenTransactions { authentication.endLogins() }
        withCache { $0.forgetPrivate() }
        guard !verified.isEmpty, version >= .three else { return }
        _ = try? card.commandTransaction { (exchange) throws(CardError) in
            for mode in PasswordMode.allCases where verified[mode] == exchange.epoch {
                try OpenPGPCard(exchange).resetVerification(mode)
            }
        }
    }

    /// Throws unless a secret may have this length and these characters.
    func checkForm(_ text: RawSpan, _ secret: KeyDerivation.Secret) throws(TokenError) {
        let known = withCache { $0.passwordStatus }
        guard (known?.lengths(secret) ?? PasswordStatus.usualLengths(secret)).contains(text.byteCount) else {
            throw .pinLengthOutOfRange
        }
        guard known?.blocks.contains(secret) != true || PINBlock.encode(text) != nil else { throw .pinMalformed }
    }

    /// Runs what verifies a password, which is given as the card wants it, and notes what the card told of its tries.
    func verifying<R>(
        _ text: RawSpan, _ secret: KeyDerivation.Secret, _ body: (StoredPIN, OpenPGPTransaction) throws(CardError) -> R
    ) throws(TokenError) -> R {
        try checkForm(text, secret)
        return try comparing(secret) { (transaction) throws(CardError) in
            try body(try derive(text, secret, transaction), transaction)
        }
    }

    /// Runs what has the card compare a password, and notes what it told of the tries.
    func comparing<R>(
        _ secret: KeyDerivation.Secret, _ body: (OpenPGPTransaction) throws(CardError) -> R
    ) throws(TokenError) -> R {
        var triesLeft: Int?
        var refusal: CardError?
        let outcome = Result { () throws(TokenError) in
            try perform { (transaction) throws(CardError) -> R in
                let result = Result { () throws(CardError) in try body(transaction) }
                if case .failure(let error) = result, error.isOfPassword {
                    refusal = error
                    if error.isAnswer { triesLeft = try transaction.passwordStatus().map { $0.tries(secret) } }
                }
                return try result.get()
            }
        }
        switch outcome {
        case .success(let result):
            if secret == .user { withCache { $0.noteVerified(now) } }
            return result
        case .failure(let error):
            guard let refusal else { throw error }
            switch refusal.tokenError {
            // Most cards tell the tries in C4 alone.
            case .pinIncorrect(nil): throw triesLeft == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: triesLeft)
            case let meaning: throw meaning
            }
        }
    }

    /// The password as the card wants it now: as a PIN block, hashed (OpenPGP card 3.4.1, section 4.3.2), or as it is.
    /// Whether it wants it hashed is asked where it says that it may.
    func derive(
        _ text: RawSpan, _ secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> StoredPIN {
        if try wantsBlock(secret, transaction) {
            guard let block = PINBlock.encode(text) else { throw .refused(.failed("PIN block: not digits")) }
            return block
        }
        let derivation = try keyDerivation(transaction)
        do throws(HostCryptoError) {
            return try derivation.derive(text, secret)
        } catch {
            throw .refused(.failed("key derivation: \(error)"))
        }
    }

    /// Whether the card wants a secret as a PIN block. Another program may have changed that at any time, so a card that can
    /// want it is asked in this transaction.
    func wantsBlock(
        _ secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        guard withCache({ $0.related.value.capabilities?.hasPINBlock }) == true else { return false }
        return try transaction.passwordStatus()?.blocks.contains(secret) == true
    }

    /// Whether the card wants a secret as it is typed.
    func wantsText(_ secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        if try wantsBlock(secret, transaction) { return false }
        return try keyDerivation(transaction) == .none
    }

    private func keyDerivation(_ transaction: OpenPGPTransaction) throws(CardError) -> KeyDerivation {
        guard withCache({ $0.related.value.capabilities?.features.contains(.keyDerivation) }) == true else {
            return .none
        }
        if let known = withCache({ $0.keyDerivation }), known.isFresh(now) { return known.value }
        try transaction.prove()
        let derivation = try transaction.card.getData(.keyDerivation).map { KeyDerivation(parsing: $0) } ?? .none
        withCache { $0.keyDerivation = Timed(value: derivation, time: now) }
        return derivation
    }
}
