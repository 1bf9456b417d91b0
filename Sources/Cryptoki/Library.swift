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
    let lock = Lock()
    /// Held while the readers are looked at, so that an older look is not taken for a newer one.
    let refreshLock = Lock()

    var readers: [CardReader] = []
    var slots: [Slot] = []
    var sessions: [UInt: Session] = [:]
    var sessionCounter: UInt = 0
    var objects = ObjectTable()

    /// A library whose tokens come from `source`. Asks it nothing yet.
    public init(source: any TokenSource, log: Log = .silent) {
        self.source = source
        self.log = log
    }

    /// Ends everything: logs out wherever somebody is logged in, and forgets sessions and handles.
    public func shutDown() {
        let ended = lock.withLock { () -> [Session] in
            defer { sessions = [:] }
            return Array(sessions.values)
        }
        for slot in lock.withLock({ slots }) { slot.loginLock.withLock { endLoginWithoutSessions(slot) } }
        withExtendedLifetime(ended) {}
    }

    /// Runs a call of a token's and turns its error into a return code: tells the log, and draws the consequences
    /// of a card that is gone or that does not honour the login any more. They are for that token alone: another card
    /// may have taken its place meanwhile.
    func asking<R>(
        _ slot: Slot, _ token: any Token, _ what: StaticString, _ body: () throws(TokenError) -> R
    ) throws(ReturnCode) -> R {
        do throws(TokenError) {
            return try body()
        } catch {
            log.error(error, during: what, slot: slot)
            switch error {
            case .removed:
                let ended = lock.withLock { slot.token === token ? emptied(slot.reader, insertion: nil) : [] }
                withExtendedLifetime(ended) {}
            case .notLoggedIn:
                token.logout()
                lock.withLock { if slot.token === token { loggedOut(slot) } }
            default: break
            }
            throw ReturnCode(error)
        }
    }

    /// Ends the login of a slot and with it the handles of its private objects. The library's lock is held.
    func loggedOut(_ slot: Slot) {
        slot.login = .none
        objects.end { $0.slot === slot && $0.isPrivate }
    }
}
