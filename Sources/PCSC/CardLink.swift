import ISO7816

/// A shared connection to the card in a reader, on a context of its own: libpcsclite lets no two calls run on one
/// context, and two cards are to work at the same time.
///
/// Nothing here waits without end while another program holds the card, although libpcsclite does: before each call
/// that would wait, pcscd is asked whether the card is free. What is left is the moment between question and call.
final class CardLink {
    let service: any PCSCService
    let reader: ReaderName
    let context: ContextHandle
    let card: CardHandle
    /// SCARD_PROTOCOL_T0 or SCARD_PROTOCOL_T1.
    let activeProtocol: UInt
    /// How long another program may hold a transaction before the card counts as held.
    var patience: Patience

    /// Connects. Throws `SCardCode.sharingViolation` where another program has opened the card exclusively
    /// (SCARD_SHARE_EXCLUSIVE).
    init(_ service: any PCSCService, reader: ReaderName, patience: Patience) throws(SCardCode) {
        let context = try service.establishContext()
        do throws(SCardCode) {
            let connection = try Self.patiently(service, patience.connection) { () throws(SCardCode) in
                try service.connect(context, reader: reader)
            }
            card = connection.card
            activeProtocol = connection.activeProtocol
        } catch {
            service.releaseContext(context)
            throw error
        }
        self.service = service
        self.reader = reader
        self.context = context
        self.patience = patience
    }

    deinit {
        service.disconnect(card)
        service.releaseContext(context)
    }

    /// Makes at most so many attempts at `call`, as long as another program holds the card.
    static func patiently<R>(
        _ service: any PCSCService, _ attempts: Int, _ call: () throws(SCardCode) -> R
    ) throws(SCardCode) -> R {
        for _ in 1..<max(1, attempts) {
            do throws(SCardCode) {
                return try call()
            } catch {
                guard error == .sharingViolation else { throw error }
                service.sleep(milliseconds: Patience.step)
            }
        }
        return try call()
    }

    /// Returns when no other connection holds a transaction.
    func waitUntilFree() throws(SCardCode) {
        try Self.patiently(service, patience.transaction) { () throws(SCardCode) in try checkFree() }
    }

    /// Throws `SCardCode.sharingViolation` where another connection holds a transaction.
    func checkFree() throws(SCardCode) {
        do throws(SCardCode) {
            try service.getFriendlyName(card)
        } catch {
            // Any other error comes back from the call that follows, with its own code.
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

    /// The reader's answer to a control code (SCardControl without input), once no other program holds the card.
    ///
    /// - Returns: an empty array where the reader does not know the control code, which is no error.
    func ask(_ code: UInt32) throws(SCardCode) -> [UInt8] {
        do throws(SCardCode) {
            return try Self.patiently(service, patience.transaction) { () throws(SCardCode) in
                try service.control(card, code: code, RawSpan(), capacity: ReaderFeatures.capacity)
            }
        } catch {
            guard error == .sharingViolation || error.endsContext else { return [] }
            throw error
        }
    }

    /// The reader's answer to the control code of one of its features.
    func ask(_ feature: ReaderFeatures.Feature, in features: [UInt8]) throws(SCardCode) -> [UInt8] {
        guard let code = ReaderFeatures.code(of: feature, in: features) else { return [] }
        return try ask(code)
    }
}
