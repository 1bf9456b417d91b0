/// An attempt to connect to the card in a reader.
///
/// SCardConnect waits as long as another program holds a transaction, and cannot be called off. So the attempt goes on
/// without whoever began it, and whoever wants the card next finds it where it is: there is never more than one, and as
/// soon as the other program lets go the card is to be had.
final class LinkAttempt {
    /// Milliseconds that a connection may take where somebody is connected already, and the card has its power.
    private static let promptly = 200

    let service: BoundedService
    let reader: ReaderName
    private let context: ContextHandle
    private var errand: Worker.Errand<Result<CardConnection, SCardCode>>?
    private var isLinked = false

    init(
        _ service: any PCSCService, reader: ReaderName, bounds: BoundedService.Bounds = .init()
    ) throws(SCardCode) {
        self.service = BoundedService(service, reader: reader, bounds: bounds)
        self.reader = reader
        context = try self.service.establishContext()
    }

    deinit {
        guard !isLinked else { return }
        let service = service, context = context
        guard let errand else { return service.releaseContext(context) }
        service.abandon(errand)
        service.releaseContext(context)
    }

    /// Whether the attempt has begun and come to no end yet.
    var isPending: Bool { errand != nil }

    /// The connection. Throws `SCardCode.sharingViolation` where another program shares the card with nobody, or still
    /// holds a transaction: the attempt then can be asked again.
    ///
    /// - Parameter isInUse: whether some program is connected to the card. If none is, the card is only given power.
    func link(
        isInUse: Bool, patience: Patience, notice: @escaping @Sendable (ReaderName) -> Void
    ) throws(SCardCode) -> CardLink {
        let held = HeldCard(service: service, reader: reader, notice: notice)
        let connection = try held.outlast(attempts: patience.connection, work: patience.work) {
            () throws(SCardCode) in try look(milliseconds: isInUse ? Self.promptly : service.bounds.patience)
        }
        isLinked = true
        return CardLink(service, context, connection, held, patience)
    }

    private func look(milliseconds: Int) throws(SCardCode) -> CardConnection {
        let isNew = errand == nil
        let current = errand ?? service.beginConnecting(context, reader: reader)
        errand = current
        guard let outcome = current.outcome(within: isNew ? milliseconds : 0) else { throw .sharingViolation }
        errand = nil
        return try outcome.get()
    }
}
