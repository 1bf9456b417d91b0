import Token

/// An object that a handle stands for.
enum StoredObject {
    /// An object of a token.
    case token(TokenObject)
}

/// An object of the token in a slot: which one, as long as its card is in.
struct TokenObject {
    let slot: Slot
    let token: any Token
    let description: ObjectDescription

    var reference: ObjectReference { description.reference }
}

/// The one table of object handles of the process. Handles come from a counter that never goes back, so that a stale
/// handle never means another object. Guarded by the library's lock.
struct ObjectTable {
    private struct Key: Hashable {
        let slot: UInt
        let reference: ObjectReference
    }

    private var counter: UInt = 0
    private var objects: [UInt: StoredObject] = [:]
    private var handles: [Key: UInt] = [:]

    /// The object behind a handle, or nil where there is none, or none any more.
    subscript(handle: UInt) -> StoredObject? { objects[handle] }

    /// The handle of a token's object: the one it has, or a new one.
    mutating func handle(for object: TokenObject) -> UInt {
        let key = Key(slot: object.slot.id, reference: object.reference)
        if let known = handles[key] { return known }
        counter += 1
        handles[key] = counter
        objects[counter] = .token(object)
        return counter
    }

    /// Ends the handles of a slot's objects for which `predicate` holds.
    mutating func end(in slot: Slot, where predicate: (ObjectDescription) -> Bool) {
        for (handle, object) in objects {
            guard case .token(let object) = object, object.slot === slot, predicate(object.description) else {
                continue
            }
            objects[handle] = nil
            handles[Key(slot: slot.id, reference: object.reference)] = nil
        }
    }
}
