import Platform

/// Keeps the PINs of one token in memory after the card has verified them, and wipes those whose time is over. It has
/// no thread: PINs are wiped when somebody calls.
public final class PINKeeper: @unchecked Sendable {
    /// Nil for as long as a login lasts.
    private let limit: Int?
    private let clock: @Sendable () -> Int
    /// Guards `kept`, and is held for moments only.
    private let lock = Lock()
    private var kept: [Kept] = []

    /// Whose login a PIN is for.
    public enum Owner: Sendable { case user, administrator }

    private struct Kept {
        weak var pin: StoredPIN?
        let owner: Owner
        let deadline: Int?
    }

    /// - Parameters:
    ///   - limit: milliseconds; 0 keeps no PIN, nil keeps each as long as its login lasts.
    ///   - clock: milliseconds that go on while the machine is suspended.
    public init(limit: Int? = nil, clock: @escaping @Sendable () -> Int = BootClock.milliseconds) {
        self.limit = limit
        self.clock = clock
    }

    /// Whether a PIN stays in memory as long as its login lasts.
    public var isUnlimited: Bool { limit == nil }

    /// Whether no PIN stays in memory.
    public var keepsNone: Bool { limit == 0 }

    /// Keeps a PIN that the card has verified; wipes it at once where the limit is 0.
    public func keep(_ pin: StoredPIN, of owner: Owner = .user) {
        if keepsNone { return pin.wipe() }
        let deadline = limit.map { clock() + $0 }
        lock.withLock {
            kept.removeAll { $0.pin == nil }
            kept.append(Kept(pin: pin, owner: owner, deadline: deadline))
        }
    }

    /// Wipes the PINs whose time is over. A PIN that is in use is wiped by the next call.
    public func wipeExpired() {
        guard !isUnlimited else { return }
        let now = clock()
        lock.withLock {
            kept.removeAll { entry in
                guard let pin = entry.pin else { return true }
                return entry.deadline.map { $0 <= now } == true && pin.wipeUnlessUsed()
            }
        }
    }

    /// Wipes all PINs, or those of one login, which is over. Not to be called while the caller uses one of them.
    public func wipeAll(of owner: Owner? = nil) {
        let ended = lock.withLock { () -> [Kept] in
            let ended = kept.filter { owner == nil || $0.owner == owner }
            kept.removeAll { owner == nil || $0.owner == owner }
            return ended
        }
        for entry in ended { entry.pin?.wipe() }
    }
}
