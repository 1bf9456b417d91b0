import CPKCS11

/// The handles of the session objects in a slot, by what programs search for, so that a search looks at those alone that may
/// be meant, however many others there are.
struct SessionObjectIndex {
    /// An attribute's value that objects are found by.
    private struct Name: Hashable {
        let type: AttributeType
        let value: [UInt8]
    }

    /// Handles in the order in which the objects were made, which is that of their numbers. Some may have ended since: to take
    /// one out of a long list takes long, so they are taken out together, once they are many.
    private struct Handles {
        private(set) var handles: [UInt] = []
        private var endedCount = 0

        mutating func add(_ handle: UInt) {
            if let last = handles.last, last > handle {
                handles.insert(handle, at: position(of: handle))
            } else {
                handles.append(handle)
            }
        }

        mutating func remove(_ handle: UInt) {
            let position = position(of: handle)
            if position < handles.count, handles[position] == handle { handles.remove(at: position) }
        }

        /// - Returns: whether there is any left.
        mutating func noteEnd(_ isThere: (UInt) -> Bool) -> Bool {
            endedCount += 1
            if endedCount >= handles.count { return false }
            if endedCount > 32, endedCount > handles.count / 2 {
                handles.removeAll { !isThere($0) }
                endedCount = 0
            }
            return !handles.isEmpty
        }

        /// Where a handle stands, or would stand.
        private func position(of handle: UInt) -> Int {
            var (low, high) = (0, handles.count)
            while low < high {
                let middle = (low + high) / 2
                if handles[middle] < handle { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    private static let types: [AttributeType] = [CKA_CLASS, CKA_LABEL, CKA_ID]

    private var all = Handles()
    private var named: [Name: Handles] = [:]

    /// All handles, some of which may have ended.
    var handles: [UInt] { all.handles }

    /// How many values objects are found by.
    var nameCount: Int { named.count }

    /// The handles of the objects that a template may mean, and of some that have ended.
    func candidates(for template: [Attribute]) -> [UInt] {
        // No session object lies on the token.
        guard !template.contains(Attribute(CKA_TOKEN, [1])) else { return [] }
        var fewest = all.handles
        for wanted in template where Self.types.contains(wanted.type) {
            guard let found = named[Name(type: wanted.type, value: wanted.value)]?.handles else { return [] }
            if found.count < fewest.count { fewest = found }
        }
        return fewest
    }

    /// Notes a new object.
    mutating func add(_ handle: UInt, _ object: SessionObject) {
        all.add(handle)
        for name in Self.names(of: object) { named[name, default: Handles()].add(handle) }
    }

    /// Notes that an object has other values now.
    mutating func change(_ handle: UInt, from old: SessionObject, to new: SessionObject) {
        let (before, after) = (Set(Self.names(of: old)), Set(Self.names(of: new)))
        for name in before.subtracting(after) {
            named[name]?.remove(handle)
            if named[name]?.handles.isEmpty == true { named[name] = nil }
        }
        for name in after.subtracting(before) { named[name, default: Handles()].add(handle) }
    }

    /// Notes that an object has ended.
    ///
    /// - Parameter isThere: whether a handle has not ended.
    mutating func noteEnd(of object: SessionObject, _ isThere: (UInt) -> Bool) {
        if !all.noteEnd(isThere) { all = Handles() }
        for name in Self.names(of: object) where named[name]?.noteEnd(isThere) == false { named[name] = nil }
    }

    private static func names(of object: SessionObject) -> [Name] {
        types.compactMap { type in object.attributes[type].map { Name(type: type, value: $0) } }
    }
}
