import Synchronization

/// The numbers of handles. They belong to the process, which may initialise the module again, and go on in the child of a
/// fork, which meets no lock here: a stale handle never means another session or object.
public final class HandleCounters: Sendable {
    private let sessions = Atomic<UInt>(0)
    private let objects = Atomic<UInt>(0)

    /// Counters of a process that has given no handle yet.
    public init() {}

    /// The handle of a new session.
    func nextSession() -> UInt { sessions.add(1, ordering: .relaxed).newValue }

    /// The handle of a new object.
    func nextObject() -> UInt { objects.add(1, ordering: .relaxed).newValue }
}
