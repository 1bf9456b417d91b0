import Token

/// The one table of object handles of the process. Handles come from a counter that never goes back, so that a stale
/// handle never means another object.
struct ObjectTable {
    /// What has one handle in the whole process, whichever session asks.
    private enum Key: Hashable {
        case token(ObjectReference)
        case information(InformationObject.Fact)
    }

    /// The objects of one slot.
    private struct SlotObjects {
        var handles: [Key: UInt] = [:]
        /// Session objects.
        var made = SessionObjectIndex()
        /// The private ones among them.
        var madePrivate = HandleList()
    }

    /// The session objects that a session made.
    private struct Owned {
        /// Those that hold a secret.
        var secrets = HandleList()
        var others = HandleList()
    }

    private let counters: HandleCounters
    private var entries: [UInt: StoredObject] = [:]
    /// By the slots' ids.
    private var slots: [UInt: SlotObjects] = [:]
    /// By the sessions' handles.
    private var owned: [UInt: Owned] = [:]
    /// What sessions have left behind that have ended: it is gone for everybody, and taken out bit by bit, so that no call has to
    /// wait for the end of 100,000 objects. Nothing secret is among it.
    private var leftBehind: [(session: UInt, handles: [UInt])] = []
    /// The sessions whose objects these are.
    private var endedSessions: Set<UInt> = []

    /// How many objects are taken out at a time.
    static let step = 64

    init(_ counters: HandleCounters) { self.counters = counters }

    /// The object behind a handle, or nil where there is none, or none any more. Whether the token still has it is for the
    /// caller to ask (`TokenObject.isCurrent`), without the lock.
    func object(_ handle: UInt) -> StoredObject? {
        let found = entries[handle]
        if case .session(let object)? = found, endedSessions.contains(object.owner) { return nil }
        return found
    }

    /// The handle of a token's object: the one it has, or a new one.
    mutating func handle(for object: TokenObject) -> UInt {
        let key = Key.token(object.reference)
        if let known = slots[object.slot.id]?.handles[key], case .token(let entry)? = entries[known] {
            // Revisions only grow: a greater one was read by another thread a moment later.
            if entry.revision >= object.revision { return known }
            end(known)
        }
        return add(.token(object), key)
    }

    /// A new handle for an object that was just put onto the card, where another one may have lain.
    mutating func newHandle(for object: TokenObject) -> UInt {
        if let known = slots[object.slot.id]?.handles[.token(object.reference)] { end(known) }
        return handle(for: object)
    }

    /// The handle of a fact: the one it has, or a new one.
    mutating func handle(for object: InformationObject) -> UInt {
        let key = Key.information(object.fact)
        return slots[object.slot.id]?.handles[key] ?? add(.information(object), key)
    }

    /// A handle for a new session object.
    mutating func add(_ object: SessionObject) -> UInt {
        let handle = add(.session(object), nil)
        slots[object.slot.id, default: SlotObjects()].made.add(handle, object)
        if object.isPrivate { slots[object.slot.id]?.madePrivate.add(handle) }
        if object.holdsSecret {
            owned[object.owner, default: Owned()].secrets.add(handle)
        } else {
            owned[object.owner, default: Owned()].others.add(handle)
        }
        return handle
    }

    /// Puts a changed session object in the place of the one behind the handle.
    mutating func replace(_ handle: UInt, by object: SessionObject) {
        if case .session(let old)? = entries[handle] {
            slots[object.slot.id]?.made.change(handle, from: old, to: object)
        }
        entries[handle] = .session(object)
    }

    /// The handles of the session objects in a slot that a template may mean, in the order in which they were made. Some of
    /// them may have ended.
    func candidates(for template: [Attribute], in slot: Slot) -> [UInt] {
        slots[slot.id]?.made.candidates(for: template) ?? []
    }

    /// How many values the session objects in a slot are found by.
    func nameCount(in slot: Slot) -> Int { slots[slot.id]?.made.nameCount ?? 0 }

    /// Ends one handle.
    mutating func end(_ handle: UInt) {
        switch entries.removeValue(forKey: handle) {
        case .token(let object)?: slots[object.slot.id]?.handles[.token(object.reference)] = nil
        case .information(let object)?: slots[object.slot.id]?.handles[.information(object.fact)] = nil
        case .session(let object)?: noteEnd(of: object)
        case nil: break
        }
    }

    private mutating func noteEnd(of object: SessionObject) {
        let left = entries
        func isThere(_ handle: UInt) -> Bool { left[handle] != nil }
        slots[object.slot.id]?.made.noteEnd(of: object, isThere)
        if object.isPrivate { slots[object.slot.id]?.madePrivate.noteEnd(isThere) }
        if object.holdsSecret {
            owned[object.owner]?.secrets.noteEnd(isThere)
        } else {
            owned[object.owner]?.others.noteEnd(isThere)
        }
    }

    /// Ends the handles of all objects of the token in a slot. Session objects end with their sessions.
    mutating func endAll(in slot: Slot) {
        for handle in slots[slot.id]?.handles.values.map({ $0 }) ?? [] { end(handle) }
    }

    /// Ends the handles of a slot's private objects.
    mutating func endPrivate(in slot: Slot) {
        let (known, made) = (slots[slot.id]?.handles ?? [:], slots[slot.id]?.madePrivate.handles ?? [])
        for handle in known.values where entries[handle]?.isPrivate == true { end(handle) }
        for handle in made { end(handle) }
    }

    /// Ends the session objects that a session made: those that hold a secret at once, of the others a few; the rest is gone for
    /// everybody, and taken out by later calls (`takeOutSome`).
    mutating func endAll(madeBy session: UInt) {
        guard let ended = owned.removeValue(forKey: session) else { return }
        for handle in ended.secrets.handles { end(handle) }
        guard !ended.others.handles.isEmpty else { return }
        leftBehind.append((session, ended.others.handles))
        endedSessions.insert(session)
        takeOutSome()
    }

    /// How many objects there are, with those that have been left behind.
    var entryCount: Int { entries.count }

    /// Whether there is something to be taken out.
    var hasLeftBehind: Bool { !leftBehind.isEmpty }

    /// Takes out some of what ended sessions have left behind.
    mutating func takeOutSome() {
        var rest = Self.step
        while rest > 0, let last = leftBehind.indices.last {
            if let handle = leftBehind[last].handles.popLast() {
                guard entries[handle] != nil else { continue }
                end(handle)
                rest -= 1
            } else {
                endedSessions.remove(leftBehind.removeLast().session)
            }
        }
    }

    private mutating func add(_ object: StoredObject, _ key: Key?) -> UInt {
        let handle = counters.nextObject()
        entries[handle] = object
        if let key { slots[object.slot.id, default: SlotObjects()].handles[key] = handle }
        return handle
    }
}

extension Tables {
    /// The object behind a handle, where a session may see it.
    func visibleObject(_ handle: UInt, in session: SessionRecord) -> StoredObject? {
        guard let object = objects.object(handle), object.slot === session.slot,
            !object.isPrivate || sees(object, session)
        else { return nil }
        return object
    }

    /// Whether the login of a session shows private objects: to the user all, to the SO the keys of the card, which are the
    /// SO's to make and to delete. To use them is not.
    private func sees(_ object: StoredObject, _ session: SessionRecord) -> Bool {
        switch (self[session.slot].login, object) {
        case (.user, _): true
        case (.officer, .token(let object)): object.reference.kind == .privateKey
        case (.officer, _), (.none, _): false
        }
    }

    /// Gives a new session object its handle.
    ///
    /// - Throws: where the session has ended meanwhile, or the login that the object needs.
    mutating func add(_ object: SessionObject, by session: SessionRecord) throws(ReturnCode) -> UInt {
        try checkMayAdd(object, by: session)
        return objects.add(object)
    }

    /// Gives both halves of a new key pair their handles, or none.
    mutating func add(
        _ publicKey: SessionObject, _ privateKey: SessionObject, by session: SessionRecord
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        try checkMayAdd(publicKey, by: session)
        try checkMayAdd(privateKey, by: session)
        return (objects.add(publicKey), objects.add(privateKey))
    }

    private func checkMayAdd(_ object: SessionObject, by session: SessionRecord) throws(ReturnCode) {
        guard self.session(session.handle) === session else { throw .sessionHandleInvalid }
        guard !object.isPrivate || self[session.slot].login == .user else { throw .userNotLoggedIn }
    }
}
