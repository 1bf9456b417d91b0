import CPKCS11
import Platform
import Token

/// What lives between C_Initialize and C_Finalize: slots, sessions, handles.
///
/// Locks: `lock` guards all tables and is held for moments only, never while a card or pcscd works. A session's
/// operation lock may be held while the card works. Order: a session's operation lock, a reader's open lock, the
/// library's lock.
public final class Library: @unchecked Sendable {
    let source: any TokenSource
    let log: Log
    let lock = Lock()

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
        let loggedIn = lock.withLock { () -> [any Token] in
            let tokens = slots.compactMap { $0.login == .none ? nil : $0.token }
            for slot in slots { slot.login = .none }
            sessions = [:]
            return tokens
        }
        for token in loggedIn { token.logout() }
    }

    /// Runs a call of a token's and turns its error into a return code: tells the log, and draws the consequences
    /// of a card that is gone or that does not honour the login any more.
    func asking<R>(
        _ slot: Slot, _ what: StaticString, _ body: () throws(TokenError) -> R
    ) throws(ReturnCode) -> R {
        do throws(TokenError) {
            return try body()
        } catch {
            log.error(error, during: what, slot: slot)
            switch error {
            case .removed: lock.withLock { emptied(slot.reader, insertion: nil) }
            case .notLoggedIn: lock.withLock { loggedOut(slot) }
            default: break
            }
            throw ReturnCode(error)
        }
    }

    /// Ends the login of a slot and with it the handles of its private objects. The library's lock is held.
    func loggedOut(_ slot: Slot) {
        slot.login = .none
        objects.end(in: slot) { $0.isPrivate }
    }
}
