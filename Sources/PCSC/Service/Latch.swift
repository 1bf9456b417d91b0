/// Opens once, for good. A thread can wait for that, for a time.
final class Latch: @unchecked Sendable {
    private let condition = Condition()
    private var opened = false

    var isOpen: Bool { condition.withLock { opened } }

    func open() {
        condition.withLock {
            opened = true
            condition.broadcast()
        }
    }

    /// Waits until the latch is open or the time is over.
    func wait(milliseconds: Int) {
        condition.withLock { _ = condition.wait(milliseconds: milliseconds) { opened } }
    }
}
