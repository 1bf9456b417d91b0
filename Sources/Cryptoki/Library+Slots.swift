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
        let isAlone = lock.withLock { slot.reader.tokens?.count ?? 1 == 1 }
        return TokenInfo(
            information, pin: pin, isInUse: isAlone || information.holdsKeys, sessions: counts.0,
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

    /// The token in a slot; opens the card where nobody has done so.
    ///
    /// - Parameter isPatient: whether to wait, for a bounded time, while another program has the card for itself. Once
    ///   that was in vain, the next calls do not wait for some seconds.
    func token(in slot: Slot, isPatient: Bool = true) throws(ReturnCode) -> any Token {
        let reader = slot.reader
        try reader.openLock.withLock { () throws(ReturnCode) in
            let (isOpen, insertion, failure) = lock.withLock {
                (reader.tokens != nil, reader.insertion, reader.failure)
            }
            guard let insertion else {
                log.noCard(slot)
                throw .tokenNotPresent
            }
            if isOpen { return }
            let now = clock()
            if let failure, failure.isFinal(at: now) { throw ReturnCode(opening: failure.error) }
            let waits = isPatient && failure?.exhaustsPatience(at: now) != true
            let opened = Result { () throws(TokenError) in try source.tokens(in: reader.name, isPatient: waits) }
            try take(opened, of: reader, insertion, for: slot, hasWaited: waits)
        }
        guard let token = lock.withLock({ slot.token }) else { throw .tokenNotPresent }
        return token
    }

    /// Notes what opening a card brought. A card that was changed meanwhile is opened again by the next call.
    private func take(
        _ opened: Result<[any Token], TokenError>, of reader: CardReader, _ insertion: UInt64, for slot: Slot,
        hasWaited: Bool
    ) throws(ReturnCode) {
        let known = lock.withLock { reader.failure }
        let ended = lock.withLock { () -> [AnyObject] in
            guard reader.insertion == insertion else { return [] }
            switch opened {
            case .success(let tokens):
                reader.tokens = tokens
                reader.failure = nil
                for ordinal in tokens.indices.dropFirst()
                where !slots.contains(where: { $0.reader === reader && $0.ordinal == ordinal }) {
                    addSlot(reader, ordinal: ordinal)
                }
                if reader.isNews {
                    for slot in slots where slot.reader === reader && slot.ordinal > 0 && slot.hasToken {
                        slot.hasEvent = true
                    }
                }
                reader.isNews = false
            case .failure(.removed): return emptied(reader, insertion: nil)
            case .failure(let error):
                let failure = OpeningFailure(error: error, time: clock(), hasWaited: hasWaited)
                reader.failure = known?.followed(by: failure) ?? failure
            }
            return []
        }
        withExtendedLifetime(ended) {}
        if case .failure(let error) = opened {
            // A program that polls does not fill the log.
            if error != known?.error { log.error(error, during: "opening the card", slot: slot) }
            throw ReturnCode(opening: error)
        }
    }

    /// Opens every card that nobody has opened: only then is it known how many tokens it carries. Does not wait for
    /// another program that has a card for itself.
    private func openNewCards() {
        let unopened = lock.withLock {
            slots.filter { $0.ordinal == 0 && $0.reader.insertion != nil && $0.reader.tokens == nil }
        }
        // A card that cannot be opened keeps its slot, and C_GetTokenInfo tells why.
        for slot in unopened { _ = try? token(in: slot, isPatient: false) }
    }

    /// Draws the consequences of a card that was pulled out: its sessions, handles and logins end. The library's
    /// lock is held.
    ///
    /// - Returns: what ended, to be released after the lock.
    func emptied(_ reader: CardReader, insertion: UInt64?) -> [AnyObject] {
        var ended: [AnyObject] = (reader.tokens ?? []).map { $0 }
        for slot in slots where slot.reader === reader && slot.hasToken { slot.hasEvent = true }
        reader.insertion = insertion
        reader.tokens = nil
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
    private func addSlot(_ reader: CardReader, ordinal: Int) {
        slots.append(
            Slot(id: UInt(slots.count), reader: reader, ordinal: ordinal, loginServesEachUse: loginServesEachUse))
    }
}

/// CK_SLOT_INFO.
public struct SlotInfo: Hashable, Sendable {
    /// The reader's name.
    public let description: String
    /// Whether CKF_TOKEN_PRESENT is set.
    public let hasToken: Bool

    /// CKF_TOKEN_PRESENT, CKF_REMOVABLE_DEVICE, CKF_HW_SLOT.
    public var flags: UInt { CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | (hasToken ? CKF_TOKEN_PRESENT : 0) }
}

/// CK_TOKEN_INFO.
public struct TokenInfo: Hashable, Sendable {
    /// Label, manufacturer, model, serial number, PIN lengths, versions.
    public let information: TokenInformation
    /// ulMinPinLen and ulMaxPinLen: what any PIN may have, the user's or the SO's. A program that holds the SO to the user's
    /// lengths could not log in; a user's PIN that is too long is refused without a try.
    public let pinLengths: ClosedRange<Int>
    /// CKF_…
    public let flags: UInt
    /// ulSessionCount: the sessions that this process has with the token.
    public let sessionCount: UInt
    /// ulRwSessionCount.
    public let readWriteSessionCount: UInt

    /// - Parameter isInUse: false for an application without keys beside another one on the same card. It is shown as not
    ///   initialised, which is what its owner would say of it: ssh-add then leaves it alone and sends it no PIN.
    init(_ information: TokenInformation, pin: PINStatus, isInUse: Bool, sessions: Int, readWriteSessions: Int) {
        self.information = information
        let (user, officer) = (information.pinLengths, information.administratorSecretLengths)
        pinLengths =
            min(user.lowerBound, officer.lowerBound)...max(user.upperBound, officer.upperBound)
        sessionCount = UInt(sessions)
        readWriteSessionCount = UInt(readWriteSessions)
        let flags = CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_RNG | CKF_DUAL_CRYPTO_OPERATIONS
        self.flags = flags | (isInUse ? CKF_TOKEN_INITIALIZED : 0) | Self.flags(of: pin)
    }

    /// "An incorrect user login PIN has been entered at least once since the last successful authentication" is what
    /// CKF_USER_PIN_COUNT_LOW means. Where the card does not tell how many tries there are in all, it is a guess: that
    /// there are three, as most cards are delivered with.
    private static func flags(of pin: PINStatus) -> UInt {
        guard let left = pin.retriesLeft else { return 0 }
        guard left > 0 else { return CKF_USER_PIN_LOCKED }
        let isLow = left < pin.retriesInAll ?? 3
        return (isLow ? CKF_USER_PIN_COUNT_LOW : 0) | (left == 1 ? CKF_USER_PIN_FINAL_TRY : 0)
    }
}
