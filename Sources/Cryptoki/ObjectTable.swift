import Token

/// The one table of object handles of the process. Handles come from a counter that never goes back, so that a stale
/// handle never means another object. Guarded by the library's lock.
struct ObjectTable {
    /// What has one handle in the whole process, whichever session asks.
    private enum Key: Hashable {
        case token(slot: UInt, ObjectReference)
        case information(slot: UInt, InformationObject.Fact)
    }

    private struct Entry {
        var object: StoredObject
        /// The state in which the token's object was when it got the handle.
        var revision: UInt64 = 0
    }

    private var counter: UInt = 0
    private var entries: [UInt: Entry] = [:]
    private var handles: [Key: UInt] = [:]

    /// The object behind a handle, or nil where there is none, or none any more. The handle of a token's object that
    /// was replaced or deleted since ends here.
    mutating func object(_ handle: UInt) -> StoredObject? {
        guard let entry = entries[handle] else { return nil }
        if case .token(let object) = entry.object, object.token.revision(of: object.reference) != entry.revision {
            end(handle)
            return nil
        }
        return entry.object
    }

    /// The handle of a token's object: the one it has, or a new one.
    mutating func handle(for object: TokenObject) -> UInt {
        let revision = object.token.revision(of: object.reference)
        let key = Key.token(slot: object.slot.id, object.reference)
        if let known = handles[key] {
            if entries[known]?.revision == revision { return known }
            end(known)
        }
        return add(Entry(object: .token(object), revision: revision), key)
    }

    /// The handle of a fact: the one it has, or a new one.
    mutating func handle(for object: InformationObject) -> UInt {
        let key = Key.information(slot: object.slot.id, object.fact)
        return handles[key] ?? add(Entry(object: .information(object)), key)
    }

    /// A handle for a new session object.
    mutating func add(_ object: SessionObject) -> UInt { add(Entry(object: .session(object)), nil) }

    /// Puts a changed session object in the place of the one behind the handle.
    mutating func replace(_ handle: UInt, by object: SessionObject) { entries[handle]?.object = .session(object) }

    /// The session objects in a slot, in the order in which they were made.
    func sessionObjects(in slot: Slot) -> [(handle: UInt, object: SessionObject)] {
        entries.compactMap { handle, entry in
            guard case .session(let object) = entry.object, object.slot === slot else { return nil }
            return (handle, object)
        }.sorted { $0.handle < $1.handle }
    }

    /// Ends one handle.
    mutating func end(_ handle: UInt) {
        switch entries.removeValue(forKey: handle)?.object {
        case .token(let object)?: handles[.token(slot: object.slot.id, object.reference)] = nil
        case .information(let object)?: handles[.information(slot: object.slot.id, object.fact)] = nil
        case .session?, nil: break
        }
    }

    /// Ends the handles of all objects for which `predicate` holds.
    mutating func end(where predicate: (StoredObject) -> Bool) {
        for (handle, entry) in entries where predicate(entry.object) { end(handle) }
    }

    /// Ends the session objects that these sessions made.
    mutating func endAll(madeBy sessions: Set<UInt>) {
        end { object in
            guard case .session(let object) = object else { return false }
            return sessions.contains(object.owner)
        }
    }

    private mutating func add(_ entry: Entry, _ key: Key?) -> UInt {
        counter += 1
        entries[counter] = entry
        if let key { handles[key] = counter }
        return counter
    }
}
