import CLibrary

/// Makes calls that may not come back, one after the other, on a thread of its own, so that who wants one made waits for
/// it as long as they like and no longer.
///
/// libpcsclite waits for pcscd without end, and pcscd for another program's transaction; no call can be called off. So
/// a call that takes too long is left to the worker's thread. Whatever that thread touches belongs to the errand or to
/// the worker, which it keeps alive: nobody frees anything under it, and when the call comes back after all, the thread
/// puts in order what it brought, and ends.
///
/// The thread begins with an errand and ends when it has had nothing to do for a moment. Where no thread can be made, or none
/// may be, errands are run by who posts them, and may take their time. The child of a fork leaves its parent's workers alone.
final class Worker: @unchecked Sendable {
    /// Milliseconds for which a thread without work stays.
    private static let linger = 100
    /// In bytes: far more than libpcsclite needs, and no more than a host with little address space can give.
    private static let stackSize = 512 * 1024

    private let condition = Condition()
    private let makesThread: Bool
    private var queue: [any Job] = []
    private var hasThread = false
    /// Who joins the thread: whoever takes this, or the thread itself, which detaches.
    private var thread: (id: pthread_t, process: pid_t)?
    private var isClosed = false
    private var running: (any Job)?

    /// What a worker's thread does.
    fileprivate protocol Job: AnyObject {
        var isGivenUp: Bool { get }
        func run()
    }

    /// - Parameter makesThread: false where the host allows no threads.
    init(makesThread: Bool = true) { self.makesThread = makesThread }

    /// Whether a call that was given up still keeps the worker from the next one.
    var isStuck: Bool { condition.withLock { running?.isGivenUp ?? false } }

    /// Has a call made after those that were posted before.
    func post<Outcome>(_ body: @escaping @Sendable () -> Outcome) -> Errand<Outcome> {
        let errand = Errand(condition, body)
        let isTaken = condition.withLock { () -> Bool in
            guard makesThread, hasThread || startThread() else { return false }
            queue.append(errand)
            condition.broadcast()
            return true
        }
        if !isTaken { errand.run() }
        return errand
    }

    /// Lets the thread end as soon as it has nothing to do, and waits for its end unless a call was given up on it.
    func close() {
        let ending = condition.withLock { () -> pthread_t? in
            isClosed = true
            condition.broadcast()
            guard let thread, thread.process == getpid(), pthread_equal(thread.id, pthread_self()) == 0,
                condition.wait(milliseconds: Self.linger, until: { running == nil && queue.isEmpty })
            else { return nil }
            // It may have ended, and detached itself, meanwhile.
            return self.thread.take()?.id
        }
        if let ending { pthread_join(ending, nil) }
    }

    /// The mutex is held.
    private func startThread() -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        // The host's signals are for the host's threads.
        var all = sigset_t(), before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Worker>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, retained.toOpaque())
        hasThread = status == 0
        if hasThread { self.thread = (thread, getpid()) } else { retained.release() }
        return hasThread
    }

    private func work() {
        while let job = next() {
            job.run()
            condition.withLock {
                running = nil
                condition.broadcast()
            }
        }
    }

    /// The next errand; nil where there has been none for a moment, after which there is no thread.
    private func next() -> (any Job)? {
        condition.withLock {
            _ = condition.wait(milliseconds: Self.linger) { !queue.isEmpty || isClosed }
            running = queue.isEmpty ? nil : queue.removeFirst()
            hasThread = running != nil
            if !hasThread, let own = thread.take() { pthread_detach(own.id) }
            return running
        }
    }

    /// A call that was posted.
    final class Errand<Outcome>: Job, @unchecked Sendable {
        private enum State { case posted, running, done, givenUp }

        private let condition: Condition
        private var body: (@Sendable () -> Outcome)?
        private var state = State.posted
        /// Moved in and moved out again: what is secret in it has one owner at a time, who can wipe it.
        private var result: Outcome?
        private var afterwards: (@Sendable (Outcome) -> Void)?

        fileprivate init(_ condition: Condition, _ body: @escaping @Sendable () -> Outcome) {
            self.condition = condition
            self.body = body
        }

        /// What the call returned, once; nil where it has not within so much time, after which it can be asked for again.
        func outcome(within milliseconds: Int) -> Outcome? {
            condition.withLock {
                _ = condition.wait(milliseconds: milliseconds) { state == .done }
                return result.take()
            }
        }

        /// Waits for the call no longer. Where nobody has made it yet, it is not made.
        ///
        /// - Parameter afterwards: what is done with what it returns: on the worker's thread, or here where it has returned
        ///   meanwhile.
        func giveUp(afterwards: @escaping @Sendable (Outcome) -> Void = { _ in }) {
            let missed = condition.withLock { () -> Outcome? in
                switch state {
                case .posted: body = nil
                case .running: self.afterwards = afterwards
                case .done, .givenUp: break
                }
                state = .givenUp
                return result.take()
            }
            if let missed { afterwards(missed) }
        }

        /// Whether nobody waits for it any more. The mutex is held.
        fileprivate var isGivenUp: Bool { state == .givenUp }

        fileprivate func run() {
            let body = condition.withLock { () -> (@Sendable () -> Outcome)? in
                if state == .posted { state = .running }
                return self.body.take()
            }
            guard let body else { return }
            var outcome: Outcome? = body()
            let afterwards = condition.withLock { () -> (@Sendable (Outcome) -> Void)? in
                if state == .running {
                    state = .done
                    result = outcome.take()
                }
                condition.broadcast()
                return self.afterwards.take()
            }
            if let afterwards, let outcome { afterwards(outcome) }
        }
    }
}
