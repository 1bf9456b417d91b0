/// The functions of the PC/SC API that this room calls, and what else it asks of the system, so that tests can play a
/// pcscd that misbehaves.
///
/// libpcsclite locks a context while one of its calls runs, and it locks the whole library while a second thread
/// waits for that context. So no context is ever used from two threads at once, except to cancel a wait.
protocol PCSCService: Sendable {
    /// Whether calls that may not come back are made on threads of this room's own.
    var makesThreads: Bool { get }

    /// SCardEstablishContext, in the system's scope.
    func establishContext() throws(SCardCode) -> ContextHandle

    /// SCardReleaseContext.
    func releaseContext(_ context: ContextHandle)

    /// SCardListReaders: no reader at all is an empty list.
    func listReaders(_ context: ContextHandle) throws(SCardCode) -> [ReaderName]

    /// SCardGetStatusChange for at most `ReaderState.most` readers.
    ///
    /// - Parameter timeout: milliseconds.
    func getStatusChange(
        _ context: ContextHandle, timeout: UInt32, _ states: inout [ReaderState]
    ) throws(SCardCode)

    /// SCardCancel: ends a getStatusChange of the context that is already waiting, and does nothing otherwise.
    func cancel(_ context: ContextHandle)

    /// SCardConnect, shared, with T=0 or T=1.
    func connect(_ context: ContextHandle, reader: ReaderName) throws(SCardCode) -> CardConnection

    /// SCardReconnect, shared, with T=0 or T=1, without a reset. Waits without end like `beginTransaction`.
    ///
    /// - Returns: SCARD_PROTOCOL_T0 or SCARD_PROTOCOL_T1.
    func reconnect(_ card: CardHandle) throws(SCardCode) -> UInt

    /// SCardDisconnect, leaving the card as it is.
    func disconnect(_ card: CardHandle)

    /// SCardBeginTransaction. libpcsclite asks again every 100 ms, without end, while another connection holds a
    /// transaction.
    func beginTransaction(_ card: CardHandle) throws(SCardCode)

    /// SCardEndTransaction, leaving the card as it is.
    func endTransaction(_ card: CardHandle) throws(SCardCode)

    /// SCardTransmit with the protocol's PCI.
    ///
    /// - Parameter capacity: the most bytes that the answer may have.
    func transmit(
        _ card: CardHandle, protocol: UInt, _ command: RawSpan, capacity: Int
    ) throws(SCardCode) -> [UInt8]

    /// SCardControl.
    func control(_ card: CardHandle, code: UInt32, _ input: RawSpan, capacity: Int) throws(SCardCode) -> [UInt8]

    /// SCardGetAttrib of SCARD_ATTR_DEVICE_FRIENDLY_NAME, whose value does not matter.
    ///
    /// The one call that asks pcscd whether another connection holds a transaction, before anything else and
    /// without waiting: it throws `SCardCode.sharingViolation` then. Nothing is sent to the card.
    func getFriendlyName(_ card: CardHandle) throws(SCardCode)

    /// Tells other processes, as long as the result lives, that the card in a reader works for this one; nil where that
    /// cannot be told.
    func markWork(on reader: ReaderName) -> (any Sendable)?

    /// Whether another process tells so.
    func isMarked(_ reader: ReaderName) -> Bool

    /// Sleeps.
    func sleep(milliseconds: UInt32)
}

/// SCARDCONTEXT
struct ContextHandle: Hashable, Sendable { let rawValue: Int }

/// SCARDHANDLE
struct CardHandle: Hashable, Sendable { let rawValue: Int }

/// What SCardConnect returns.
struct CardConnection: Hashable, Sendable {
    let card: CardHandle
    /// SCARD_PROTOCOL_T0 or SCARD_PROTOCOL_T1.
    let activeProtocol: UInt
}

/// SCARD_READERSTATE
struct ReaderState: Hashable, Sendable {
    /// PCSCLITE_MAX_READERS_CONTEXTS: SCardGetStatusChange refuses more.
    static let most = 16
    /// The name that stands for readers that come and go.
    static let readerNotification = ReaderName(#"\\?PnP?\Notification"#.utf8)

    let name: ReaderName
    /// dwCurrentState: what the caller believes; 0 is SCARD_STATE_UNAWARE.
    var current: UInt32 = 0
    /// dwEventState.
    var event: UInt32 = 0
    /// The answer to reset, at most 33 bytes.
    var answerToReset: [UInt8] = []
}

extension PCSCService {
    var makesThreads: Bool { true }
}
