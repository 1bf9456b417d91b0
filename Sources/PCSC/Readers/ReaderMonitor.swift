import ISO7816
import Platform

/// Lists the readers and the cards in them, without waiting and without sending a command to any card.
///
/// Nothing is opened before the first question. A context that pcscd ended, by its own end, is replaced at the next
/// question, so that pcscd may be started, stopped and started anew while the process runs.
///
/// All methods may be called from any thread. The child of a fork leaves its parent's monitor alone and makes its
/// own.
public final class ReaderMonitor: @unchecked Sendable {
    private struct Stay {
        let insertion: UInt64
        let eventCounter: UInt16
    }

    private let lock = Lock()
    private let service: BoundedService
    private var context: ContextHandle?
    /// The cards that were there at the last question.
    private var stays: [ReaderName: Stay] = [:]
    /// Starts from the clock, so that a later monitor of this process does not reuse a number.
    private var nextInsertion = MonotonicClock.nanoseconds

    /// A monitor that has opened nothing yet.
    ///
    /// - Parameter makesThreads: false where the host allows none: then nothing bounds the time that pcscd takes.
    public convenience init(makesThreads: Bool = true) { self.init(SystemService(makesThreads: makesThreads)) }

    init(_ service: any PCSCService, bounds: BoundedService.Bounds = .init()) {
        self.service = BoundedService(service, bounds: bounds)
    }

    deinit {
        if let context { service.releaseContext(context) }
    }

    /// All readers, in pcscd's order; none is an empty list.
    ///
    /// - Throws: `ChannelError.serviceUnavailable` where pcscd does not run, does not answer or does not let this person
    ///   in.
    public func readers() throws(ChannelError) -> [ReaderStatus] {
        try lock.withLock { () throws(ChannelError) in
            do throws(SCardCode) {
                return number(try states())
            } catch {
                guard error.endsContext else { throw ChannelError(error) }
                forgetService()
                throw .serviceUnavailable
            }
        }
    }

    private func states() throws(SCardCode) -> [ReaderState] {
        if let context {
            do throws(SCardCode) {
                return try ReaderPoll.states(service, context)
            } catch {
                guard error.endsContext else { throw error }
                // pcscd may have been started anew since.
                forgetService()
            }
        }
        let new = try service.establishContext()
        context = new
        return try ReaderPoll.states(service, new)
    }

    /// A pcscd that ended has forgotten its counters, and nobody saw what happened in the meantime.
    private func forgetService() {
        if let context { service.releaseContext(context) }
        context = nil
        stays = [:]
    }

    private func number(_ states: [ReaderState]) -> [ReaderStatus] {
        var current: [ReaderName: Stay] = [:]
        let readers = states.map { state in
            guard state.isCardPresent else { return ReaderStatus(state, insertion: nil) }
            let stay = stay(of: state)
            current[state.name] = stay
            return ReaderStatus(state, insertion: stay.insertion)
        }
        stays = current
        return readers
    }

    private func stay(of state: ReaderState) -> Stay {
        if let known = stays[state.name], known.eventCounter == state.eventCounter { return known }
        nextInsertion += 1
        return Stay(insertion: nextInsertion, eventCounter: state.eventCounter)
    }
}
