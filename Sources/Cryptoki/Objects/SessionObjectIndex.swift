import CPKCS11

/// The handles of the session objects in a slot, by what programs search for, so that a search looks at those alone that may
/// be meant, however many others there are.
struct SessionObjectIndex {
    /// An attribute's value that objects are found by.
    private struct Name: Hashable {
        let type: AttributeType
        let value: [UInt8]
    }

    private static let types: [AttributeType] = [CKA_CLASS, CKA_LABEL, CKA_ID]

    private var all = HandleList()
    private var named: [Name: HandleList] = [:]

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
        for name in Self.names(of: object) { named[name, default: HandleList()].add(handle) }
    }

    /// Notes that an object has other values now.
    mutating func change(_ handle: UInt, from old: SessionObject, to new: SessionObject) {
        let (before, after) = (Set(Self.names(of: old)), Set(Self.names(of: new)))
        for name in before.subtracting(after) {
            named[name]?.remove(handle)
            if named[name]?.handles.isEmpty == true { named[name] = nil }
        }
        for name in after.subtracting(before) { named[name, default: HandleList()].add(handle) }
    }

    /// Notes that an object has ended.
    ///
    /// - Parameter isThere: whether a handle has not ended.
    mutating func noteEnd(of object: SessionObject, _ isThere: (UInt) -> Bool) {
        all.noteEnd(isThere)
        for name in Self.names(of: object) where named[name]?.noteEnd(isThere) == false { named[name] = nil }
    }

    private static func names(of object: SessionObject) -> [Name] {
        types.compactMap { type in object.attributes[type].map { Name(type: type, value: $0) } }
    }
}
