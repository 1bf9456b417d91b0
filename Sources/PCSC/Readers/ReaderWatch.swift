import ISO7816
import Platform

/// Waits until a reader or a card comes or goes.
///
/// Each wait has a context of its own, so that it blocks no other call; any number of threads may wait. The child of a
/// fork leaves its parent's watch alone and makes its own.
public final class ReaderWatch: @unchecked Sendable {
    /// How a wait ended.
    public enum Outcome: Hashable, Sendable {
        /// Readers or cards differ from what the caller knew.
        case changed
        /// The time is over.
        case timedOut
        /// `cancel()` was called, before or during the wait.
        case cancelled
    }

    /// Milliseconds after which the readers are listed anew in any case. pcsc-lite before 2.3 does not notice a
    /// reader that comes between the listing and the wait.
    private static let slice = 5000
    /// Milliseconds between two looks where pcscd cannot be made to wait.
    private static let pause = 250

    private let lock = Lock()
    private let service: any PCSCService
    private let bounds: BoundedService.Bounds
    private let cancelled = Latch()
    private var waiting: Set<ContextHandle> = []

    /// A watch that has opened nothing yet.
    ///
    /// - Parameter makesThreads: as for `ReaderMonitor`.
    public convenience init(makesThreads: Bool = true) { self.init(SystemService(makesThreads: makesThreads)) }

    init(_ service: any PCSCService, bounds: BoundedService.Bounds = .init()) {
        self.service = service
        self.bounds = bounds
    }

    /// Waits until readers and cards differ from `known`, and returns at once where they already do.
    ///
    /// Another program's use of a card is no change. Where pcscd does not run there are no readers; the wait goes on
    /// until it is started.
    ///
    /// - Parameters:
    ///   - known: what `ReaderMonitor.readers()` said last, empty where it threw.
    ///   - timeout: milliseconds, or nil for no end.
    public func waitForChange(since known: [ReaderStatus], timeout: Int? = nil) -> Outcome {
        let known = known.map(Situation.init)
        let start = MonotonicClock.nanoseconds
        while !cancelled.isOpen {
            let elapsed = Int((MonotonicClock.nanoseconds - start) / 1_000_000)
            let left = timeout.map { max(0, $0 - elapsed) } ?? .max
            switch look(known, atMost: min(left, Self.slice)) {
            case .changed: return .changed
            case .unchanged where left == 0: return .timedOut
            case .unchanged: break
            case .blind where left == 0: return known.isEmpty ? .timedOut : .changed
            case .blind where !known.isEmpty: return .changed
            case .blind: cancelled.wait(milliseconds: min(left, Self.pause))
            }
        }
        return .cancelled
    }

    /// Ends all waits of this watch, now and for good, and returns when they have ended, or where a pcscd that does not
    /// answer keeps them from it for some seconds.
    public func cancel() {
        cancelled.open()
        let messenger = BoundedService(service, bounds: bounds)
        let start = MonotonicClock.milliseconds()
        // pcscd only cancels what already waits, so a wait that is about to begin is cancelled when it has begun.
        while MonotonicClock.milliseconds() - start < bounds.patience {
            let busy = lock.withLock {
                for context in waiting { messenger.cancel(context) }
                return !waiting.isEmpty
            }
            guard busy else { return }
            service.sleep(milliseconds: 2)
        }
    }

    private enum Sight {
        case changed
        case unchanged
        /// pcscd does not run.
        case blind
    }

    /// Lists the readers, waits for an event for at most so many milliseconds, and does not list them again.
    private func look(_ known: [Situation], atMost milliseconds: Int) -> Sight {
        let service = BoundedService(service, bounds: bounds)
        guard let context = try? service.establishContext() else { return .blind }
        lock.withLock { _ = waiting.insert(context) }
        defer {
            lock.withLock {
                waiting.remove(context)
                service.releaseContext(context)
            }
        }
        guard let states = try? ReaderPoll.states(service, context) else { return .blind }
        guard states.map(Situation.init) == known else { return .changed }
        guard milliseconds > 0, !cancelled.isOpen, waitForEvent(service, context, states, milliseconds) else {
            return .unchanged
        }
        guard let states = try? ReaderPoll.states(service, context) else { return .blind }
        guard states.map(Situation.init) == known else { return .changed }
        // Events that do not count here, such as another program's connection, may come in numbers.
        cancelled.wait(milliseconds: 20)
        return .unchanged
    }

    /// Returns whether there was an event.
    private func waitForEvent(
        _ service: BoundedService, _ context: ContextHandle, _ states: [ReaderState], _ milliseconds: Int
    ) -> Bool {
        var expected = states.map { ReaderState(name: $0.name, current: $0.event & ~ReaderState.changed) }
        expected.append(ReaderState(name: ReaderState.readerNotification))
        do throws(SCardCode) {
            try service.getStatusChange(context, timeout: UInt32(clamping: milliseconds), &expected)
            return true
        } catch .timeout, .cancelled {
            return false
        } catch {
            // pcscd ended, does not know the notification, or has more readers than the call takes.
            cancelled.wait(milliseconds: min(milliseconds, Self.pause))
            return false
        }
    }

    /// What must be the same for nothing to have changed.
    private struct Situation: Hashable {
        let name: ReaderName
        let eventCounter: UInt16
        let isCardPresent: Bool
        let isMute: Bool

        init(_ status: ReaderStatus) {
            name = status.name
            eventCounter = status.eventCounter
            isCardPresent = status.isCardPresent
            isMute = status.isMute
        }

        init(_ state: ReaderState) { self.init(ReaderStatus(state, insertion: nil)) }
    }
}
