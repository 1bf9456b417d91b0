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
    }

    private let counters: HandleCounters
    private var entries: [UInt: StoredObject] = [:]
    /// By the slots' ids.
    private var slots: [UInt: SlotObjects] = [:]
    /// The handles of session objects, by the sessions that made them.
    private var owned: [UInt: Set<UInt>] = [:]

    init(_ counters: HandleCounters) { self.counters = counters }

    /// The object behind a handle, or nil where there is none, or none any more. Whether the token still has it is for the
    /// caller to ask (`TokenObject.isCurrent`), without the lock.
    func object(_ handle: UInt) -> StoredObject? { entries[handle] }

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
        owned[object.owner, default: []].insert(handle)
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
        case .session(let object)?:
            owned[object.owner]?.remove(handle)
            let left = entries
            slots[object.slot.id]?.made.noteEnd(of: object) { left[$0] != nil }
        case nil: break
        }
    }

    /// Ends the handles of all objects in a slot.
    mutating func endAll(in slot: Slot) {
        guard let ended = slots[slot.id] else { return }
        for handle in ended.handles.values { end(handle) }
        for handle in ended.made.handles { end(handle) }
    }

    /// Ends the handles of a slot's private objects.
    mutating func endPrivate(in slot: Slot) {
        guard let known = slots[slot.id] else { return }
        for handle in known.handles.values where entries[handle]?.isPrivate == true { end(handle) }
        for handle in known.made.handles where entries[handle]?.isPrivate == true { end(handle) }
    }

    /// Ends the session objects that a session made.
    mutating func endAll(madeBy session: UInt) {
        for handle in owned.removeValue(forKey: session) ?? [] { end(handle) }
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
