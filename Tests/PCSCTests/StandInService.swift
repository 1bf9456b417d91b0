import CLibrary
import ISO7816
import Platform

@testable import PCSC

/// A pcscd in memory, whose readers, cards and misbehaviour a test decides.
final class StandInService: PCSCService, @unchecked Sendable {
    struct Reader {
        var name: ReaderName
        var event: UInt32 = 0x0010
        var counter: UInt16 = 0
        var answerToReset: [UInt8] = []
    }

    private let lock = Lock()
    private var state = State()
    var makesThreads = true

    /// What a test may read and change at any time.
    struct State {
        var running = true
        var readers: [Reader] = []
        /// The codes that the next calls of a function throw; nil lets one call through.
        var failures: [String: [SCardCode?]] = [:]
        /// The code that every call of a function throws.
        var permanentFailures: [String: SCardCode] = [:]
        var activeProtocol: UInt = 2
        /// The answers of the next transmissions; the command itself where there are no more.
        var answers: [[UInt8]] = []
        var controls: [UInt32: [UInt8]] = [:]
        /// What the calls of SCardControl were given, where they were given something.
        var controlInputs: [[UInt8]] = []
        /// The contexts that wait now, and those of them whose wait has been cancelled.
        var waiting: Set<ContextHandle> = []
        var cancelled: Set<ContextHandle> = []
        /// Every call that was made, by the name of its C function.
        var calls: [String] = []
        /// What runs before a function; "Wait" stands for a getStatusChange that waits, before it can be cancelled.
        var before: [String: @Sendable () -> Void] = [:]
        var capacities: [Int] = []
        var protocols: [UInt] = []
        /// Whether another Martlet works with the card.
        var isMarked = false
        var slept = 0
        /// The number of sleeps after which `afterSleeping` runs.
        var sleepsLeft = 0
        var afterSleeping: (@Sendable (inout State) -> Void)?
        var contexts: Set<ContextHandle> = []
        var nextHandle = 1

        func count(_ call: String) -> Int { calls.count { $0 == call } }

        mutating func putCard(_ reader: Int = 0, _ answerToReset: [UInt8] = StandInService.answerToReset) {
            readers[reader].event = 0x0020
            readers[reader].counter &+= 1
            readers[reader].answerToReset = answerToReset
        }

        mutating func pullCard(_ reader: Int = 0) {
            readers[reader].event = 0x0010
            readers[reader].counter &+= 1
            readers[reader].answerToReset = []
        }
    }

    static let answerToReset: [UInt8] = [0x3B, 0x80, 0x80, 0x01, 0x01]

    /// A running service with readers of these names, all empty.
    init(readers: [String] = []) {
        state.readers = readers.map { Reader(name: ReaderName($0.utf8)) }
    }

    /// A running service with one reader and a card in it.
    static func withCard() -> StandInService {
        let service = StandInService(readers: ["Reader 00 00"])
        service.change { $0.putCard() }
        return service
    }

    @discardableResult
    func change<R>(_ body: (inout State) -> R) -> R { lock.withLock { body(&state) } }

    private func call<R>(
        _ name: String, _ body: (inout State) throws(SCardCode) -> R
    ) throws(SCardCode) -> R {
        change { $0.before[name] }?()
        return try lock.withLock { () throws(SCardCode) in
            state.calls.append(name)
            guard state.running else { throw .noService }
            if let code = state.permanentFailures[name] { throw code }
            if state.failures[name]?.isEmpty == false, let code = state.failures[name]?.removeFirst() { throw code }
            return try body(&state)
        }
    }

    func establishContext() throws(SCardCode) -> ContextHandle {
        try call("EstablishContext") { state in
            state.nextHandle += 1
            let context = ContextHandle(rawValue: state.nextHandle)
            state.contexts.insert(context)
            return context
        }
    }

    func releaseContext(_ context: ContextHandle) {
        change {
            $0.calls.append("ReleaseContext")
            $0.contexts.remove(context)
        }
    }

    func listReaders(_ context: ContextHandle) throws(SCardCode) -> [ReaderName] {
        try call("ListReaders") { state throws(SCardCode) in
            guard state.contexts.contains(context) else { throw .invalidHandle }
            return state.readers.map(\.name)
        }
    }

    func getStatusChange(
        _ context: ContextHandle, timeout: UInt32, _ states: inout [ReaderState]
    ) throws(SCardCode) {
        let asked = states
        states = try call("GetStatusChange") { state throws(SCardCode) in
            guard state.contexts.contains(context) else { throw .invalidHandle }
            guard asked.count <= ReaderState.most else { throw .invalidParameter }
            return try asked.map { entry throws(SCardCode) in
                if entry.name == ReaderState.readerNotification { return entry }
                guard let reader = state.readers.first(where: { $0.name == entry.name }) else { throw .unknownReader }
                var entry = entry
                entry.event = reader.event | UInt32(reader.counter) << 16
                entry.answerToReset = reader.answerToReset
                return entry
            }
        }
        guard timeout > 0 else { return }
        change { $0.before["Wait"] }?()
        // As in libpcsclite, the wait can be cancelled only from here on.
        let before = change { state in
            state.waiting.insert(context)
            return state.readers.map { $0.event | UInt32($0.counter) << 16 }
        }
        defer {
            change {
                $0.waiting.remove(context)
                $0.cancelled.remove(context)
            }
        }
        for _ in 0..<timeout {
            let (running, cancelled, now) = change { state in
                (
                    state.running, state.cancelled.contains(context),
                    state.readers.map { $0.event | UInt32($0.counter) << 16 }
                )
            }
            guard running else { throw .noService }
            if cancelled {
                change { $0.calls.append("cancelled") }
                throw .cancelled
            }
            if now != before { return }
            sleep(milliseconds: 1)
            usleep(1000)
        }
        throw .timeout
    }

    func cancel(_ context: ContextHandle) {
        change { state in
            state.calls.append("Cancel")
            if state.waiting.contains(context) { state.cancelled.insert(context) }
        }
    }

    func connect(_ context: ContextHandle, reader: ReaderName) throws(SCardCode) -> CardConnection {
        try call("Connect") { state in
            state.nextHandle += 1
            return CardConnection(
                card: CardHandle(rawValue: state.nextHandle), activeProtocol: state.activeProtocol)
        }
    }

    func reconnect(_ card: CardHandle) throws(SCardCode) -> UInt {
        try call("Reconnect") { $0.activeProtocol }
    }

    func disconnect(_ card: CardHandle) { change { $0.calls.append("Disconnect") } }

    func beginTransaction(_ card: CardHandle) throws(SCardCode) { try call("BeginTransaction") { _ in } }

    func endTransaction(_ card: CardHandle) throws(SCardCode) { try call("EndTransaction") { _ in } }

    func transmit(
        _ card: CardHandle, protocol activeProtocol: UInt, _ command: RawSpan, capacity: Int
    ) throws(SCardCode) -> [UInt8] {
        let command = [UInt8](command)
        return try call("Transmit") { state in
            state.protocols.append(activeProtocol)
            state.capacities.append(capacity)
            return state.answers.isEmpty ? command : state.answers.removeFirst()
        }
    }

    func control(
        _ card: CardHandle, code: UInt32, _ input: RawSpan, capacity: Int
    ) throws(SCardCode) -> [UInt8] {
        let input = [UInt8](input)
        return try call(input.isEmpty ? "Control" : "Control with input") { state throws(SCardCode) in
            if !input.isEmpty { state.controlInputs.append(input) }
            guard let answer = state.controls[code] else { throw .unsupportedFeature }
            return answer
        }
    }

    func getFriendlyName(_ card: CardHandle) throws(SCardCode) { try call("GetAttrib") { _ in } }

    func markWork(on reader: ReaderName) -> (any Sendable)? {
        change { $0.calls.append("Mark") }
        return nil
    }

    func isMarked(_ reader: ReaderName) -> Bool { change { $0.isMarked } }

    func sleep(milliseconds: UInt32) {
        change { state in
            state.slept += Int(milliseconds)
            state.sleepsLeft -= 1
            if state.sleepsLeft == 0 { state.afterSleeping?(&state) }
        }
    }
}

extension PCSCChannel {
    /// `transmit` for a command written as a literal.
    func send(_ command: [UInt8]) throws(ChannelError) -> [UInt8] { try transmit(command.span.bytes) }
}
