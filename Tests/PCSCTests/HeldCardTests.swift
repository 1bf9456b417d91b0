import CLibrary
import ISO7816
import Platform
import Testing
import TestSupport

@testable import PCSC

/// Bounds that a test can wait for. Far longer than a call of the stand-in takes, unless a test makes it wait.
private let quick = BoundedService.Bounds(promptness: 500, patience: 500, marking: 100, heartbeat: 100)

@Suite("A card that another program holds, and a pcscd that does not answer")
struct HeldCardTests {
    private let service = StandInService.withCard()
    private let gate = Latch()
    private let reader: ReaderStatus

    init() throws {
        // Another program is connected to the card.
        service.change { $0.readers[0].event |= 0x0100 }
        reader = try PCSCChannelConnectingTests.reader(service)
    }

    /// Makes a function wait in pcscd until the gate opens.
    private func hold(_ function: String) {
        let gate = gate
        service.change { $0.before[function] = { gate.wait(milliseconds: 60_000) } }
    }

    private func count(_ call: String) -> Int { service.change { $0.count(call) } }

    /// Runs `body`, which must end within ten seconds.
    private func inTime<R>(_ body: @escaping () -> R) throws -> R {
        try #require(Background(body).result)
    }

    @Test("Where the host allows no threads, every call is made by who asks for it", arguments: [true, false])
    func threads(_ makesThreads: Bool) throws {
        service.makesThreads = makesThreads
        let caller = pthread_self(), others = Guarded(0), calls = Guarded(0)
        for function in ["EstablishContext", "Connect", "Status", "BeginTransaction", "Transmit", "EndTransaction"] {
            service.change {
                $0.before[function] = {
                    calls.withLock { $0 += 1 }
                    if pthread_self() != caller { others.withLock { $0 += 1 } }
                }
            }
        }
        let channel = try CardConnector(service, bounds: quick).connect(to: reader)
        _ = try channel.beginTransaction()
        let command: [UInt8] = [0, 0xA4, 4, 0]
        _ = try channel.transmit(command.span.bytes)
        channel.endTransaction()
        #expect(calls.withLock { $0 } >= 5)
        #expect(others.withLock { $0 } == (makesThreads ? calls.withLock { $0 } : 0))
    }

    @Test("SCardConnect that waits is waited for in bounds, goes on alone, and is had as soon as it comes back")
    func connect() throws {
        hold("Connect")
        let connector = CardConnector(service, bounds: quick)
        for patience in [Patience.brief, .full, .brief] {
            let outcome = try inTime { Result { try connector.connect(to: reader, patience: patience) } }
            #expect(throws: ChannelError.heldByAnother) { try outcome.get() }
        }
        #expect(count("EstablishContext") == 2 && count("Connect") == 0)
        gate.open()
        try Deadline.wait(for: "the call to come back") { count("Connect") == 1 }
        try Deadline.wait(for: "the card") { (try? connector.connect(to: reader, patience: .brief)) != nil }
        #expect(count("Connect") == 1)
        try Deadline.wait(for: "the release") { service.change { $0.contexts.isEmpty } }
    }

    @Test("An attempt of whose end nobody wants to know leaves nothing open, and keeps nobody")
    func abandoned() throws {
        hold("Connect")
        var connector: CardConnector? = CardConnector(service, bounds: quick)
        #expect(throws: ChannelError.heldByAnother) { try connector?.connect(to: reader, patience: .brief) }
        let start = MonotonicClock.milliseconds()
        connector = nil
        #expect(MonotonicClock.milliseconds() - start < 5000)
        #expect(count("Disconnect") == 0)
        gate.open()
        try Deadline.wait(for: "the end") {
            service.change { $0.contexts.isEmpty && $0.calls.suffix(2) == ["Disconnect", "ReleaseContext"] }
        }
    }

    @Test("Another reader's card is had meanwhile")
    func otherReader() throws {
        service.change {
            $0.readers.append(.init(name: ReaderName("Other 00 00".utf8)))
            $0.putCard(1)
        }
        let connector = CardConnector(service, bounds: quick)
        let readers = try ReaderMonitor(service).readers()
        hold("Connect")
        #expect(throws: ChannelError.heldByAnother) { try connector.connect(to: readers[0], patience: .brief) }
        service.change { $0.before = [:] }
        #expect(try connector.connect(to: readers[1]).beginTransaction() == .kept)
        gate.open()
    }

    @Test("A program that begins its transaction between question and call is waited for in bounds")
    func between() throws {
        let channel = try CardConnector(service, bounds: quick).connect(to: reader)
        hold("BeginTransaction")
        let outcome = try inTime { Result { try channel.beginTransaction() } }
        #expect(throws: ChannelError.heldByAnother) { try outcome.get() }
        #expect(!channel.isFree)
        #expect(count("EndTransaction") == 0)
        gate.open()
        // What comes too late is let go of at once.
        try Deadline.wait(for: "the end of the transaction") { count("EndTransaction") == 1 }
        try Deadline.wait(for: "the card") { channel.isFree }
        #expect(try channel.beginTransaction() == .kept)
    }

    @Test("A reset that was acknowledged too late is reported all the same")
    func lateReset() throws {
        let channel = try CardConnector(service, bounds: quick).connect(to: reader)
        service.change { $0.failures["BeginTransaction"] = [.resetCard] }
        hold("Reconnect")
        #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
        gate.open()
        try Deadline.wait(for: "the card") { channel.isFree }
        #expect(try channel.beginTransaction() == .reset)
    }

    @Test("Another Martlet that works with the card is waited for, is told of once, and not for ever")
    func marked() throws {
        let notices = Guarded(0)
        let connector = CardConnector(service, bounds: quick) { _ in notices.withLock { $0 += 1 } }
        let channel = try connector.connect(to: reader)
        service.change {
            $0.isMarked = true
            $0.permanentFailures["GetAttrib"] = .sharingViolation
            // A minute.
            $0.sleepsLeft = 3000
            $0.afterSleeping = { $0.permanentFailures = [:] }
        }
        #expect(try channel.beginTransaction() == .kept)
        #expect(notices.withLock { $0 } == 1)
        service.change {
            $0.permanentFailures["GetAttrib"] = .sharingViolation
            $0.slept = 0
        }
        #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
        #expect((290_000...310_000).contains(service.change { $0.slept }))
        channel.patience = .brief
        service.change { $0.slept = 0 }
        #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
        #expect(service.change { $0.slept } < 500)
    }

    @Test("A command may take its time, and other processes are told of it")
    func longCommand() throws {
        let channel = try CardConnector(service, bounds: quick).connect(to: reader)
        _ = try channel.beginTransaction()
        hold("Transmit")
        let wait = Background { Result { try channel.send([0, 0xA4, 4, 0]) } }
        try Deadline.wait(for: "three signs of life") { count("EstablishContext") == 5 }
        #expect(count("Mark") == 1)
        gate.open()
        #expect(try wait.result?.get() == [0, 0xA4, 4, 0])
        _ = try channel.send([0, 0xA4, 4, 0])
        #expect(count("Mark") == 1)
    }

    @Test(
        "A pcscd that does not answer is one that does not run",
        arguments: ["Transmit", "EndTransaction", "Disconnect"])
    func muteCard(function: String) throws {
        var channel: PCSCChannel? = try CardConnector(service, bounds: quick).connect(to: reader)
        _ = try channel?.beginTransaction()
        hold(function)
        if function == "Transmit" { hold("EstablishContext") }
        let mute = channel
        let outcome = try inTime {
            defer { mute?.endTransaction() }
            return Result { try mute?.send([0, 0xA4, 4, 0]) }
        }
        if function == "Transmit" { #expect(throws: ChannelError.serviceUnavailable) { try outcome.get() } }
        let start = MonotonicClock.milliseconds()
        channel = nil
        #expect(MonotonicClock.milliseconds() - start < 10_000)
        gate.open()
    }

    @Test(
        "Who looks at the readers of such a pcscd finds none, and finds them when it answers again",
        arguments: ["EstablishContext", "ListReaders", "GetStatusChange"])
    func muteMonitor(function: String) throws {
        let monitor = ReaderMonitor(service, bounds: quick)
        let before = function == "EstablishContext" ? [] : try monitor.readers()
        hold(function)
        for _ in 0..<2 {
            let outcome = try inTime { Result { try monitor.readers() } }
            #expect(throws: ChannelError.serviceUnavailable) { try outcome.get() }
        }
        gate.open()
        service.change { $0.before = [:] }
        try Deadline.wait(for: "the readers") { (try? monitor.readers()) != nil }
        let after = try monitor.readers()
        #expect(after.count == 1 && after.first?.insertion != before.first?.insertion)
    }

    @Test("A wait for an event is cancelled in bounds", arguments: ["EstablishContext", "GetStatusChange", "Wait"])
    func muteWatch(function: String) throws {
        let watch = ReaderWatch(service, bounds: quick)
        hold(function)
        let wait = Background { watch.waitForChange(since: [reader]) }
        usleep(50_000)
        _ = try inTime { watch.cancel() }
        #expect(wait.result == (function == "Wait" ? .cancelled : .changed) || wait.result == .cancelled)
        gate.open()
    }
}

@Suite("A mark for other processes")
struct WorkMarkTests {
    @Test("It is seen as long as it lives")
    func lifetime() {
        let reader = ReaderName("Mark \(getpid())".utf8), long = ReaderName(String(repeating: "x", count: 127).utf8)
        for name in [reader, long] {
            var mark = WorkMark(name)
            #expect(mark != nil && WorkMark.isSet(name))
            #expect(WorkMark(name) == nil)
            #expect(!WorkMark.isSet(ReaderName("Another".utf8)))
            mark = nil
            #expect(!WorkMark.isSet(name))
        }
    }
}
