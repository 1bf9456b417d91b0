import CPKCS11
import Token

/// Chapter "Slot and token management" (PKCS#11 3.2, section 5.5).
extension Library {
    /// C_GetSlotList: the ids of all slots, or of those with a token.
    ///
    /// - Parameter isAskedAnew: whether the caller wants to know what slots there are by now (a null list, by which
    ///   PKCS#11 lets the slots change). How many a card needs is known once it was opened.
    public func slotList(withToken: Bool, isAskedAnew: Bool = false) -> [UInt] {
        refresh()
        if withToken || isAskedAnew { openNewCards() }
        return tables.withLock { tables in
            tables.slots.map(\.slot).filter { !withToken || tables.hasToken($0) }.map(\.id)
        }
    }

    /// C_GetSlotInfo.
    public func slotInfo(_ id: UInt) throws(ReturnCode) -> SlotInfo {
        let slot = try slot(id)
        return SlotInfo(description: slot.readerName, hasToken: tables.withLock { $0.hasToken(slot) })
    }

    /// C_GetTokenInfo.
    public func tokenInfo(_ id: UInt) throws(ReturnCode) -> TokenInfo {
        let slot = try slot(id)
        let token = try token(in: slot)
        let information = try calls.asking(slot, token, "C_GetTokenInfo") { () throws(TokenError) in
            try token.information()
        }
        let isLoggedIn = tables.withLock { $0[slot].login != .none }
        // Whoever is logged in needs no warning of tries; the question would cost an APDU each time.
        let pin =
            isLoggedIn
            ? PINStatus(retriesLeft: nil)
            : try calls.asking(slot, token, "C_GetTokenInfo") { () throws(TokenError) in try token.pinStatus() }
        let hasPINPad = try calls.asking(slot, token, "C_GetTokenInfo") { () throws(TokenError) in
            try token.pinPad() != nil
        }
        let (count, readOnlyCount, isAlone) = tables.withLock { tables in
            (
                tables[slot].sessions.count, tables[slot].readOnlySessionCount,
                tables[slot.reader].contents?.tokens.count ?? 1 == 1
            )
        }
        return TokenInfo(
            information, pin: pin, isInUse: isAlone || information.holdsKeys, hasPINPad: hasPINPad, sessions: count,
            readWriteSessions: count - readOnlyCount)
    }

    /// C_WaitForSlotEvent: the id of a slot in which a token came or went since the last call that told of it, or since
    /// the first look at the readers. Each slot is told of once, however often its token was changed meanwhile.
    ///
    /// - Parameter blocks: whether to wait for such an event. C_Finalize ends the wait.
    public func waitForSlotEvent(blocks: Bool) throws(ReturnCode) -> UInt {
        while true {
            let found = refresh()
            if let slot = tables.withLock({ $0.takeEvent() }) { return slot }
            guard blocks else { throw .noEvent }
            guard source.waitForChange(since: found) else { throw .cryptokiNotInitialized }
        }
    }

    /// Looks which readers there are and whether their cards were changed. Sends no APDU.
    ///
    /// - Returns: what was found.
    @discardableResult
    func refresh() -> [ReaderPresence] {
        let (found, ended) = looking.withLock { () -> ([ReaderPresence], [AnyObject]) in
            let now = clock()
            let found = source.readers()
            return (found, tables.withLock { $0.update(found, at: now, loginServesEachUse: loginServesEachUse) })
        }
        return withExtendedLifetime(ended) { found }
    }

    /// The same, unless somebody has just looked: for who only wants to know whether a card is still there.
    func refreshUnlessRecent() {
        let now = clock()
        if !tables.withLock({ $0.isRecent(at: now, lasting: looksLast) }) { refresh() }
    }

    /// The slot of that id, after a look at the readers. A program may have the id of a card's second token from its
    /// configuration, as Java has, and ask for no list before.
    func slot(_ id: UInt) throws(ReturnCode) -> Slot {
        refreshUnlessRecent()
        if let slot = tables.withLock({ $0.slot(id) }) { return slot }
        openNewCards()
        guard let slot = tables.withLock({ $0.slot(id) }) else { throw .slotIDInvalid }
        return slot
    }
}
