import ISO7816

/// A shared connection to the card in a reader, on a context of its own: libpcsclite lets no two calls run on one
/// context, and two cards are to work at the same time.
///
/// Nothing here waits without end while another program holds the card, although libpcsclite does: before each call
/// that would wait, pcscd is asked whether the card is free. What is left is the moment between question and call, and
/// there the service's own bound holds.
final class CardLink {
    let service: BoundedService
    let reader: ReaderName
    let context: ContextHandle
    let card: CardHandle
    /// SCARD_PROTOCOL_T0 or SCARD_PROTOCOL_T1.
    let activeProtocol: UInt
    /// How long another program may hold a transaction before the card counts as held.
    var patience: Patience
    private let held: HeldCard

    init(
        _ service: BoundedService, _ context: ContextHandle, _ connection: CardConnection, _ held: HeldCard,
        _ patience: Patience
    ) {
        self.service = service
        self.context = context
        self.held = held
        self.patience = patience
        reader = held.reader
        card = connection.card
        activeProtocol = connection.activeProtocol
    }

    deinit {
        service.disconnect(card)
        service.releaseContext(context)
    }

    private func patiently<R>(_ call: () throws(SCardCode) -> R) throws(SCardCode) -> R {
        try held.outlast(attempts: patience.transaction, work: patience.work, call)
    }

    /// Returns when no other connection holds a transaction.
    func waitUntilFree() throws(SCardCode) { try patiently { () throws(SCardCode) in try checkFree() } }

    /// Throws `SCardCode.sharingViolation` where another connection holds a transaction.
    func checkFree() throws(SCardCode) {
        do throws(SCardCode) {
            try service.getFriendlyName(card)
        } catch {
            // Whatever else is wrong shows, with its own code, in the call that follows.
            if error == .sharingViolation { throw error }
        }
    }

    /// What pcscd knows of the reader now. SCardStatus would tell too, but waits while another program holds a
    /// transaction.
    func readerState() throws(SCardCode) -> ReaderState {
        var states = [ReaderState(name: reader)]
        try service.getStatusChange(context, timeout: 0, &states)
        guard let state = states.first, !state.isGone else { throw .readerUnavailable }
        return state
    }

    /// What the reader says to a question (SCardControl without input), as soon as nobody else holds the card.
    ///
    /// - Returns: nothing where it does not know the question, which is no error.
    func ask(_ code: UInt32) throws(SCardCode) -> [UInt8] {
        do throws(SCardCode) {
            return try patiently { () throws(SCardCode) in
                try service.control(card, code: code, RawSpan(), capacity: ReaderFeatures.capacity)
            }
        } catch {
            guard error == .sharingViolation || error.endsContext else { return [] }
            throw error
        }
    }

    /// What the reader says to the question behind one of its features.
    func ask(_ feature: ReaderFeatures.Feature, in features: [UInt8]) throws(SCardCode) -> [UInt8] {
        guard let code = ReaderFeatures.code(of: feature, in: features) else { return [] }
        return try ask(code)
    }
}
