import CardApplication
import ISO7816
import PCSC
import Platform
import Token

/// The tokens in the readers of pcscd: the one place that joins readers and card applications, for the module and the
/// command line. Opens no connection before it is asked for something.
public final class SystemTokens: TokenSource, @unchecked Sendable {
    private let monitor: ReaderMonitor
    private let watch: ReaderWatch
    private let connector: CardConnector
    /// What the last look found.
    private let seen = Guarded<[ReaderStatus]>([])
    private let settings: Settings
    private let clock: @Sendable () -> Int
    private let log: @Sendable (String) -> Void
    /// Guards `situation`.
    private let lock = Lock()
    /// What was found last, so that the log tells of it once.
    private var situation = Situation.cards

    /// - Parameters:
    ///   - settings: which fields the tokens show, and where their APDUs are written.
    ///   - makesThreads: false where the host allows no threads. A card that another program holds when it is connected to is
    ///     then waited for without end.
    ///   - clock: milliseconds, by which what was read grows old; tests have one of their own.
    ///   - log: gets a line for people on what readers and cards do not do. Names of readers stand in it as they are.
    public init(
        _ settings: Settings, makesThreads: Bool = true,
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.clock = clock
        self.log = log
        monitor = ReaderMonitor(makesThreads: makesThreads)
        watch = ReaderWatch(makesThreads: makesThreads)
        connector = CardConnector(makesThreads: makesThreads, usesPINPads: settings.usesPINPads) { reader in
            log(
                "the card in \(reader) works for another program with Martlet (a touch, a new key): waiting for it")
        }
    }

    /// See `TokenSource`.
    public func readers() -> [ReaderPresence] {
        do throws(ChannelError) {
            let found = try statuses()
            note(found.isEmpty ? .noReader : found.contains { $0.isCardPresent } ? .cards : .noCard)
            return Self.presence(found)
        } catch {
            note(.noService(error))
            return []
        }
    }

    /// See `TokenSource`.
    public func waitForChange(since known: [ReaderPresence]) -> Bool {
        while true {
            let now = (try? monitor.readers()) ?? []
            guard Self.presence(now.filter(isServed)) == known else { return true }
            if watch.waitForChange(since: now) == .cancelled { return false }
        }
    }

    /// See `TokenSource`.
    public func stopWaiting() { watch.cancel() }

    /// The readers that are served.
    private func statuses() throws(ChannelError) -> [ReaderStatus] {
        let found = try monitor.readers().filter(isServed)
        seen.withLock { $0 = found }
        return found
    }

    private func isServed(_ status: ReaderStatus) -> Bool { settings.served.includes(reader: status.name.description) }

    private static func presence(_ statuses: [ReaderStatus]) -> [ReaderPresence] {
        statuses.map { ReaderPresence(name: $0.name.description, insertion: $0.insertion) }
    }

    /// What there is to work with.
    private enum Situation: Hashable {
        case cards
        case noCard
        case noReader
        case noService(ChannelError)
    }

    private func note(_ found: Situation) {
        let isNews = lock.withLock { () -> Bool in
            defer { situation = found }
            return situation != found
        }
        guard isNews else { return }
        switch found {
        case .cards: break
        case .noCard: log("no card: the readers are empty")
        case .noReader: log("no readers: the smart card service (pcscd) runs, and knows of none")
        case .noService(let error): log("no readers: the smart card service (pcscd) does not answer (\(error))")
        }
    }

    /// See `TokenSource`.
    public func openCard(in reader: String, isPatient: Bool) throws(TokenError) -> CardContents {
        let channel = try connect(to: reader, isPatient ? .full : .brief)
        // Who opens the card may be in a hurry; who uses it later is not.
        defer { channel.patience = .full }
        let trace = settings.trace.map { file in CardTrace { file.write($0) } }
        let card = Card(channel: channel, trace: trace)
        return try CardApplications.open(
            card, served: settings.served, identity: settings.identity, pinRetention: settings.pinRetention,
            clock: clock, log: log)
    }

    private func connect(to reader: String, _ patience: Patience) throws(TokenError) -> PCSCChannel {
        do throws(ChannelError) {
            // Whoever asks has looked. A card that came since is not the one that is meant, and connecting finds that.
            let known = seen.withLock { $0 }.isEmpty ? try statuses() : seen.withLock { $0 }
            guard let status = known.first(where: { $0.name.description == reader }) else {
                throw ChannelError.readerUnavailable
            }
            return try connector.connect(to: status, patience: patience)
        } catch {
            throw TokenError(error, "connecting to the card: \(error)")
        }
    }
}
