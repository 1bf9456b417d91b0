import Token

/// What a library knows of readers, slots, sessions and objects: plain values, which nobody reaches without their lock.
///
/// # Locks
///
/// A thread takes them in this order, and leaves out those that it does not need:
///
/// 1. the operations of one session (`SessionRecord.operations`), through every call that uses them, so that two threads in
///    one session take turns; the card may work meanwhile;
/// 2. the login of one slot (`Slot.login`), through everything that begins or ends it; the card may work meanwhile;
/// 3. the opening of one reader's card (`CardReader.opening`); the card may work meanwhile;
/// 4. the look at the readers (`Library.looking`); pcscd may work meanwhile;
/// 5. these tables (`Library.tables`), for moments only: no token, no card and no pcscd is asked with them in hand, and what
///    they let go of is released afterwards, for the end of a card's connection talks to pcscd.
///
/// The locks of tokens come after all of these, and so do those that guard one value by themselves (`CardRandomness`,
/// `RecentValues`).
struct Tables {
    private(set) var readers: [ReaderState] = []
    /// By their ids.
    private(set) var slots: [SlotState] = []
    /// Whether the readers were looked at: what the first look finds is no event.
    private var hasLooked = false
    /// When that was last, in milliseconds of the library's clock; nil where it does not count any more.
    private var lastLook: Int?
    private var sessions: [UInt: SessionRecord] = [:]
    /// The ids that programs made up for keys of a card, and what ids those have, by the slots' ids.
    private var madeUpIDs: [UInt: [[UInt8]: [UInt8]]] = [:]
    /// The numbers of the keys that this process put onto a card, by the slots' ids, and whether it gave them an id.
    private var newKeys: [UInt: [UInt32: Bool]] = [:]
    var objects: ObjectTable
    private let handles: HandleCounters
    /// Whether the library is shut down. A call that began before must not open a session that nobody would close.
    private var isEnded = false

    init(_ handles: HandleCounters) {
        self.handles = handles
        objects = ObjectTable(handles)
    }

    subscript(slot: Slot) -> SlotState {
        _read { yield slots[Int(slot.id)] }
        _modify { yield &slots[Int(slot.id)] }
    }

    subscript(reader: CardReader) -> ReaderState {
        _read { yield readers[reader.number] }
        _modify { yield &readers[reader.number] }
    }
}

/// Slots and tokens.
extension Tables {
    /// The slot of an id, or nil where there is none.
    func slot(_ id: UInt) -> Slot? { id < UInt(slots.count) ? slots[Int(id)].slot : nil }

    /// The token in a slot, where its card has been opened and has so many.
    func token(in slot: Slot) -> (any Token)? { readers[slot.reader.number].token(slot.ordinal) }

    /// Whether there is, as far as is known, a token in a slot.
    func hasToken(_ slot: Slot) -> Bool { readers[slot.reader.number].hasToken(slot.ordinal) }

    /// The slots of a reader.
    func slots(of reader: CardReader) -> [Slot] { slots.compactMap { $0.slot.reader === reader ? $0.slot : nil } }

    /// Adds the slot of one of a card's tokens, where there is none yet.
    mutating func addSlot(_ reader: CardReader, ordinal: Int, loginServesEachUse: Bool) {
        guard !slots.contains(where: { $0.slot.reader === reader && $0.slot.ordinal == ordinal }) else { return }
        slots.append(
            SlotState(
                Slot(
                    id: UInt(slots.count), reader: reader, ordinal: ordinal, loginServesEachUse: loginServesEachUse)))
    }

    /// The id of a slot in which something happened that nobody was told of.
    mutating func takeEvent() -> UInt? {
        guard let index = slots.firstIndex(where: { $0.hasEvent }) else { return nil }
        slots[index].hasEvent = false
        return slots[index].slot.id
    }

    /// Ends the login of a slot and with it the handles of its private objects.
    mutating func logOut(_ slot: Slot) {
        self[slot].setLogin(.none)
        objects.endPrivate(in: slot)
    }

    /// The most made-up ids that are remembered for a slot: more than a card has places.
    private static let mostMadeUpIDs = 64

    /// Remembers the id that a program made up for a key of the card, which goes on to name the key by it.
    mutating func remember(_ madeUp: [UInt8], for id: [UInt8], in slot: Slot) {
        var known = madeUpIDs[slot.id] ?? [:]
        if known.count >= Self.mostMadeUpIDs { known = [:] }
        known[madeUp] = id
        madeUpIDs[slot.id] = known
    }

    /// The id that a key of the card has for which a program made this one up, or nil where there is none.
    func id(madeUpAs id: [UInt8], in slot: Slot) -> [UInt8]? { madeUpIDs[slot.id]?[id] }

    /// Notes that this process has put a key onto the card.
    mutating func noteNewKey(_ key: ObjectReference, isNamed: Bool, in slot: Slot) {
        newKeys[slot.id, default: [:]][key.number] = isNamed
    }

    /// Whether a key that this process put onto the card was given an id; nil for any other key.
    func isNamed(_ key: ObjectReference, in slot: Slot) -> Bool? { newKeys[slot.id]?[key.number] }

    /// Whether somebody is logged in to another application of the card that a slot is of.
    func isUserLoggedIn(beside slot: Slot) -> Bool {
        slots.contains { $0.slot.reader === slot.reader && $0.slot !== slot && $0.login == .user }
    }
}

/// Readers.
extension Tables {
    /// Takes in what a look at the readers found.
    ///
    /// - Returns: what ended, to be released after the lock.
    mutating func update(_ found: [ReaderPresence], at time: Int, loginServesEachUse: Bool) -> [AnyObject] {
        var ended: [AnyObject] = []
        for reader in readers {
            let insertion = found.first { $0.name == reader.reader.name }?.insertion
            if reader.insertion != insertion { ended += empty(reader.reader, insertion: insertion) }
        }
        for status in found where !readers.contains(where: { $0.reader.name == status.name }) {
            let reader = CardReader(name: status.name, number: readers.count)
            readers.append(ReaderState(reader, insertion: status.insertion))
            addSlot(reader, ordinal: 0, loginServesEachUse: loginServesEachUse)
            if hasLooked, status.insertion != nil { noteArrival(in: reader) }
        }
        hasLooked = true
        lastLook = time
        return ended
    }

    /// Whether the last look still counts, which was at most so many milliseconds ago.
    func isRecent(at time: Int, lasting lifetime: Int) -> Bool {
        guard let lastLook else { return false }
        return time - lastLook < lifetime
    }

    /// Draws the consequences of a card that was pulled out: its sessions, handles and logins end.
    ///
    /// - Returns: what ended, to be released after the lock.
    mutating func empty(_ reader: CardReader, insertion: UInt64?) -> [AnyObject] {
        var ended: [AnyObject] = self[reader].contents?.tokens.compactMap { $0 } ?? []
        let slots = slots(of: reader)
        for slot in slots where hasToken(slot) { self[slot].hasEvent = true }
        // What a look has found cannot be told from what was there before it.
        lastLook = nil
        self[reader].insertion = insertion
        self[reader].contents = nil
        self[reader].failure = nil
        for slot in slots {
            self[slot].setLogin(.none)
            objects.endAll(in: slot)
            madeUpIDs[slot.id] = nil
            newKeys[slot.id] = nil
            ended += removeSessions(with: slot)
        }
        if insertion != nil { noteArrival(in: reader) }
        return ended
    }

    /// Notes the event of a card that came. Whether it has tokens for more slots shows when it is opened.
    private mutating func noteArrival(in reader: CardReader) {
        self[reader].isNews = true
        for slot in slots(of: reader) where slot.ordinal == 0 { self[slot].hasEvent = true }
    }

    /// Takes in the tokens of a card that was opened, or opened further.
    mutating func open(_ reader: CardReader, _ contents: CardContents, at time: Int, loginServesEachUse: Bool) {
        self[reader].contents = contents
        self[reader].lastLook = time
        self[reader].failure = nil
        for ordinal in contents.tokens.indices.dropFirst() {
            addSlot(reader, ordinal: ordinal, loginServesEachUse: loginServesEachUse)
        }
        if self[reader].isNews {
            for slot in slots(of: reader) where slot.ordinal > 0 && hasToken(slot) { self[slot].hasEvent = true }
        }
        self[reader].isNews = false
    }

    /// Takes in applications of an open card that did not answer before.
    mutating func complete(_ reader: CardReader, _ contents: CardContents, at time: Int) {
        let missing = slots(of: reader).filter { !hasToken($0) }
        self[reader].contents = contents
        self[reader].lastLook = time
        for slot in missing where hasToken(slot) { self[slot].hasEvent = true }
    }
}

/// Sessions.
extension Tables {
    /// The session of a handle, or nil where there is none, or none any more.
    func session(_ handle: UInt) -> SessionRecord? { sessions[handle] }

    /// The same for a call that begins, which takes out a bit of what ended sessions have left behind.
    mutating func enter(_ handle: UInt) -> SessionRecord? {
        if objects.hasLeftBehind { objects.takeOutSome() }
        return sessions[handle]
    }

    /// Opens a session. Its handle comes from a counter that never goes back. CKR_CRYPTOKI_NOT_INITIALIZED after the end.
    mutating func addSession(with slot: Slot, isReadWrite: Bool) throws(ReturnCode) -> SessionRecord {
        guard !isEnded else { throw .cryptokiNotInitialized }
        let session = SessionRecord(handle: handles.nextSession(), slot: slot, isReadWrite: isReadWrite)
        sessions[session.handle] = session
        self[slot].add(session)
        return session
    }

    /// Ends a session and what it made.
    ///
    /// - Returns: whether there was such a session.
    mutating func remove(_ session: SessionRecord) -> Bool {
        guard sessions.removeValue(forKey: session.handle) != nil else { return false }
        self[session.slot].remove(session)
        objects.endAll(madeBy: session.handle)
        return true
    }

    /// Ends all sessions with the token in a slot.
    ///
    /// - Returns: the sessions, to be released after the lock.
    mutating func removeSessions(with slot: Slot) -> [SessionRecord] {
        let ended = Array(self[slot].sessions.values)
        for session in ended { _ = remove(session) }
        return ended
    }

    /// Ends all sessions, for good.
    ///
    /// - Returns: the sessions, to be released after the lock.
    mutating func end() -> [SessionRecord] {
        isEnded = true
        return slots.map(\.slot).flatMap { removeSessions(with: $0) }
    }
}
