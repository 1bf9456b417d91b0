import CLibrary
import ISO7816
import Testing
import TestSupport

@testable import PCSC

/// Two readers of a real pcscd, for the whole process: libpcsclite learns once which socket to use.
struct LiveService {
    let world: CardWorld

    static let shared = Result { try LiveService() }

    private init() throws {
        world = try CardWorld(readers: ["First", "Second"].map { CardReader($0, card: ScriptedCard.program) })
        setenv("PCSCLITE_CSOCK_NAME", world.serviceSocket, 1)
    }

    func status(_ index: Int = 0, _ monitor: ReaderMonitor = ReaderMonitor()) throws -> ReaderStatus {
        let name = world.readerName(index)
        return try #require(try monitor.readers().first { $0.name.description == name })
    }

    func channel(_ index: Int = 0) throws -> PCSCChannel { try CardConnector { _ in }.connect(to: status(index)) }
}

@Suite("A real pcscd with two cards", .serialized)
struct LiveServiceTests {
    private let live: LiveService

    init() throws { live = try LiveService.shared.get() }

    @Test("Readers and cards are shown; a card put in again is another insertion")
    func readers() throws {
        let monitor = ReaderMonitor()
        let first = try live.status(0, monitor)
        let second = try live.status(1, monitor)
        #expect(first.isCardPresent && first.answerToReset == ScriptedCard.answerToReset)
        #expect(second.insertion != nil && first.insertion != second.insertion)
        try live.world.pullCard()
        try live.world.putCardBack()
        let again = try live.status(0, monitor)
        #expect(again.isCardPresent && again.insertion != first.insertion)
        #expect(try live.status(1, monitor).insertion == second.insertion)
        try live.world.pullCard()
        #expect(try live.status(0, monitor).insertion == nil)
        try live.world.putCardBack()
    }

    @Test("Answers of any length are returned whole", arguments: [0, 1, 256, 257, 2048, 65_533])
    func lengths(size: Int) throws {
        let channel = try live.channel()
        #expect(channel.limits == ChannelLimits(transmissionProtocol: .t1, maximumCommandSize: nil))
        _ = try channel.beginTransaction()
        let command: [UInt8] = [0, 0xE1, UInt8(size >> 8), UInt8(size & 0xFF)] + (size > 256 ? [0, 0, 0] : [0])
        #expect(try channel.send(command).count == size + 2)
        #expect(throws: ChannelError.malformedAnswer) { try channel.send([0, 0xE2, 0, 0]) }
        channel.endTransaction()
    }

    @Test("Another program's reset is reported once, and a channel itself resets nothing")
    func reset() throws {
        let count: [UInt8] = [0, 0xE3, 0, 0, 0]
        let before = try inTransaction { try $0.send(count)[0] }
        #expect(try inTransaction { try $0.send(count)[0] } == before)
        let channel = try live.channel()
        #expect(try channel.beginTransaction() == .kept)
        channel.endTransaction()
        try live.world.resetCard()
        #expect(try channel.beginTransaction() == .reset)
        #expect(try channel.send(count)[0] == before &+ 1)
        channel.endTransaction()
        #expect(try channel.beginTransaction() == .kept)
        channel.endTransaction()
    }

    private func inTransaction<R>(_ body: (PCSCChannel) throws -> R) throws -> R {
        let channel = try live.channel()
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        return try body(channel)
    }

    @Test("Another program's transaction is waited for, but not for ever, also after a reset")
    func held() throws {
        let channel = try live.channel()
        try live.world.whileHeld("transaction") { letGo in
            #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
            #expect(try live.status().isCardPresent)
            let wait = Background { Result { try channel.beginTransaction() } }
            try letGo()
            #expect(try wait.result?.get() == .kept)
            channel.endTransaction()
        }
        try live.world.resetCard()
        try live.world.whileHeld("transaction") { _ in
            #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
        }
        #expect(try channel.beginTransaction() == .reset)
        channel.endTransaction()
    }

    @Test("A card that another program holds is not connected to; another card is; and it is had when it is free again")
    func connectingToHeld() throws {
        let connector = CardConnector { _ in }
        let first = try live.status(0), second = try live.status(1)
        try live.world.whileHeld("transaction") { letGo in
            let held = try live.status(0)
            for patience in [Patience.brief, .full, .brief] {
                let attempt = Background { Result { try connector.connect(to: held, patience: patience) } }
                let outcome = try #require(attempt.result)
                #expect(throws: ChannelError.heldByAnother) { try outcome.get() }
            }
            #expect(try live.status(0) != first)
            let other = try connector.connect(to: second)
            #expect(try other.beginTransaction() == .kept)
            other.endTransaction()
            try letGo()
            let wait = Background { Result { try connector.connect(to: held).beginTransaction() } }
            #expect(try wait.result?.get() == .kept)
        }
    }

    @Test("A pcscd that answers nothing is one that does not run, until it does")
    func mute() throws {
        let monitor = ReaderMonitor(), watch = ReaderWatch()
        let channel = try live.channel()
        let before = try live.status(0, monitor)
        let known = try monitor.readers()
        let wait = Background { watch.waitForChange(since: known) }
        try live.world.pauseService()
        defer { try? live.world.resumeService() }
        let looks = [
            Background { Result { _ = try monitor.readers() } },
            Background { Result { _ = try channel.beginTransaction() } },
        ]
        for look in looks {
            let outcome = try #require(look.result)
            #expect(throws: (any Error).self) { try outcome.get() }
        }
        #expect(Background { watch.cancel() }.result != nil)
        _ = wait
        try live.world.resumeService()
        try Deadline.wait(for: "pcscd") { (try? monitor.readers())?.isEmpty == false }
        let after = try live.status(0, monitor)
        #expect(after.isCardPresent && after.insertion != before.insertion)
        let again = try CardConnector { _ in }.connect(to: after)
        #expect(try again.beginTransaction() == .kept)
        again.endTransaction()
    }

    @Test("A card that another program has for itself is not to be had")
    func exclusive() throws {
        try live.world.whileHeld("exclusive") { _ throws in
            #expect(try live.status().isExclusive)
            #expect(throws: ChannelError.heldByAnother) { try live.channel() }
        }
    }

    @Test("A card removed in a transaction stays removed, whatever happens to the next card")
    func pulledOut() throws {
        let channel = try live.channel(), idle = try live.channel()
        _ = try channel.beginTransaction()
        try live.world.pullCard()
        #expect(throws: ChannelError.removed) { try channel.send([0, 0xA4, 0, 0]) }
        channel.endTransaction()
        try live.world.putCardBack()
        // pcscd now tells the idle connection of a reset, and no more of the removal.
        try live.world.resetCard()
        #expect(throws: ChannelError.removed) { try channel.beginTransaction() }
        #expect(throws: ChannelError.removed) { try idle.beginTransaction() }
        #expect(try live.channel().beginTransaction() == .kept)
    }

    @Test("A card that takes its time delays neither the other card nor the monitor")
    func parallel() throws {
        let gate = live.world.home.file("gate")
        unlink(gate)
        defer { unlink(gate) }
        let slow = try live.channel(0), quick = try live.channel(1), monitor = ReaderMonitor()
        let wait = Background {
            Result {
                _ = try slow.beginTransaction()
                defer { slow.endTransaction() }
                return try slow.send([0, 0xE4, 0, 0])
            }
        }
        _ = try quick.beginTransaction()
        #expect(try quick.send([0, 0xA4, 0, 0]) == [0, 0xA4, 0, 0, 0x90, 0x00])
        quick.endTransaction()
        #expect(try live.status(0, monitor).isInUse)
        // Only now does the slow card go on.
        close(creat(gate, 0o600))
        #expect(try wait.result?.get() == [0, 0xE4, 0, 0, 0x90, 0x00])
    }

    @Test("pcscd may stop and start while the process runs")
    func restart() throws {
        let monitor = ReaderMonitor()
        let channel = try live.channel()
        let before = try live.status(0, monitor)
        _ = try channel.beginTransaction()
        try live.world.stopService()
        #expect(throws: ChannelError.serviceUnavailable) { try channel.send([0, 0xA4, 0, 0]) }
        #expect(throws: ChannelError.serviceUnavailable) { try channel.beginTransaction() }
        #expect(throws: ChannelError.serviceUnavailable) { try monitor.readers() }
        #expect(throws: ChannelError.serviceUnavailable) { try CardConnector { _ in }.connect(to: before) }
        try live.world.startService()
        #expect(throws: ChannelError.serviceUnavailable) { try channel.beginTransaction() }
        let after = try live.status(0, monitor)
        #expect(after.isCardPresent && after.insertion != before.insertion)
        #expect(try CardConnector { _ in }.connect(to: after).beginTransaction() == .kept)
        // A restart that nobody looked at in between.
        try live.world.restartService()
        #expect(try live.status(0, monitor).insertion != after.insertion)
    }

    @Test("A watch sees a card go, come, and pcscd stop and start")
    func watch() throws {
        let watch = ReaderWatch()
        let steps: [() throws -> Void] = [
            { try live.world.pullCard() }, { try live.world.putCardBack() },
            { try live.world.stopService() }, { try live.world.startService() },
        ]
        for step in steps {
            let known = (try? ReaderMonitor().readers()) ?? []
            let wait = Background { watch.waitForChange(since: known) }
            usleep(100_000)
            try step()
            #expect(wait.result == .changed)
        }
        let known = try ReaderMonitor().readers()
        #expect(watch.waitForChange(since: known, timeout: 50) == .timedOut)
    }

    @Test("A watch is cancelled at any moment of its wait", arguments: 0..<25 as Range<UInt32>)
    func cancel(round: UInt32) throws {
        let known = try ReaderMonitor().readers()
        let watch = ReaderWatch()
        let waits = (0..<2).map { _ in Background { watch.waitForChange(since: known) } }
        usleep(round * 40)
        watch.cancel()
        #expect(waits.map(\.result) == [.cancelled, .cancelled])
    }
}
