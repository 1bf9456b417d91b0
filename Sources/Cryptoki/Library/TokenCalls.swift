import Platform
import Token

/// Calls of tokens, as all functions make them: a token's error is told to the log and turned into a return code, and what
/// follows from it is done, for a card that is gone or that does not honour the login any more. That is for the one token
/// alone: another card may have taken its place meanwhile.
final class TokenCalls: Sendable {
    let log: Log
    let tables: Guarded<Tables>

    init(_ tables: Guarded<Tables>, log: Log) {
        self.tables = tables
        self.log = log
    }

    /// Runs a call of a token's. Takes the login's turn where the card ended the login, so nobody may have it; see the other
    /// one.
    func asking<R>(
        _ slot: Slot, _ token: any Token, _ what: StaticString, as function: SetupFunction? = nil,
        _ body: () throws(TokenError) -> R
    ) throws(ReturnCode) -> R {
        let epoch = tables.withLock { $0[slot].loginEpoch }
        do throws(TokenError) {
            let result = try body()
            log.notices(of: token, in: slot)
            return result
        } catch {
            if error.endsLogin { slot.login.withLock { endLogin(slot, token, begunIn: epoch, &$0) } }
            throw failed(error, slot, token, what, function)
        }
    }

    /// The same for a call that logs in, whose thread has the login's turn: there is no login yet that could end.
    func asking<R>(
        _ slot: Slot, _ token: any Token, _ what: StaticString, as function: SetupFunction? = nil,
        in turn: inout LoginTurn, _ body: () throws(TokenError) -> R
    ) throws(ReturnCode) -> R {
        do throws(TokenError) {
            let result = try body()
            log.notices(of: token, in: slot)
            return result
        } catch {
            throw failed(error, slot, token, what, function)
        }
    }

    private func failed(
        _ error: TokenError, _ slot: Slot, _ token: any Token, _ what: StaticString, _ function: SetupFunction?
    ) -> ReturnCode {
        log.error(error, during: what, slot: slot)
        log.notices(of: token, in: slot)
        // A token whose pcscd was lost, or mute for too long, does not come back by itself: its card is looked for anew.
        if error == .removed || error == .serviceUnavailable {
            let ended = tables.withLock { $0.token(in: slot) === token ? $0.empty(slot.reader, insertion: nil) : [] }
            withExtendedLifetime(ended) {}
        }
        return function?.returnCode(error) ?? ReturnCode(error)
    }

    /// Ends a login that the card does not honour any more, unless another one has begun since.
    private func endLogin(_ slot: Slot, _ token: any Token, begunIn epoch: Int, _ turn: inout LoginTurn) {
        let isEnded = tables.withLock { tables -> Bool in
            guard tables.token(in: slot) === token, tables[slot].loginEpoch == epoch else { return false }
            tables.logOut(slot)
            return true
        }
        if isEnded { token.logout() }
    }

    /// Ends the login of a slot that has no session left.
    func endLoginWithoutSessions(_ slot: Slot, _ turn: inout LoginTurn) {
        let token = tables.withLock { tables -> (any Token)? in
            guard tables[slot].login != .none, tables[slot].sessions.isEmpty else { return nil }
            tables.logOut(slot)
            return tables.token(in: slot)
        }
        token?.logout()
    }

    /// The object behind a handle, where a session may see it now. The handle of a token's object that was replaced or
    /// deleted since ends here.
    func object(_ handle: UInt, in session: SessionRecord) -> StoredObject? {
        guard let found = tables.withLock({ $0.visibleObject(handle, in: session) }) else { return nil }
        guard case .token(let object) = found, !object.isCurrent else { return found }
        tables.withLock { $0.objects.end(handle) }
        return nil
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
