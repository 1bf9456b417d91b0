import Platform

/// A PIN in memory, in hidden pages where the system has them: while it is given to a card, and after that where it is kept
/// so that a login, or the permission for one use of a key, survives what other programs do to the card. See `PINKeeper`.
/// Wiped with its last reference, or before.
public final class StoredPIN: @unchecked Sendable {
    /// Held while the PIN is used, which may last as long as a command to a card.
    private let lock = Lock()
    private var secret: SecretBuffer?

    /// A copy of a PIN, or of what a card wants in its place.
    public init(_ pin: RawSpan) throws(HostCryptoError) { secret = try SecretBuffer(pin, .hidden) }

    /// Calls `body` with the PIN, which is empty once it was wiped. The span must not be copied where it is not wiped.
    public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        lock.lock()
        defer {
            VectorRegisters.clear()
            lock.unlock()
        }
        switch secret {
        case .some(let secret): return try secret.withBytes(body)
        case nil: return try body(RawSpan())
        }
    }

    /// Whether it has been wiped.
    public var isWiped: Bool { withBytes { $0.byteCount == 0 } }

    /// Wipes the PIN. Waits while it is in use.
    public func wipe() { lock.withLock { secret = nil } }

    /// Wipes the PIN unless it is in use.
    ///
    /// - Returns: whether it is wiped.
    func wipeUnlessUsed() -> Bool { lock.withLockIfFree { secret = nil } != nil }

    /// Whether it is the same PIN, told in a time that depends on the lengths alone.
    public func isEqual(to other: StoredPIN) -> Bool {
        if self === other { return true }
        return other.withBytes { other in withBytes { ConstantTime.equal($0, other) } }
    }
}
