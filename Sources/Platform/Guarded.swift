/// A value that threads take turns with: nobody reaches it without the lock. Not `Synchronization.Mutex`, for the reasons
/// that `Lock` gives.
public final class Guarded<Value>: @unchecked Sendable {
    // Usable from inline: callers are compiled with the lock and not with a closure that is handed on.
    @usableFromInline let lock = Lock()
    @usableFromInline var value: Value

    /// The value at first.
    public init(_ value: sending Value) { self.value = value }

    /// Runs `body` with the value while no other thread has it.
    @inlinable public func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }

    /// Runs `body` with the value, unless another thread has it: the result is nil then.
    @inlinable public func withLockIfFree<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R? {
        try lock.withLockIfFree { () throws(E) in try body(&value) }
    }
}
