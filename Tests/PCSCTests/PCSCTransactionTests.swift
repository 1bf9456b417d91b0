import ISO7816
import Testing

@testable import PCSC

@Suite("A card as a channel: transactions")
struct PCSCTransactionTests {
    private let service = StandInService.withCard()
    private let channel: PCSCChannel

    init() throws {
        channel = try CardConnector(service).connect(to: PCSCChannelConnectingTests.reader(service))
    }

    @Test("A transaction begins, ends, and begins again")
    func plain() throws {
        for _ in 0..<3 {
            #expect(try channel.beginTransaction() == .kept)
            channel.endTransaction()
        }
        #expect(service.change { $0.count("BeginTransaction") } == 3)
        #expect(service.change { $0.count("EndTransaction") } == 3)
        #expect(service.change { $0.count("Reconnect") } == 0)
    }

    @Test("Another program's transaction is waited for, but not for ever, and never inside libpcsclite")
    func held() throws {
        service.change { $0.failures["GetAttrib"] = Array(repeating: .sharingViolation, count: 30) }
        #expect(try channel.beginTransaction() == .kept)
        channel.endTransaction()

        service.change {
            $0.permanentFailures["GetAttrib"] = .sharingViolation
            $0.slept = 0
        }
        #expect(!channel.isFree)
        #expect(service.change { $0.slept } == 0)
        #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
        #expect((2000...4000).contains(service.change { $0.slept }))
        #expect(service.change { $0.count("BeginTransaction") } == 1)
        service.change { $0.permanentFailures = [:] }
        #expect(channel.isFree)
        #expect(try channel.beginTransaction() == .kept)
    }

    @Test("A transaction that waits for nobody asks once whether the card is free")
    func withoutWaiting() throws {
        service.change { $0.calls = [] }
        #expect(try channel.beginTransactionIfFree() == .kept)
        channel.endTransaction()
        #expect(service.change { $0.calls } == ["GetAttrib", "BeginTransaction", "EndTransaction"])
        service.change { $0.permanentFailures["GetAttrib"] = .sharingViolation }
        #expect(try channel.beginTransactionIfFree() == nil)
        #expect(service.change { $0.count("BeginTransaction") } == 1)
        #expect(service.change { $0.slept } == 0)
    }

    @Test(
        "A reader that has no name to tell is no obstacle", arguments: [SCardCode.unsupportedFeature, .notTransacted])
    func namelessReader(code: SCardCode) throws {
        service.change { $0.permanentFailures["GetAttrib"] = code }
        #expect(try channel.beginTransaction() == .kept)
    }

    @Test("A reset is acknowledged, and reported once", arguments: [SCardCode.resetCard, .unpoweredCard])
    func reset(code: SCardCode) throws {
        service.change { $0.failures["BeginTransaction"] = [code] }
        #expect(try channel.beginTransaction() == .reset)
        channel.endTransaction()
        #expect(try channel.beginTransaction() == .kept)
        #expect(service.change { $0.count("Reconnect") } == 1)
    }

    @Test("Endless resets by another program do not keep beginTransaction busy for ever")
    func resetForEver() throws {
        service.change { $0.permanentFailures["BeginTransaction"] = .resetCard }
        #expect(throws: ChannelError.transmissionFailed) { try channel.beginTransaction() }
        #expect(service.change { $0.count("BeginTransaction") } < 10)
        service.change { $0.permanentFailures = [:] }
        #expect(try channel.beginTransaction() == .reset)
    }

    static let swaps: [(String, @Sendable (inout StandInService.State) -> Void)] = [
        ("another ATR", { $0.readers[0].answerToReset = [0x3B, 0x00] }),
        (
            "pulled out and put back",
            {
                $0.pullCard(); $0.putCard()
            }
        ),
        ("pulled out", { $0.pullCard() }),
        ("another protocol", { $0.activeProtocol = 1 }),
    ]

    @Test("After a reset, another card, or the same card inserted again, ends the channel", arguments: swaps.indices)
    func swapped(swap: Int) throws {
        service.change {
            $0.failures["BeginTransaction"] = [.resetCard]
            Self.swaps[swap].1(&$0)
        }
        #expect(throws: ChannelError.removed, "\(Self.swaps[swap].0)") { try channel.beginTransaction() }
        #expect(throws: ChannelError.removed) { try channel.beginTransaction() }
    }

    @Test("A reset within a transaction fails the command; the next transaction reports it")
    func resetWithin() throws {
        #expect(try channel.beginTransaction() == .kept)
        service.change {
            $0.failures["Transmit"] = [.resetCard]
            $0.failures["EndTransaction"] = [.resetCard]
        }
        #expect(throws: ChannelError.transmissionFailed) { try channel.send([0, 0xA4, 4, 0]) }
        channel.endTransaction()
        // Acknowledged, and unlocked: else pcscd would keep the card from everybody.
        #expect(service.change { Array($0.calls.suffix(3)) } == ["Reconnect", "GetStatusChange", "EndTransaction"])
        #expect(try channel.beginTransaction() == .reset)
        channel.endTransaction()
        #expect(try channel.beginTransaction() == .kept)
    }

    @Test(
        "What ends the card or the service ends the channel",
        arguments: [
            (.removedCard, .removed), (.noSmartCard, .removed), (.readerUnavailable, .readerUnavailable),
            (.invalidHandle, .readerUnavailable), (.noService, .serviceUnavailable),
            (.serviceStopped, .serviceUnavailable),
        ] as [(SCardCode, ChannelError)])
    func ends(code: SCardCode, error: ChannelError) throws {
        service.change { $0.failures["BeginTransaction"] = [code] }
        #expect(throws: error) { try channel.beginTransaction() }
        #expect(throws: error) { try channel.beginTransaction() }
        channel.endTransaction()
        #expect(service.change { $0.count("BeginTransaction") } == 1)
        #expect(service.change { $0.count("EndTransaction") } == 0)
    }

    @Test("A card that does not answer now may answer later")
    func unresponsive() throws {
        service.change { $0.failures["BeginTransaction"] = [.unresponsiveCard] }
        #expect(throws: ChannelError.unresponsive) { try channel.beginTransaction() }
        #expect(try channel.beginTransaction() == .kept)
    }
}
