/// Handles in the order in which the objects were made, which is that of their numbers. Some may have ended since: to take
/// one out of a long list takes long, so they are taken out together, once they are many.
struct HandleList {
    /// All of them, some of which may have ended.
    private(set) var handles: [UInt] = []
    private var endedCount = 0

    /// Notes a new one.
    mutating func add(_ handle: UInt) {
        if let last = handles.last, last > handle {
            handles.insert(handle, at: position(of: handle))
        } else {
            handles.append(handle)
        }
    }

    /// Takes one out.
    mutating func remove(_ handle: UInt) {
        let position = position(of: handle)
        if position < handles.count, handles[position] == handle { handles.remove(at: position) }
    }

    /// Notes that one of them has ended.
    ///
    /// - Parameter isThere: whether a handle has not ended.
    /// - Returns: whether there is any left.
    @discardableResult
    mutating func noteEnd(_ isThere: (UInt) -> Bool) -> Bool {
        endedCount += 1
        if endedCount >= handles.count {
            self = HandleList()
            return false
        }
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
