import HostCrypto
import Platform

/// The counters of messages that are encrypted with vectors that count (CKG_GENERATE_COUNTER): under one key none may come
/// twice. So a counter belongs to the key's value, whatever object or session has it, and to the process, which may
/// initialise the module again.
public final class MessageCounters: Sendable {
    /// The place of a message in the order of its key.
    public struct Number: Hashable, Sendable {
        /// What goes into the vector.
        public let counter: UInt64
        /// How many messages there were before.
        public let used: UInt64
    }

    private struct Counter {
        let start: UInt64
        var used: UInt64 = 0
    }

    private struct State {
        var counters: [[UInt8]: Counter] = [:]
        /// Whether keys that are not in the table may have been in use before.
        var beginsAtRandom: Bool
        /// What the values are hashed with: the table does not tell what a key is.
        var salt: StoredSecret?
    }

    /// How many keys are remembered.
    static let mostKeys = 1 << 16

    private let state: Guarded<State>

    /// Counters that begin at zero, or at random where others may count under the same keys: in the child of a fork.
    public init(beginsAtRandom: Bool = false) { state = Guarded(State(beginsAtRandom: beginsAtRandom)) }

    /// The number of the next message under a key.
    public func next(for key: StoredSecret) throws(SoftTokenError) -> Number {
        try state.withLock { (state) throws(SoftTokenError) in
            let name = try Self.name(of: key, &state)
            var counter: Counter
            if let known = state.counters[name] {
                counter = known
            } else {
                if state.counters.count >= Self.mostKeys {
                    state.counters = [:]
                    state.beginsAtRandom = true
                }
                counter = Counter(start: state.beginsAtRandom ? try Self.random() : 0)
            }
            let number = Number(counter: counter.start &+ counter.used, used: counter.used)
            counter.used += 1
            state.counters[name] = counter
            return number
        }
    }

    private static func random() throws(SoftTokenError) -> UInt64 {
        let bytes = try SoftTokenError.translating { () throws(HostCryptoError) in try Random.bytes(8) }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A hash of the value by which only this process finds it.
    private static func name(of key: StoredSecret, _ state: inout State) throws(SoftTokenError) -> [UInt8] {
        let salt: StoredSecret
        if let known = state.salt {
            salt = known
        } else {
            var bytes = try SoftTokenError.translating { () throws(HostCryptoError) in try Random.bytes(32) }
            salt = try StoredSecret(wiping: &bytes)
            state.salt = salt
        }
        let code = try MessageCode(.hmac(.sha256), size: 32, salt)
        try key.withBytes { (bytes) throws(SoftTokenError) in try code.update(bytes) }
        return try code.finish()
    }
}
