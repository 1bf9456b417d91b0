import Token

/// The one table of object handles of the process. Handles come from a counter that never goes back, so that a stale
/// handle never means another object. Guarded by the library's lock.
struct ObjectTable {
    /// What has one handle in the whole process, whichever session asks.
    private enum Key: Hashable {
        case token(slot: UInt, ObjectReference)
        case information(slot: UInt, InformationObject.Fact)
    }

    private var counter: UInt = 0
    private var entries: [UInt: StoredObject] = [:]
    private var handles: [Key: UInt] = [:]

    /// The object behind a handle, or nil where there is none, or none any more. The handle of a token's object that
    /// was replaced or deleted since ends here.
    mutating func object(_ handle: UInt) -> StoredObject? {
        if case .token(let object)? = entries[handle], object.token.revision(of: object.reference) != object.revision {
            end(handle)
        }
        return entries[handle]
    }

    /// The handle of a token's object: the one it has, or a new one.
    mutating func handle(for object: TokenObject) -> UInt {
        let key = Key.token(slot: object.slot.id, object.reference)
        if let known = handles[key], self.object(known) != nil { return known }
        var object = object
        object.revision = object.token.revision(of: object.reference)
        return add(.token(object), key)
    }

    /// A new handle for an object that was just put onto the card, where another one may have lain.
    mutating func newHandle(for object: TokenObject) -> UInt {
        if let known = handles[.token(slot: object.slot.id, object.reference)] { end(known) }
        return handle(for: object)
    }

    /// The handle of a fact: the one it has, or a new one.
    mutating func handle(for object: InformationObject) -> UInt {
        let key = Key.information(slot: object.slot.id, object.fact)
        return handles[key] ?? add(.information(object), key)
    }

    /// A handle for a new session object.
    mutating func add(_ object: SessionObject) -> UInt { add(.session(object), nil) }

    /// Puts a changed session object in the place of the one behind the handle.
    mutating func replace(_ handle: UInt, by object: SessionObject) { entries[handle] = .session(object) }

    /// The session objects in a slot, in the order in which they were made.
    func sessionObjects(in slot: Slot) -> [(handle: UInt, object: SessionObject)] {
        entries.compactMap { handle, entry in
            guard case .session(let object) = entry, object.slot === slot else { return nil }
            return (handle, object)
        }.sorted { $0.handle < $1.handle }
    }

    /// Ends one handle.
    mutating func end(_ handle: UInt) {
        switch entries.removeValue(forKey: handle) {
        case .token(let object)?: handles[.token(slot: object.slot.id, object.reference)] = nil
        case .information(let object)?: handles[.information(slot: object.slot.id, object.fact)] = nil
        case .session?, nil: break
        }
    }

    /// Ends the handles of all objects for which `predicate` holds.
    mutating func end(where predicate: (StoredObject) -> Bool) {
        for (handle, object) in entries where predicate(object) { end(handle) }
    }

    /// Ends the session objects that these sessions made.
    mutating func endAll(madeBy sessions: Set<UInt>) {
        end { object in
            guard case .session(let object) = object else { return false }
            return sessions.contains(object.owner)
        }
    }

    private mutating func add(_ object: StoredObject, _ key: Key?) -> UInt {
        counter += 1
        entries[counter] = object
        if let key { handles[key] = counter }
        return counter
    }
}
