import CLibrary
import ISO7816
import Testing
import TestSupport

@testable import PCSC

/// A reader with keys of its own: what it is asked, and what becomes of its answers.
@Suite struct PINPadTests {
    private static let verifyCode: UInt32 = 0x4233_0006
    private static let modifyCode: UInt32 = 0x4233_0007
    /// FEATURE_VERIFY_PIN_DIRECT, FEATURE_MODIFY_PIN_DIRECT, FEATURE_IFD_PIN_PROPERTIES, FEATURE_GET_TLV_PROPERTIES.
    private static let features: [UInt8] = [
        0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x07, 4, 0x42, 0x33, 0x00, 0x07, 0x0A, 4, 0x42, 0x33, 0x00, 0x0A,
        0x12, 4, 0x42, 0x33, 0x00, 0x12,
    ]

    /// A reader that tells this of itself, with a card in it, and the channel to that.
    private static func reader(
        features: [UInt8] = features, properties: [UInt8]? = nil, pinProperties: [UInt8]? = nil
    ) throws -> (StandInService, PCSCChannel) {
        let service = StandInService.withCard()
        service.change {
            $0.controls[0x4200_0D48] = features
            $0.controls[0x4233_0012] = properties
            $0.controls[0x4233_000A] = pinProperties
            $0.controls[verifyCode] = [0x90, 0x00]
            $0.controls[modifyCode] = [0x90, 0x00]
        }
        return (service, try CardConnector(service).connect(to: PCSCChannelConnectingTests.reader(service)))
    }

    private static let piv = PINEntry(
        CommandHeader(ins: 0x20, p1: 0, p2: 0x80), .current, lengths: 6...8, blockSize: 8)
    private static let openPGP = PINEntry(CommandHeader(ins: 0x20, p1: 0, p2: 0x82), .current, lengths: 6...32)

    @Test(
        arguments: [
            (0..<6, .verify), (6..<12, .modify), (0..<24, [.verify, .modify]), (12..<24, []), (0..<0, []), (0..<4, []),
            (6..<10, []),
        ] as [(Range<Int>, PINPadAbilities)])
    func featuresGivePINPadAbilities(_ part: Range<Int>, _ abilities: PINPadAbilities) throws {
        let (_, channel) = try Self.reader(features: Array(Self.features[part]))
        #expect(channel.pinPad?.abilities ?? [] == abilities)
        #expect((channel.pinPad == nil) == abilities.isEmpty)
    }

    /// PIN_VERIFY_STRUCTURE and PIN_MODIFY_STRUCTURE, field by field (PC/SC part 10, revision 2.02.09, sections 2.5.2 and
    /// 2.5.3). The PIV command is the one that SP 800-73-5 part 2, section 3.2.1 has, without its digits; the OpenPGP one has
    /// no data yet.
    private static let structures: [(PINEntry, UInt32, String)] = [
        (
            piv, verifyCode,
            "00 00 82 08 00 08 06 02 01 09 04 00 00 00 00 0D 00 00 00 00 20 00 80 08 FF FF FF FF FF FF FF FF"
        ),
        (
            openPGP, verifyCode, "00 00 82 00 00 20 06 02 01 09 04 00 00 00 00 05 00 00 00 00 20 00 82 00"
        ),
        (
            PINEntry(CommandHeader(ins: 0x24, p1: 0, p2: 0x80), .currentAndNew, lengths: 6...8, blockSize: 8),
            modifyCode,
            """
            00 00 82 08 00 00 08 08 06 03 02 03 09 04 00 01 02 00 00 00 15 00 00 00 00 24 00 80 10 \
            FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF
            """
        ),
        (
            PINEntry(CommandHeader(ins: 0x24, p1: 0, p2: 0x83), .currentAndNew, lengths: 8...127), modifyCode,
            "00 00 82 00 00 00 00 7F 08 03 02 03 09 04 00 01 02 00 00 00 05 00 00 00 00 24 00 83 00"
        ),
        (
            PINEntry(CommandHeader(ins: 0x2C, p1: 2, p2: 0x81), .new, lengths: 6...64), modifyCode,
            "00 00 82 00 00 00 00 40 06 01 02 02 09 04 01 02 00 00 00 00 05 00 00 00 00 2C 02 81 00"
        ),
    ]

    @Test(arguments: structures.indices) func pinStructuresHaveTheSpecifiedFields(_ index: Int) throws {
        let (entry, code, structure) = Self.structures[index]
        let (service, channel) = try Self.reader()
        _ = try channel.beginTransaction()
        #expect(try channel.enter(entry) == [0x90, 0x00])
        #expect(
            service.change { $0.controlInputs } == [structure.split(separator: " ").map { UInt8($0, radix: 16) ?? 0 }])
        // The code tells the reader which of the two structures it is.
        service.change { $0.controls[code] = nil }
        #expect(throws: ChannelError.self) { try channel.enter(entry) }
    }

    /// What the reader says in the card's place (section 2.5.4), and what the card says, which goes on as it is.
    @Test(
        arguments: [
            ([0x64, 0x00], .failure(.pinEntryEnded)), ([0x64, 0x01], .failure(.pinEntryEnded)),
            ([0x64, 0x02], .failure(.newPINsDiffer)), ([0x64, 0x03], .failure(.pinEntryLength)),
            ([0x6B, 0x80], .failure(.pinEntryRefused)), ([0x90], .failure(.malformedAnswer)),
            ([], .failure(.malformedAnswer)), ([0, 0x90, 0x00], .failure(.malformedAnswer)),
            ([0x63, 0xC2], .success([0x63, 0xC2])), ([0x69, 0x83], .success([0x69, 0x83])),
            ([0x64, 0x81], .success([0x64, 0x81])),
        ] as [([UInt8], Result<[UInt8], ChannelError>)])
    func answers(_ answer: [UInt8], _ expected: Result<[UInt8], ChannelError>) throws {
        let (service, channel) = try Self.reader()
        service.change { $0.controls[Self.verifyCode] = answer }
        _ = try channel.beginTransaction()
        #expect(Result { () throws(ChannelError) in try channel.enter(Self.piv) } == expected)
    }

    @Test(
        arguments: [
            (SCardCode.cancelled, ChannelError.pinEntryEnded), (.removedCard, .removed),
            (.timeout, .transmissionFailed), (.noService, .serviceUnavailable), (.resetCard, .transmissionFailed),
        ])
    func failures(_ code: SCardCode, _ expected: ChannelError) throws {
        let (service, channel) = try Self.reader()
        _ = try channel.beginTransaction()
        service.change { $0.permanentFailures["Control with input"] = code }
        #expect(throws: expected) { try channel.enter(Self.piv) }
    }

    /// QEMU's reader, and OMNIKEY's, tell of keys that they have not: whoever asks for the PIN next is not sent to them.
    @Test(
        "A reader that refuses to use its keys has none",
        arguments: [SCardCode.notTransacted, .unsupportedFeature, .invalidParameter, nil])
    func onlyClaimed(_ code: SCardCode?) throws {
        let (service, channel) = try Self.reader()
        _ = try channel.beginTransaction()
        if let code { service.change { $0.permanentFailures["Control with input"] = code } }
        service.change { $0.controls[Self.verifyCode] = [0x6B, 0x80] }
        #expect(throws: ChannelError.pinEntryRefused) { try channel.enter(Self.piv) }
        #expect(channel.pinPad == nil)
        #expect(try channel.send([0, 0xA4, 4, 0]) == [0, 0xA4, 4, 0])
    }

    @Test("A failure after somebody may have typed is no refusal")
    func typedAndFailed() throws {
        let (service, channel) = try Self.reader()
        _ = try channel.beginTransaction()
        service.change {
            $0.before["Control with input"] = { usleep(1_100_000) }
            $0.permanentFailures["Control with input"] = .notTransacted
        }
        #expect(throws: ChannelError.transmissionFailed) { try channel.enter(Self.piv) }
        #expect(channel.pinPad != nil)
    }

    @Test(
        "Readers that are known to claim keys have none",
        arguments: [
            ([0x0B, 2, 0x6B, 0x07, 0x0C, 2, 0x31, 0x30], false), ([0x0B, 2, 0x6B, 0x07, 0x0C, 2, 0x32, 0x66], false),
            ([0x0B, 2, 0x6B, 0x07, 0x0C, 2, 0x21, 0x38], true), ([0x0C, 2, 0x31, 0x30], true),
        ] as [([UInt8], Bool)])
    func knownClaims(_ properties: [UInt8], _ hasKeys: Bool) throws {
        #expect((try Self.reader(properties: properties).1.pinPad != nil) == hasKeys)
    }

    @Test("Where no PINs are to be typed on readers, none has keys")
    func switchedOff() throws {
        let (service, _) = try Self.reader()
        let connector = CardConnector(service, usesPINPads: false)
        #expect(try connector.connect(to: PCSCChannelConnectingTests.reader(service)).pinPad == nil)
    }

    /// bMinPINSize and bMaxPINSize narrow what the card allows; a reader that takes no PIN of this length is not asked.
    @Test(
        arguments: [
            ([0x06, 1, 4, 0x07, 1, 12], [12, 6]), ([0x06, 1, 7, 0x07, 1, 10], [10, 7]), ([0x07, 1, 0], [32, 6]),
            ([0x06, 1, 200, 0x07, 1, 20], [20, 20]), ([0x07, 1, 5], nil), ([0x06, 1, 33, 0x07, 1, 40], nil),
            ([], [32, 6]),
        ] as [([UInt8], [UInt8]?)])
    func lengths(_ properties: [UInt8], _ most: [UInt8]?) throws {
        let (service, channel) = try Self.reader(properties: properties)
        _ = try channel.beginTransaction()
        guard let most else {
            #expect(throws: ChannelError.pinEntryRefused) { try channel.enter(Self.openPGP) }
            #expect(service.change { $0.controlInputs.isEmpty })
            return
        }
        _ = try channel.enter(Self.openPGP)
        #expect(service.change { Array($0.controlInputs[0][5...6]) } == most)
    }

    /// bEntryValidationCondition, as FEATURE_GET_TLV_PROPERTIES or FEATURE_IFD_PIN_PROPERTIES tells what the reader has.
    @Test(
        arguments: [
            (nil, nil, 0x02), ([0x02, 1, 0x07], nil, 0x02), ([0x02, 1, 0x05], nil, 0x05), ([0x02, 1, 0x00], nil, 0x02),
            (nil, [0x10, 0x02, 0x01, 0], 0x01), (nil, [0x10, 0x02, 0x03, 0], 0x02), (nil, [0x10, 0x02, 0x01], 0x02),
            ([0x02, 1, 0x02], [0x10, 0x02, 0x01, 0], 0x02), ([0x02, 1, 0xF8], nil, 0x02),
        ] as [([UInt8]?, [UInt8]?, UInt8)])
    func entryValidationCondition(_ properties: [UInt8]?, _ pinProperties: [UInt8]?, _ condition: UInt8) throws {
        let (service, channel) = try Self.reader(properties: properties, pinProperties: pinProperties)
        _ = try channel.beginTransaction()
        _ = try channel.enter(Self.piv)
        #expect(service.change { $0.controlInputs[0][7] } == condition)
    }

    /// The person takes as long as they need; a card in another reader is used meanwhile, and readers are looked at.
    @Test func pinEntryBlocksNoOtherCard() throws {
        let service = StandInService(readers: ["Pad", "Plain"])
        service.change {
            $0.putCard(0)
            $0.putCard(1)
            $0.controls[0x4200_0D48] = Self.features
            $0.controls[Self.verifyCode] = [0x90, 0x00]
        }
        let monitor = ReaderMonitor(service)
        let channels = try monitor.readers().map { try CardConnector(service).connect(to: $0) }
        let (isAsked, hasTyped) = (Latch(), Latch())
        service.change {
            $0.before["Control with input"] = {
                isAsked.open()
                hasTyped.wait(milliseconds: 20_000)
            }
        }
        _ = try channels[0].beginTransaction()
        let typing = Background { Result { () throws(ChannelError) in try channels[0].enter(Self.piv) } }
        isAsked.wait(milliseconds: 20_000)
        _ = try channels[1].beginTransaction()
        #expect(try channels[1].send([0, 0xA4, 4, 0]) == [0, 0xA4, 4, 0])
        channels[1].endTransaction()
        #expect(try monitor.readers().count == 2)
        #expect(!hasTyped.isOpen)
        hasTyped.open()
        #expect(typing.result == .success([0x90, 0x00]))
    }
}
