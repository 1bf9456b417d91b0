import HostCrypto

/// A series of messages that are signed or verified one by one with one key (PKCS#11 3.2, sections 5.14 and 5.16).
final class MessageSeries<Computation> {
    let mechanism: Mechanism
    let key: UInt
    /// The message that has begun; or the next one, which may wait for its PIN.
    var operation: KeyedOperation<Computation>?
    /// Whether a message has begun and has not come to its end.
    var isInMessage = false
    /// Whether a message has begun, ever.
    var isInUse = false

    init(_ mechanism: Mechanism, key: UInt, _ first: KeyedOperation<Computation>) {
        self.mechanism = mechanism
        self.key = key
        operation = first
    }

    /// Ends the message, and makes the next one ready.
    func endMessage(_ next: KeyedOperation<Computation>?) {
        isInMessage = false
        operation = next
    }
}
