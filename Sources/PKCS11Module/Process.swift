import CLibrary
import Cryptoki
import Platform
import Wiring

/// The one library of this process, between C_Initialize and C_Finalize.
///
/// Rules of a fork: the parent takes the lock before it forks, so that the child finds the state whole. The child
/// starts without a library, as if nothing had been initialised. Its parent's library is leaked on purpose: ending it
/// would talk to pcscd over the parent's socket and wait for locks of threads that the child does not have.
enum Process {
    private static let lock = Lock()
    nonisolated(unsafe) private static var current: Library?
    /// They outlive the library, for the same keys may come back. A child counts under its parent's keys, and each of them
    /// without the other.
    nonisolated(unsafe) private static var messageCounters = MessageCounters()

    /// They go on as long as the process does, and in its children.
    private static let handles = HandleCounters()

    /// Registered at the first C_Initialize, so that loading the module does nothing at all.
    private static let forkHandlers: Void = {
        pthread_atfork(
            { Process.lock.lock() }, { Process.lock.unlock() },
            {
                Process.lock.reinitialiseAfterFork()
                if let abandoned = Process.current { _ = Unmanaged.passRetained(abandoned) }
                Process.current = nil
                Process.messageCounters = MessageCounters(beginsAtRandom: true)
            })
    }()

    /// The library, or CKR_CRYPTOKI_NOT_INITIALIZED.
    static func library() throws(ReturnCode) -> Library {
        guard let library = lock.withLock({ current }) else { throw .cryptokiNotInitialized }
        return library
    }

    /// C_Initialize.
    ///
    /// - Parameter makesThreads: false with CKF_LIBRARY_CANT_CREATE_OS_THREADS.
    static func begin(makesThreads: Bool) throws(ReturnCode) {
        _ = forkHandlers
        try lock.withLock { () throws(ReturnCode) in
            guard current == nil else { throw .cryptokiAlreadyInitialized }
            current = Library.ofSystem(messageCounters, handles, makesThreads: makesThreads)
        }
    }

    /// C_Finalize. Threads that are inside the library still hold it and end in their own time.
    static func end() throws(ReturnCode) {
        let ending = try lock.withLock { () throws(ReturnCode) -> Library in
            guard let library = current else { throw .cryptokiNotInitialized }
            current = nil
            return library
        }
        ending.shutDown()
    }
}
