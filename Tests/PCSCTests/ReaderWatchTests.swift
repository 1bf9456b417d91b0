import CLibrary
import ISO7816
import Testing

@testable import PCSC

@Suite("Waiting for readers and cards")
struct ReaderWatchTests {
    @Test("A change that has already happened ends the wait at once")
    func alreadyChanged() throws {
        let service = StandInService(readers: ["A"])
        let known = try ReaderMonitor(service).readers()
        service.change { $0.putCard() }
        #expect(ReaderWatch(service).waitForChange(since: known) == .changed)
        #expect(service.change { $0.contexts.isEmpty })
    }

    @Test("Without a change the wait times out, also with a timeout of zero", arguments: [0, 5])
    func timeOut(milliseconds: Int) throws {
        let service = StandInService.withCard()
        let known = try ReaderMonitor(service).readers()
        #expect(ReaderWatch(service).waitForChange(since: known, timeout: milliseconds) == .timedOut)
    }

    /// Each of these happens while the thread waits.
    static let events: [(String, @Sendable (inout StandInService.State) -> Void)] = [
        ("card in", { $0.putCard(0) }),
        (
            "card out and in",
            {
                $0.pullCard(1); $0.putCard(1)
            }
        ),
        ("card mute", { $0.readers[1].event |= 0x0200 }),
        ("reader gone", { $0.readers.removeLast() }),
        ("reader new", { $0.readers.append(.init(name: ReaderName("C".utf8))) }),
        ("service gone", { $0.running = false }),
    ]

    @Test("A change during the wait ends it", arguments: events.indices)
    func changes(event: Int) throws {
        let service = StandInService(readers: ["A", "B"])
        service.change { $0.putCard(1) }
        let known = try ReaderMonitor(service).readers()
        service.change {
            $0.sleepsLeft = 3
            $0.afterSleeping = Self.events[event].1
        }
        #expect(ReaderWatch(service).waitForChange(since: known) == .changed, "\(Self.events[event].0)")
    }

    @Test("Another program's use of a card is no change")
    func sharing() throws {
        let service = StandInService.withCard()
        let known = try ReaderMonitor(service).readers()
        service.change {
            $0.sleepsLeft = 2
            $0.afterSleeping = { state in
                state.readers[0].event |= 0x0100
                state.sleepsLeft = 4
                state.afterSleeping = { $0.pullCard() }
            }
        }
        #expect(ReaderWatch(service).waitForChange(since: known) == .changed)
        #expect(service.change { $0.count("ListReaders") } >= 3)
    }

    @Test("Where pcscd does not run, the wait goes on until it does")
    func serviceStarts() {
        let service = StandInService.withCard()
        service.change { $0.running = false }
        #expect(ReaderWatch(service).waitForChange(since: [], timeout: 1) == .timedOut)
        let watch = ReaderWatch(service)
        let wait = Background { watch.waitForChange(since: []) }
        while service.change({ $0.count("EstablishContext") }) < 3 { usleep(1000) }
        service.change { $0.running = true }
        #expect(wait.result == .changed)
    }

    @Test("A cancellation before the wait is kept, and is for good")
    func cancelledBefore() throws {
        let service = StandInService.withCard()
        let known = try ReaderMonitor(service).readers()
        let watch = ReaderWatch(service)
        watch.cancel()
        #expect(watch.waitForChange(since: known) == .cancelled)
        #expect(watch.waitForChange(since: known) == .cancelled)
    }

    @Test("A cancellation ends all waits, wherever they are", arguments: 0..<20 as Range<UInt32>)
    func cancelledDuring(round: UInt32) throws {
        let service = StandInService.withCard()
        let known = try ReaderMonitor(service).readers()
        let watch = ReaderWatch(service)
        let waits = (0..<2).map { _ in Background { watch.waitForChange(since: known) } }
        usleep(round * 50)
        watch.cancel()
        #expect(waits.map(\.result) == [.cancelled, .cancelled])
        #expect(service.change { $0.contexts.count } == 0)
    }

    @Test("A cancellation just before the wait begins is not lost")
    func cancelledJustBefore() throws {
        let service = StandInService.withCard()
        let known = try ReaderMonitor(service).readers()
        let watch = ReaderWatch(service)
        service.change {
            $0.before["Wait"] = {
                _ = Background { watch.cancel() }
                while service.change({ $0.count("Cancel") }) == 0 { usleep(1000) }
            }
        }
        #expect(watch.waitForChange(since: known) == .cancelled)
        // And did not end because its time was over.
        #expect(service.change { $0.count("cancelled") } == 1)
    }

    @Test("A cancellation that comes and goes while a wait prepares is not lost")
    func cancelledWhilePreparing() throws {
        let service = StandInService.withCard()
        let known = try ReaderMonitor(service).readers()
        let watch = ReaderWatch(service)
        service.change { $0.before["EstablishContext"] = { watch.cancel() } }
        #expect(watch.waitForChange(since: known) == .cancelled)
        #expect(service.change { $0.slept } == 0)
    }

    @Test("Changes are found without PnP notification, and with too many readers for SCardGetStatusChange")
    func withoutNotification() throws {
        for count in [1, 16, 40] {
            let service = StandInService(readers: (0..<count).map { "Reader \($0)" })
            let known = try ReaderMonitor(service).readers()
            let looks = (count + 15) / 16
            // The looks succeed, the waits do not.
            service.change { $0.failures["GetStatusChange"] = Array(repeating: nil, count: looks) + [.unknownReader] }
            let watch = ReaderWatch(service)
            #expect(watch.waitForChange(since: known, timeout: 1) == .timedOut)
            service.change { $0.putCard() }
            #expect(watch.waitForChange(since: known) == .changed)
        }
    }
}
