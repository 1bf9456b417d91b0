import ISO7816
import Testing

@testable import PCSC

@Suite("Readers and cards, as the monitor shows them")
struct ReaderMonitorTests {
    @Test("Nothing is opened before the first question, and all is released at the end")
    func nothingAtFirst() throws {
        let service = StandInService(readers: ["A"])
        do {
            let monitor = ReaderMonitor(service)
            #expect(service.change { $0.calls.isEmpty })
            _ = try monitor.readers()
            _ = try monitor.readers()
            #expect(service.change { $0.count("EstablishContext") } == 1)
        }
        #expect(service.change { $0.contexts.isEmpty })
    }

    @Test("A pcscd that starts later is found, and one that started anew, with new insertions")
    func serviceComesAndGoes() throws {
        let service = StandInService.withCard()
        service.change { $0.running = false }
        let monitor = ReaderMonitor(service)
        #expect(throws: ChannelError.serviceUnavailable) { try monitor.readers() }
        service.change { $0.running = true }
        let first = try #require(try monitor.readers().first?.insertion)
        service.change { $0.contexts = [] }
        let second = try #require(try monitor.readers().first?.insertion)
        #expect(second != first)
        service.change { $0.running = false }
        #expect(throws: ChannelError.serviceUnavailable) { try monitor.readers() }
        service.change { $0.running = true }
        let third = try #require(try monitor.readers().first?.insertion)
        #expect(Set([first, second, third]).count == 3)
        #expect(service.change { $0.contexts.count } == 1)
    }

    @Test(
        "A context that pcscd ended is replaced at once",
        arguments: [SCardCode.noService, .serviceStopped, .invalidHandle, .communicationError])
    func endedContext(code: SCardCode) throws {
        let service = StandInService.withCard()
        let monitor = ReaderMonitor(service)
        _ = try monitor.readers()
        service.change { $0.failures["ListReaders"] = [code] }
        #expect(try monitor.readers().count == 1)
        service.change { $0.permanentFailures["ListReaders"] = code }
        #expect(throws: ChannelError.serviceUnavailable) { try monitor.readers() }
        #expect(service.change { $0.contexts.isEmpty })
    }

    @Test("Without readers the list is empty")
    func noReader() throws {
        #expect(try ReaderMonitor(StandInService()).readers().isEmpty)
    }

    @Test("A card has one insertion until it is pulled out, even if nobody looked in between")
    func insertions() throws {
        let service = StandInService(readers: ["A", "B"])
        let monitor = ReaderMonitor(service)
        #expect(try monitor.readers().map(\.insertion) == [nil, nil])
        service.change { $0.putCard(1) }
        let first = try monitor.readers()[1]
        #expect(first.isCardPresent)
        #expect(first.answerToReset == StandInService.answerToReset)
        #expect(try monitor.readers()[1].insertion == first.insertion)
        service.change {
            $0.readers[1].event |= 0x0100
        }
        let inUse = try monitor.readers()[1]
        #expect(inUse.isInUse)
        #expect(inUse.insertion == first.insertion)
        service.change {
            $0.pullCard(1)
            $0.putCard(1)
        }
        let second = try monitor.readers()[1]
        #expect(second.insertion != first.insertion)
        service.change { $0.pullCard(1) }
        #expect(try monitor.readers()[1].insertion == nil)
        service.change { $0.putCard(1) }
        #expect(try monitor.readers()[1].insertion.map { $0 > second.insertion ?? .max } == true)
    }

    @Test("A reader that is plugged in again brings another insertion, though its event counter is the same")
    func readerComesBack() throws {
        let service = StandInService.withCard()
        let monitor = ReaderMonitor(service)
        let first = try monitor.readers().first?.insertion
        let reader = service.change { $0.readers.removeFirst() }
        #expect(try monitor.readers().isEmpty)
        service.change { $0.readers = [reader] }
        #expect(try monitor.readers().first?.insertion != first)
    }

    @Test("A reader unplugged between listing and status is no error, and endless change is given up")
    func listChanges() throws {
        let service = StandInService(readers: ["A"])
        service.change { $0.failures["GetStatusChange"] = [.unknownReader, .unknownReader] }
        #expect(try ReaderMonitor(service).readers().count == 1)
        service.change { $0.permanentFailures["GetStatusChange"] = .unknownReader }
        #expect(throws: ChannelError.readerUnavailable) { try ReaderMonitor(service).readers() }
    }

    @Test("Forty readers with names of any length are shown", arguments: [1, 127, 3000])
    func manyReaders(length: Int) throws {
        let names = (0..<40).map { "\($0) " + String(repeating: "x", count: length) }
        #expect(try ReaderMonitor(StandInService(readers: names)).readers().map(\.name.description) == names)
    }

    @Test(
        "The flags of a state are told apart",
        arguments: [
            (0x0010, []), (0x0020, ["present"]), (0x0220, ["present", "mute"]), (0x0420, ["present", "unpowered"]),
            (0x0120, ["present", "used"]), (0x00A0, ["present", "exclusive"]), (0x0008, []),
        ] as [(UInt32, [String])])
    func flags(event: UInt32, shown: [String]) throws {
        let service = StandInService(readers: ["A"])
        service.change { $0.readers[0].event = event }
        let reader = try #require(try ReaderMonitor(service).readers().first)
        let flags = [
            ("present", reader.isCardPresent), ("mute", reader.isMute), ("unpowered", reader.isUnpowered),
            ("used", reader.isInUse), ("exclusive", reader.isExclusive),
        ]
        #expect(flags.filter(\.1).map(\.0) == shown)
    }

    @Test("A later monitor does not reuse insertion numbers")
    func laterMonitor() throws {
        let service = StandInService.withCard()
        let first = try ReaderMonitor(service).readers().first?.insertion
        #expect(try ReaderMonitor(service).readers().first?.insertion != first)
    }
}
