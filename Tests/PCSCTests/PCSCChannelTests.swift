import ISO7816
import Testing

@testable import PCSC

@Suite("A card as a channel: connecting")
struct PCSCChannelConnectingTests {
    static func reader(_ service: StandInService) throws -> ReaderStatus {
        try #require(try ReaderMonitor(service).readers().first)
    }

    @Test(
        "The protocol comes from the connection",
        arguments: [(1, .t0), (2, .t1)] as [(UInt, ChannelLimits.TransmissionProtocol)])
    func transmissionProtocol(active: UInt, shown: ChannelLimits.TransmissionProtocol) throws {
        let service = StandInService.withCard()
        service.change { $0.activeProtocol = active }
        let channel = try CardConnector(service).connect(to: Self.reader(service))
        #expect(channel.limits == ChannelLimits(transmissionProtocol: shown, maximumCommandSize: nil))
        #expect(channel.answerToReset == StandInService.answerToReset)
        _ = try channel.beginTransaction()
        _ = try channel.send([0, 0xA4, 4, 0])
        #expect(service.change { $0.protocols } == [active])
    }

    @Test("The reader is asked for its longest command")
    func maximumCommandSize() throws {
        let service = StandInService.withCard()
        service.change {
            $0.controls[0x4200_0D48] = [0x12, 4, 0x42, 0x33, 0x00, 0x12]
            $0.controls[0x4233_0012] = [0x0A, 4, 0x00, 0x08, 0, 0]
        }
        let channel = try CardConnector(service).connect(to: Self.reader(service))
        #expect(channel.limits.maximumCommandSize == 2048 + 9)
    }

    @Test("A program with exclusive access is waited for, but not for ever")
    func exclusive() throws {
        let service = StandInService.withCard()
        let reader = try Self.reader(service)
        service.change { $0.failures["Connect"] = Array(repeating: .sharingViolation, count: 20) }
        _ = try CardConnector(service).connect(to: reader)
        #expect(service.change { $0.count("Connect") } == 21)

        service.change {
            $0.permanentFailures["Connect"] = .sharingViolation
            $0.slept = 0
        }
        #expect(throws: ChannelError.heldByAnother) { try CardConnector(service).connect(to: reader) }
        #expect((2000...4000).contains(service.change { $0.slept }))
    }

    @Test("Listing tokens does not wait for exclusive access, and only briefly for a transaction")
    func brief() throws {
        let service = StandInService.withCard()
        let reader = try Self.reader(service)
        service.change { $0.failures["Connect"] = [.sharingViolation] }
        #expect(throws: ChannelError.heldByAnother) {
            try CardConnector(service).connect(to: reader, patience: .brief)
        }
        #expect(service.change { $0.slept } == 0)
        let channel = try CardConnector(service).connect(to: reader, patience: .brief)
        service.change { $0.permanentFailures["GetAttrib"] = .sharingViolation }
        #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
        #expect((100...300).contains(service.change { $0.slept }))
        channel.patience = .full
        #expect(throws: ChannelError.heldByAnother) { try channel.beginTransaction() }
        #expect((2000...4000).contains(service.change { $0.slept }))
    }

    @Test(
        "What fails when connecting leaves nothing open",
        arguments: [
            ("Connect", SCardCode.unresponsiveCard, ChannelError.unresponsive),
            ("Connect", .noSmartCard, .removed),
            ("Connect", .unknownReader, .readerUnavailable),
            ("EstablishContext", .noService, .serviceUnavailable),
            ("GetStatusChange", .unknownReader, .readerUnavailable),
            ("Control", .sharingViolation, .heldByAnother),
            ("Control", .noService, .serviceUnavailable),
        ])
    func failures(function: String, code: SCardCode, error: ChannelError) throws {
        let service = StandInService.withCard()
        let reader = try Self.reader(service)
        service.change { $0.permanentFailures[function] = code }
        #expect(throws: error) { try CardConnector(service).connect(to: reader) }
        #expect(service.change { $0.contexts.isEmpty })
    }

    @Test("Connecting to a card that was removed or exchanged fails")
    func otherCard() throws {
        let service = StandInService.withCard()
        let reader = try Self.reader(service)
        service.change {
            $0.pullCard()
            $0.putCard()
        }
        #expect(throws: ChannelError.removed) { try CardConnector(service).connect(to: reader) }
        service.change { $0.pullCard() }
        #expect(throws: ChannelError.removed) { try CardConnector(service).connect(to: reader) }
        #expect(service.change { $0.count("Connect") == $0.count("Disconnect") })
        #expect(service.change { $0.contexts.isEmpty })
    }

    @Test("The end of a channel disconnects and releases the context")
    func end() throws {
        let service = StandInService.withCard()
        do { _ = try CardConnector(service).connect(to: Self.reader(service)) }
        #expect(service.change { Array($0.calls.suffix(2)) } == ["Disconnect", "ReleaseContext"])
        #expect(service.change { $0.contexts.isEmpty })
    }
}

@Suite("A card as a channel: commands")
struct PCSCChannelTransmitTests {
    private let service = StandInService.withCard()
    private let channel: PCSCChannel

    init() throws {
        channel = try CardConnector(service).connect(to: PCSCChannelConnectingTests.reader(service))
        _ = try channel.beginTransaction()
    }

    private func transmit() throws(ChannelError) -> [UInt8] { try channel.send([0, 0xA4, 4, 0]) }

    @Test("The answer of SCardTransmit is returned unchanged")
    func answer() throws {
        service.change { $0.answers = [[1, 2, 3, 0x90, 0x00], [0x6A, 0x82]] }
        #expect(try transmit() == [1, 2, 3, 0x90, 0x00])
        #expect(try transmit() == [0x6A, 0x82])
    }

    @Test("An answer without a status word is malformed while the card is there", arguments: [[], [0x90]] as [[UInt8]])
    func malformed(answer: [UInt8]) throws {
        service.change { $0.answers = [answer, [0x90, 0x00]] }
        #expect(throws: ChannelError.malformedAnswer) { try transmit() }
        #expect(try transmit() == [0x90, 0x00])
    }

    @Test("A driver's error after a removal is the error removed, from then on")
    func pulledOut() throws {
        service.change {
            $0.failures["Transmit"] = [.notTransacted]
            $0.sleepsLeft = 4
            $0.afterSleeping = {
                $0.pullCard()
                $0.putCard()
            }
        }
        #expect(throws: ChannelError.removed) { try transmit() }
        #expect(throws: ChannelError.removed) { try transmit() }
        #expect(throws: ChannelError.removed) { try channel.beginTransaction() }
        #expect(service.change { $0.count("Transmit") } == 1)
    }

    @Test("An empty answer after a removal is the error removed")
    func emptyAnswer() throws {
        service.change {
            $0.answers = [[]]
            $0.pullCard()
        }
        #expect(throws: ChannelError.removed) { try transmit() }
    }

    @Test(
        "What fails says so, and what cannot mend ends the channel",
        arguments: [
            (.notTransacted, .transmissionFailed, false), (.insufficientBuffer, .answerTooLong, false),
            (.unresponsiveCard, .unresponsive, false), (.internalError, .serviceError(0x8010_0001), false),
            (.removedCard, .removed, true), (.noSmartCard, .removed, true),
            (.readerUnavailable, .readerUnavailable, true), (.invalidHandle, .readerUnavailable, true),
            (.noService, .serviceUnavailable, true), (.communicationError, .serviceUnavailable, true),
        ] as [(SCardCode, ChannelError, Bool)])
    func failures(code: SCardCode, error: ChannelError, ends: Bool) throws {
        service.change { $0.failures["Transmit"] = [code] }
        #expect(throws: error) { try transmit() }
        if ends {
            #expect(throws: error) { try transmit() }
        } else {
            #expect(try transmit() == [0, 0xA4, 4, 0])
        }
    }

    @Test("A short command does not get a long buffer")
    func capacity() throws {
        _ = try transmit()
        _ = try channel.send([0, 0xCB, 0x3F, 0xFF, 0, 0, 0])
        let capacities = service.change { $0.capacities }
        #expect(capacities.count == 2 && capacities[0] < 4096 && capacities[1] == 65_538)
    }
}
