import ISO7816
import Platform

/// Connects to the cards in readers, and keeps what has begun to and waits for another program.
public final class CardConnector: Sendable {
    private let service: any PCSCService
    private let bounds: BoundedService.Bounds
    private let usesPINPads: Bool
    private let notice: @Sendable (ReaderName) -> Void
    private let pending = Guarded<[ReaderName: LinkAttempt]>([:])

    /// - Parameters:
    ///   - makesThreads: as for `ReaderMonitor`.
    ///   - usesPINPads: whether PINs are typed on readers that have keys.
    ///   - notice: gets the reader, once for each wait, where the card is waited for because another Martlet has it touched
    ///     or make a key.
    public convenience init(
        makesThreads: Bool = true, usesPINPads: Bool = true, notice: @escaping @Sendable (ReaderName) -> Void
    ) {
        self.init(SystemService(makesThreads: makesThreads), usesPINPads: usesPINPads, notice: notice)
    }

    init(
        _ service: any PCSCService, bounds: BoundedService.Bounds = .init(), usesPINPads: Bool = true,
        notice: @escaping @Sendable (ReaderName) -> Void = { _ in }
    ) {
        self.service = service
        self.bounds = bounds
        self.usesPINPads = usesPINPads
        self.notice = notice
    }

    /// Connects to the card that a reader shows.
    ///
    /// - Throws: `ChannelError.removed` where it is not there any more, or another one in its place;
    ///   `heldByAnother` where another program holds it for longer than `patience` lasts.
    public func connect(to reader: ReaderStatus, patience: Patience = .full) throws(ChannelError) -> PCSCChannel {
        do throws(SCardCode) {
            let attempt =
                if let begun = pending.withLock({ $0.removeValue(forKey: reader.name) }) { begun } else {
                    try LinkAttempt(service, reader: reader.name, bounds: bounds)
                }
            defer { if attempt.isPending { pending.withLock { $0[reader.name] = attempt } } }
            let link = try attempt.link(isInUse: reader.isInUse, patience: patience, notice: notice)
            return try PCSCChannel(link, reader, usesPINPad: usesPINPads)
        } catch {
            throw ChannelError(error)
        }
    }
}
