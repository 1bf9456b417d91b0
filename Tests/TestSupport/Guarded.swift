import Platform

/// A value that threads take turns with. Not `Synchronization.Mutex`: the thread sanitizer does not see that it locks.
public final class Guarded<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value

    /// The value at first.
    public init(_ value: Value) { self.value = value }

    /// Runs `body` with the value while no other thread has it.
    public func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        try lock.withLock { () throws(E) in try body(&value) }
    }
}
