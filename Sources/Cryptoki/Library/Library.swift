import CPKCS11
import Platform
import Token

/// What lives between C_Initialize and C_Finalize: slots, sessions, handles.
///
/// Locks: `lock` guards all tables and is held for moments only, never while a card or pcscd works. A session's
/// operation lock and a slot's login lock may be held while the card works. Order: a session's operation lock, a slot's
/// login lock, a reader's open lock, the refresh lock, the library's lock. What a table lets go of is released after
/// the lock, for the end of a card's connection talks to pcscd.
public final class Library: @unchecked Sendable {
    let source: any TokenSource
    let log: Log
    /// Whether the login gives the PIN for each use of a key that wants it, which then shows no CKA_ALWAYS_AUTHENTICATE.
    let loginServesEachUse: Bool
    /// Whether each signature of a card is verified before it leaves, and not only RSA's.
    let verifiesAllSignatures: Bool
    /// Whether the tokens' PINs have a time that can be over before the login is.
    private let pinsExpire: Bool
    /// Milliseconds of a clock that nobody sets; tests have one of their own.
    let clock: @Sendable () -> Int
    let lock = Lock()
    /// Held while the readers are looked at, so that an older look is not taken for a newer one.
    let refreshLock = Lock()

    var readers: [CardReader] = []
    /// Whether the readers were looked at: what the first look finds is no event.
    var hasLooked = false
    var slots: [Slot] = []
    var sessions: [UInt: Session] = [:]
    var sessionCounter: UInt = 0
    var objects = ObjectTable()

    /// A library whose tokens come from `source`. Asks it nothing yet.
    public init(
        source: any TokenSource, log: Log = .silent, loginServesEachUse: Bool = false,
        verifiesAllSignatures: Bool = false, pinsExpire: Bool = false,
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds
    ) {
        self.source = source
        self.log = log
        self.loginServesEachUse = loginServesEachUse
        self.verifiesAllSignatures = verifiesAllSignatures
        self.pinsExpire = pinsExpire
        self.clock = clock
    }

    /// Ends everything: waits, which then answer CKR_CRYPTOKI_NOT_INITIALIZED; logs out wherever somebody is logged in,
    /// and forgets sessions and handles.
    public func shutDown() {
        source.stopWaiting()
        let ended = lock.withLock { () -> [Session] in
            defer { sessions = [:] }
            return Array(sessions.values)
        }
        for slot in lock.withLock({ slots }) { slot.loginLock.withLock { endLoginWithoutSessions(slot) } }
        withExtendedLifetime(ended) {}
    }

    /// Wipes the PINs that were kept for long enough. Waits for nobody.
    public func wipeExpiredPINs() {
        guard pinsExpire else { return }
        for token in lock.withLock({ slots.compactMap(\.token) }) { token.wipeExpiredPINs() }
    }

    /// Runs a call of a token's and turns its error into a return code: tells the log, and draws the consequences
    /// of a card that is gone or that does not honour the login any more. They are for that token alone: another card
    /// may have taken its place meanwhile. The slot's login lock is not held; see `asking(loggingIn:)`.
    func asking<R>(
        _ slot: Slot, _ token: any Token, _ what: StaticString, as function: SetupFunction? = nil,
        _ body: () throws(TokenError) -> R
    ) throws(ReturnCode) -> R {
        let epoch = lock.withLock { slot.loginEpoch }
        do throws(TokenError) {
            return try body()
        } catch {
            if error.endsLogin { slot.loginLock.withLock { endLogin(slot, token, begunIn: epoch) } }
            throw failed(error, slot, token, what, function)
        }
    }

    /// The same for a call that logs in: the slot's login lock is held, and there is no login yet that could end.
    func asking<R>(
        loggingIn slot: Slot, _ token: any Token, _ what: StaticString, as function: SetupFunction? = nil,
        _ body: () throws(TokenError) -> R
    ) throws(ReturnCode) -> R {
        do throws(TokenError) {
            return try body()
        } catch {
            throw failed(error, slot, token, what, function)
        }
    }

    private func failed(
        _ error: TokenError, _ slot: Slot, _ token: any Token, _ what: StaticString, _ function: SetupFunction?
    ) -> ReturnCode {
        log.error(error, during: what, slot: slot)
        if error == .removed {
            let ended = lock.withLock { slot.token === token ? emptied(slot.reader, insertion: nil) : [] }
            withExtendedLifetime(ended) {}
        }
        return function?.returnCode(error) ?? ReturnCode(error)
    }

    /// Ends a login that the card does not honour any more, unless another one has begun since. The slot's login lock
    /// is held.
    private func endLogin(_ slot: Slot, _ token: any Token, begunIn epoch: Int) {
        let isEnded = lock.withLock { () -> Bool in
            guard slot.token === token, slot.loginEpoch == epoch else { return false }
            loggedOut(slot)
            return true
        }
        if isEnded { token.logout() }
    }

    /// Ends the login of a slot and with it the handles of its private objects. The library's lock is held.
    func loggedOut(_ slot: Slot) {
        slot.login = .none
        objects.end { $0.slot === slot && $0.isPrivate }
    }
}

extension TokenError {
    /// Whether the card does not honour the login any more.
    fileprivate var endsLogin: Bool {
        switch self {
        case .notLoggedIn, .keptPINRefused: true
        default: false
        }
    }
}
