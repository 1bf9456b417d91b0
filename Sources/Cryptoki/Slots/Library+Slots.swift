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
        return lock.withLock { slots.filter { !withToken || $0.hasToken }.map(\.id) }
    }

    /// C_GetSlotInfo.
    public func slotInfo(_ id: UInt) throws(ReturnCode) -> SlotInfo {
        let slot = try slot(id)
        return lock.withLock { SlotInfo(description: slot.readerName, hasToken: slot.hasToken) }
    }

    /// C_GetTokenInfo.
    public func tokenInfo(_ id: UInt) throws(ReturnCode) -> TokenInfo {
        let slot = try slot(id)
        let token = try token(in: slot)
        let information = try asking(slot, token, "C_GetTokenInfo") { () throws(TokenError) in try token.information() }
        let isLoggedIn = lock.withLock { slot.login != .none }
        // Whoever is logged in needs no warning of tries; the question would cost an APDU each time.
        let pin =
            isLoggedIn
            ? PINStatus(retriesLeft: nil)
            : try asking(slot, token, "C_GetTokenInfo") { () throws(TokenError) in try token.pinStatus() }
        let counts = lock.withLock { () -> (Int, Int) in
            let own = sessions.values.filter { $0.slot === slot }
            return (own.count, own.count { $0.isReadWrite })
        }
        let hasPINPad = try asking(slot, token, "C_GetTokenInfo") { () throws(TokenError) in
            try token.pinPad() != nil
        }
        let isAlone = lock.withLock { slot.reader.contents?.tokens.count ?? 1 == 1 }
        return TokenInfo(
            information, pin: pin, isInUse: isAlone || information.holdsKeys, hasPINPad: hasPINPad, sessions: counts.0,
            readWriteSessions: counts.1)
    }

    /// C_WaitForSlotEvent: the id of a slot in which a token came or went since the last call that told of it, or since
    /// the first look at the readers. Each slot is told of once, however often its token was changed meanwhile.
    ///
    /// - Parameter blocks: whether to wait for such an event. C_Finalize ends the wait.
    public func waitForSlotEvent(blocks: Bool) throws(ReturnCode) -> UInt {
        while true {
            let found = refresh()
            let slot = lock.withLock { () -> Slot? in
                let slot = slots.first { $0.hasEvent }
                slot?.hasEvent = false
                return slot
            }
            if let slot { return slot.id }
            guard blocks else { throw .noEvent }
            guard source.waitForChange(since: found) else { throw .cryptokiNotInitialized }
        }
    }

    /// Looks which readers there are and whether their cards were changed. Sends no APDU.
    ///
    /// - Returns: what was found.
    @discardableResult
    func refresh() -> [ReaderPresence] {
        let (found, ended) = refreshLock.withLock { () -> ([ReaderPresence], [AnyObject]) in
            let found = source.readers()
            return (found, lock.withLock { update(found) })
        }
        return withExtendedLifetime(ended) { found }
    }

    /// Takes in what a look at the readers found. The library's lock is held.
    ///
    /// - Returns: what ended, to be released after the lock.
    private func update(_ found: [ReaderPresence]) -> [AnyObject] {
        var ended: [AnyObject] = []
        for reader in readers {
            let insertion = found.first { $0.name == reader.name }?.insertion
            if reader.insertion != insertion { ended += emptied(reader, insertion: insertion) }
        }
        for status in found where !readers.contains(where: { $0.name == status.name }) {
            let reader = CardReader(name: status.name)
            reader.insertion = status.insertion
            readers.append(reader)
            addSlot(reader, ordinal: 0)
            if hasLooked, status.insertion != nil { noteArrival(in: reader) }
        }
        hasLooked = true
        return ended
    }

    /// The slot of that id, after a look at the readers. A program may have the id of a card's second token from its
    /// configuration, as Java has, and ask for no list before.
    func slot(_ id: UInt) throws(ReturnCode) -> Slot {
        refresh()
        if let slot = knownSlot(id) { return slot }
        openNewCards()
        guard let slot = knownSlot(id) else { throw .slotIDInvalid }
        return slot
    }

    private func knownSlot(_ id: UInt) -> Slot? { lock.withLock { slots.first { $0.id == id } } }

    /// Draws the consequences of a card that was pulled out: its sessions, handles and logins end. The library's
    /// lock is held.
    ///
    /// - Returns: what ended, to be released after the lock.
    func emptied(_ reader: CardReader, insertion: UInt64?) -> [AnyObject] {
        var ended: [AnyObject] = reader.contents?.tokens.compactMap { $0 } ?? []
        for slot in slots where slot.reader === reader && slot.hasToken { slot.hasEvent = true }
        reader.insertion = insertion
        reader.contents = nil
        reader.failure = nil
        for slot in slots where slot.reader === reader {
            slot.login = .none
            objects.end { $0.slot === slot }
            let gone = sessions.filter { $0.value.slot === slot }
            for handle in gone.keys { sessions[handle] = nil }
            ended += gone.values.map { $0 }
        }
        if insertion != nil { noteArrival(in: reader) }
        return ended
    }

    /// Notes the event of a card that came. Whether it has tokens for more slots shows when it is opened. The library's
    /// lock is held.
    private func noteArrival(in reader: CardReader) {
        reader.isNews = true
        for slot in slots where slot.reader === reader && slot.ordinal == 0 { slot.hasEvent = true }
    }

    /// Adds a slot. The library's lock is held.
    func addSlot(_ reader: CardReader, ordinal: Int) {
        slots.append(
            Slot(id: UInt(slots.count), reader: reader, ordinal: ordinal, loginServesEachUse: loginServesEachUse))
    }
}
