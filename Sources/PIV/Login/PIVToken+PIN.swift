import CardApplication
import HostCrypto
import ISO7816
import Token

/// The user's PIN: verified on request, counted, restored; one user action never spends more than one try.
extension PIVToken {
    /// Six to eight bytes (SP 800-73-5 part 1, section 3.2.3 says digits; YubiKeys take any byte).
    static let pinLengths = 6...8

    /// See `Token`.
    public func pinStatus() throws(TokenError) -> PINStatus {
        let now = clock()
        if let known = withCache({ $0.pinStatus }), known.isFresh(at: now), let status = known.value { return status }
        let status = try perform { (transaction) throws(CardError) in
            if let told = try statusInMetadata(transaction) { return told }
            return PINStatus(retriesLeft: try triesLeft(transaction))
        }
        withCache { $0.pinStatus = PIVCache.Reading(value: status, time: now) }
        return status
    }

    /// What the metadata of a YubiKey's PIN tell: how many tries there are in all, too. Before firmware 5.3 there are none,
    /// which is found out once, with an application that is surely PIV.
    private func statusInMetadata(_ transaction: PIVTransaction) throws(CardError) -> PINStatus? {
        guard isYubiKey, withCache({ $0.hasMetadata }) != false else { return nil }
        var told = try transaction.card.getMetadata(PINReference.application)?.tries
        if told == nil, withCache({ $0.hasMetadata }) == nil {
            if !transaction.isProven { _ = try transaction.read(.discovery) }
            _ = try readMetadata(.cardManagement, transaction)
            guard withCache({ $0.hasMetadata }) == true else { return nil }
            told = try transaction.card.getMetadata(PINReference.application)?.tries
        }
        guard told != nil else { return nil }
        transaction.prove()
        withCache { $0.hasMetadata = true }
        return told
    }

    /// The tries left as VERIFY without data tells them; nil where the PIN is verified or the card does not tell.
    private func triesLeft(_ transaction: PIVTransaction) throws(CardError) -> Int? {
        let reference = try pinReference(transaction)
        do throws(CardError) {
            let left = try transaction.card.verificationStatus(reference)
            // Another application may answer so too. The Discovery Object proves which one it is, without the
            // SELECT that takes another program's login away on some cards.
            if left ?? 0 <= 1, !transaction.isProven {
                _ = try transaction.read(.discovery)
                return try transaction.card.verificationStatus(reference)
            }
            return left
        } catch {
            // A card that does not tell is no fault, once the PIV application has said so itself.
            guard error.status != nil, transaction.isProven else { throw error }
            return nil
        }
    }

    /// See `Token`.
    public func login(pin: RawSpan) throws(TokenError) {
        let stored = try store(pin)
        try verifying { (transaction) throws(CardError) in
            try verify(stored, transaction)
            authentication.verified(login: .pin(stored), transaction)
        }
    }

    /// See `Token`.
    public func authenticate(
        pin: RawSpan, forUseOf key: ObjectReference
    ) throws(TokenError) -> any UseAuthorization {
        let stored = try store(pin)
        return try verifying { (transaction) throws(CardError) in
            if !authentication.isJustVerified(stored, transaction) {
                try verify(stored, transaction)
                authentication.verified(login: nil, transaction)
            }
            return authentication.permission(.pin(stored))
        }
    }

    /// See `Token`.
    public func authenticateWithLogin(forUseOf key: ObjectReference) throws(TokenError) -> any UseAuthorization {
        let (permission, isUser) = card.betweenTransactions {
            (authentication.permissionOfLogin(), authentication.isUser)
        }
        guard let permission else { throw isUser ? .useNotAuthenticated : .notLoggedIn }
        return permission
    }

    /// See `Token`. The card's own state is taken back with VERIFY, P1 = FF, which old cards refuse; those keep it
    /// until the next reset, which is no worse than without this module. Nothing is sent where the state is known to
    /// be gone already, and no SELECT: the command holds no PIN, and in another application there is none of ours.
    public func logout() {
        // First what needs no card: another program may hold it, or it may be gone.
        let ended = card.betweenTransactions { authentication.endLogin() }
        withCache { $0.forgetPrivate() }
        guard ended.verifiedEpoch != nil || ended.administrator != nil else { return }
        _ = try? card.commandTransaction { (exchange) throws(CardError) in
            let transaction = PIVTransaction(exchange, now: clock())
            if transaction.epoch == ended.verifiedEpoch {
                _ = try? transaction.card.resetVerification(pinReference(transaction))
            }
            if let proof = ended.administrator, transaction.epoch == proof.epoch {
                try revoke(proof, transaction)
            }
        }
    }

    func store(_ pin: RawSpan) throws(TokenError) -> StoredPIN {
        guard Self.pinLengths.contains(pin.byteCount) else { throw .pinLengthOutOfRange }
        return try keep(pin)
    }

    /// A copy of a PIN or PUK that is wiped at its end.
    func keep(_ pin: RawSpan) throws(TokenError) -> StoredPIN {
        do throws(HostCryptoError) {
            return try StoredPIN(pin)
        } catch {
            throw .failed("no memory for the PIN")
        }
    }

    /// One VERIFY with the user's PIN, with the application surely selected.
    private func verify(_ pin: StoredPIN, _ transaction: PIVTransaction) throws(CardError) {
        // First, so that no other application says which PIN it is.
        try transaction.selectForSecret()
        let reference = try pinReference(transaction)
        authentication.beginVerification()
        try pin.withBytes { (bytes) throws(CardError) in try transaction.card.verify(reference, pin: bytes) }
    }

    /// Runs what verifies a PIN, and notes what the card told of its tries.
    func verifying<R>(_ body: (PIVTransaction) throws(CardError) -> R) throws(TokenError) -> R {
        do throws(TokenError) {
            let result = try perform(.none, body)
            notePINStatus(nil)
            return result
        } catch {
            switch error {
            case .pinIncorrect(let left?): notePINStatus(left)
            case .pinBlocked: notePINStatus(0)
            default: withCache { $0.pinStatus = nil }
            }
            throw error
        }
    }

    private func notePINStatus(_ retriesLeft: Int?) {
        let now = clock()
        withCache {
            let inAll = $0.pinStatus?.value?.retriesInAll
            $0.pinStatus = PIVCache.Reading(
                value: PINStatus(retriesLeft: retriesLeft, retriesInAll: inAll), time: now)
        }
    }
}
