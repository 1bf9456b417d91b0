import Platform

/// A PC/SC service whose calls end: those of one context, for one reader at most.
///
/// Every call is made by a worker, and waited for as long as it may take:
/// - What pcscd knows by itself it tells promptly; else it is mute, and that is the error (`serverTooBusy`).
/// - What waits for the card, or for the driver that another program keeps busy, gets some patience; then the card is
///   held (`sharingViolation`).
/// - A command may take as long as a person needs for a touch, or a card for a new key: as long as pcscd lives.
///
/// While a call that was given up has not come back, every further one fails at once.
final class BoundedService: PCSCService {
    /// How long calls are waited for, in milliseconds. Tests are quicker.
    struct Bounds: Sendable {
        /// In which pcscd tells what it knows.
        var promptness = 5000
        /// In which a call comes back that waits for nothing but the driver.
        var patience = 3000
        /// Of a command, after which other processes are told that this one works with the card.
        var marking = 1000
        /// Of a command, after which pcscd is asked whether it still lives, again and again.
        var heartbeat = 5000
    }

    let bounds: Bounds
    private let service: any PCSCService
    private let reader: ReaderName?
    private let worker: Worker

    /// - Parameter reader: the one whose card the context will be connected to; nil where it only looks at readers.
    init(_ service: any PCSCService, reader: ReaderName? = nil, bounds: Bounds = Bounds()) {
        self.service = service
        self.reader = reader
        self.bounds = bounds
        worker = Worker(makesThread: service.makesThreads)
    }

    var makesThreads: Bool { service.makesThreads }

    deinit { worker.close() }

    /// Whether a call that was given up has not come back yet.
    var isStuck: Bool { worker.isStuck }

    private typealias Answer<R> = Result<R, SCardCode>

    private func call<R>(
        _ milliseconds: Int? = nil, late: SCardCode = .serverTooBusy,
        afterwards: @escaping @Sendable (any PCSCService, R) -> Void = { _, _ in },
        _ body: @escaping @Sendable (any PCSCService) throws(SCardCode) -> R
    ) throws(SCardCode) -> R {
        guard !worker.isStuck else { throw late }
        let service = service
        let errand = post(body)
        if let answer = errand.outcome(within: milliseconds ?? bounds.promptness) { return try answer.get() }
        errand.giveUp { if case .success(let value) = $0 { afterwards(service, value) } }
        throw late
    }

    private func post<R>(
        _ body: @escaping @Sendable (any PCSCService) throws(SCardCode) -> R
    ) -> Worker.Errand<Answer<R>> {
        let service = service
        return worker.post { Result { () throws(SCardCode) in try body(service) } }
    }

    func establishContext() throws(SCardCode) -> ContextHandle {
        try call(afterwards: { $0.releaseContext($1) }) { service throws(SCardCode) in try service.establishContext() }
    }

    func releaseContext(_ context: ContextHandle) { finish { $0.releaseContext(context) } }

    func listReaders(_ context: ContextHandle) throws(SCardCode) -> [ReaderName] {
        try call { service throws(SCardCode) in try service.listReaders(context) }
    }

    func getStatusChange(
        _ context: ContextHandle, timeout: UInt32, _ states: inout [ReaderState]
    ) throws(SCardCode) {
        let asked = states
        states = try call(Int(timeout) + bounds.promptness) { service throws(SCardCode) in
            var states = asked
            try service.getStatusChange(context, timeout: timeout, &states)
            return states
        }
    }

    /// Unlike all the others this comes while another call of the context runs.
    func cancel(_ context: ContextHandle) {
        let messenger = Worker(makesThread: makesThreads)
        let service = service
        let errand = messenger.post { service.cancel(context) }
        if errand.outcome(within: bounds.patience) == nil { errand.giveUp() }
        messenger.close()
    }

    /// SCardConnect, begun: who wants the connection waits for it as they like, and may come back for it.
    func beginConnecting(
        _ context: ContextHandle, reader: ReaderName
    ) -> Worker.Errand<Result<CardConnection, SCardCode>> {
        post { service throws(SCardCode) in try service.connect(context, reader: reader) }
    }

    /// Leaves an attempt to connect to itself. If it comes to something after all, that ends at once.
    func abandon(_ errand: Worker.Errand<Result<CardConnection, SCardCode>>) {
        let service = service
        errand.giveUp { if case .success(let connection) = $0 { service.disconnect(connection.card) } }
    }

    func connect(_ context: ContextHandle, reader: ReaderName) throws(SCardCode) -> CardConnection {
        try call(bounds.patience, late: .sharingViolation, afterwards: { $0.disconnect($1.card) }) {
            service throws(SCardCode) in try service.connect(context, reader: reader)
        }
    }

    func reconnect(_ card: CardHandle) throws(SCardCode) -> UInt {
        try call(bounds.patience, late: .sharingViolation) { service throws(SCardCode) in try service.reconnect(card) }
    }

    func disconnect(_ card: CardHandle) { finish { $0.disconnect(card) } }

    /// Where the card comes to be had too late, it is let go of at once.
    func beginTransaction(_ card: CardHandle) throws(SCardCode) {
        try call(
            bounds.patience, late: .sharingViolation, afterwards: { service, _ in try? service.endTransaction(card) }
        ) { service throws(SCardCode) in try service.beginTransaction(card) }
    }

    func endTransaction(_ card: CardHandle) throws(SCardCode) {
        try call { service throws(SCardCode) in try service.endTransaction(card) }
    }

    func getFriendlyName(_ card: CardHandle) throws(SCardCode) {
        // It waits for nothing but a driver that works for another program, which has no transaction.
        try call(bounds.patience / 3, late: .sharingViolation) { service throws(SCardCode) in
            try service.getFriendlyName(card)
        }
    }

    func transmit(
        _ card: CardHandle, protocol activeProtocol: UInt, _ command: RawSpan, capacity: Int
    ) throws(SCardCode) -> [UInt8] {
        let message = Message(command)
        return try working { service throws(SCardCode) in
            try message.use { bytes throws(SCardCode) in
                try service.transmit(card, protocol: activeProtocol, bytes, capacity: capacity)
            }
        }
    }

    func control(_ card: CardHandle, code: UInt32, _ input: RawSpan, capacity: Int) throws(SCardCode) -> [UInt8] {
        let message = Message(input)
        guard input.isEmpty else {
            return try working { service throws(SCardCode) in
                try message.use { bytes throws(SCardCode) in
                    try service.control(card, code: code, bytes, capacity: capacity)
                }
            }
        }
        // A question to the reader, which no person has to answer.
        return try call(bounds.patience, late: .sharingViolation) { service throws(SCardCode) in
            try service.control(card, code: code, RawSpan(), capacity: capacity)
        }
    }

    func markWork(on reader: ReaderName) -> (any Sendable)? { service.markWork(on: reader) }

    func isMarked(_ reader: ReaderName) -> Bool { service.isMarked(reader) }

    func sleep(milliseconds: UInt32) { service.sleep(milliseconds: milliseconds) }

    /// Has a command carried out, which ends when the card has done so, or where pcscd is no more.
    private func working(
        _ body: @escaping @Sendable (any PCSCService) throws(SCardCode) -> [UInt8]
    ) throws(SCardCode) -> [UInt8] {
        guard !worker.isStuck else { throw .serverTooBusy }
        let errand = post(body)
        if let answer = errand.outcome(within: bounds.marking) { return try answer.get() }
        let mark = reader.flatMap { service.markWork(on: $0) }
        defer { withExtendedLifetime(mark) {} }
        repeat {
            if let answer = errand.outcome(within: bounds.heartbeat) { return try answer.get() }
        } while BoundedService(service, bounds: bounds).isAlive
        errand.giveUp {
            guard case .success(var answer) = $0 else { return }
            answer.wipe()
        }
        throw .serverTooBusy
    }

    /// Whether pcscd answers, to a context of its own.
    private var isAlive: Bool {
        guard let context = try? establishContext() else { return false }
        releaseContext(context)
        return true
    }

    /// Ends something, and leaves it to the worker where that takes long.
    private func finish(_ body: @escaping @Sendable (any PCSCService) -> Void) {
        let service = service
        let isStuck = worker.isStuck
        let errand = worker.post { body(service) }
        if !isStuck { _ = errand.outcome(within: bounds.promptness) }
    }

    /// A command that stays where it is until it has been sent, whoever has given up meanwhile.
    private final class Message: @unchecked Sendable {
        private var bytes: [UInt8]

        init(_ span: RawSpan) { bytes = [UInt8](span) }

        deinit { bytes.wipe() }

        func use<R>(_ body: (RawSpan) throws(SCardCode) -> R) throws(SCardCode) -> R {
            defer { bytes.wipe() }
            return try body(bytes.span.bytes)
        }
    }
}
