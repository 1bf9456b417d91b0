import Glibc
import HostCrypto
import ISO7816
import Token

/// The user's PIN: verified on request, counted, restored; one user action never spends more than one try.
extension PIVToken {
    /// Six to eight bytes (SP 800-73-5 part 1, section 3.2.3 says digits; YubiKeys take any byte).
    static let pinLengths = 6...8

    /// For how long the card's word on its PIN tries is believed, in seconds: long enough that a program which asks
    /// for the token's flags several times in a row costs one APDU.
    private static let pinStatusLifetime = 3

    /// See `Token`.
    public func pinStatus() throws(TokenError) -> PINStatus {
        let now = Self.monotonicSeconds()
        let known = withCache { cache -> PINStatus? in
            guard let known = cache.pinStatus, now - known.time < Self.pinStatusLifetime else { return nil }
            return PINStatus(retriesLeft: known.retriesLeft)
        }
        if let known { return known }
        let left = try perform { (transaction) throws(CardError) -> Int? in
            let reference = try pinReference(transaction)
            do throws(CardError) {
                let left = try transaction.card.verificationStatus(reference)
                // A foreign application may answer 9000 to anything; but then it did not verify this PIN.
                if left == nil && !transaction.isProven {
                    try transaction.selectIfUnproven()
                    return try transaction.card.verificationStatus(reference)
                }
                return left
            } catch {
                // A card that does not tell is no fault, once the PIV application has said so itself.
                guard error.status != nil, transaction.isProven else { throw error }
                return nil
            }
        }
        notePINStatus(left)
        return PINStatus(retriesLeft: left)
    }

    /// See `Token`.
    public func login(pin: RawSpan) throws(TokenError) { _ = try verify(pin, asLogin: true) }

    /// See `Token`.
    public func authenticate(
        pin: RawSpan, forUseOf key: ObjectReference
    ) throws(TokenError) -> any UseAuthorization {
        try verify(pin, asLogin: false)
    }

    /// See `Token`. The card's own state is taken back with VERIFY, P1 = FF, which old cards refuse; those keep it
    /// until the next reset, which is no worse than without this module. Nothing is sent where the state is known to
    /// be gone already, and no SELECT: the command holds no PIN, and in another application there is none of ours.
    public func logout() {
        _ = try? card.transaction { (exchange) throws(CardError) in
            let transaction = PIVTransaction(exchange)
            defer { authentication.end() }
            guard authentication.isVerified(transaction.epoch) else { return }
            try transaction.card.resetVerification(pinReference(transaction))
        }
        withCache { $0.forgetPrivate() }
    }

    private func verify(_ pin: RawSpan, asLogin isLogin: Bool) throws(TokenError) -> StoredPIN {
        guard Self.pinLengths.contains(pin.byteCount) else { throw .pinLengthOutOfRange }
        let stored: StoredPIN
        do throws(HostCryptoError) {
            stored = try StoredPIN(pin)
        } catch {
            throw .failed("no memory for the PIN")
        }
        do throws(TokenError) {
            try perform { (transaction) throws(CardError) in
                if !isLogin, authentication.isJustVerified(stored, transaction) { return }
                let reference = try pinReference(transaction)
                try transaction.selectIfUnproven()
                try stored.withBytes { (bytes) throws(CardError) in
                    try transaction.card.verify(reference, pin: bytes)
                }
                authentication.verified(login: isLogin ? stored : nil, transaction)
            }
            notePINStatus(nil)
            return stored
        } catch {
            switch error {
            case .pinIncorrect(let left): notePINStatus(left)
            case .pinBlocked: notePINStatus(0)
            default: break
            }
            throw error
        }
    }

    private func notePINStatus(_ retriesLeft: Int?) {
        let now = Self.monotonicSeconds()
        withCache { $0.pinStatus = (retriesLeft, now) }
    }

    private static func monotonicSeconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}
