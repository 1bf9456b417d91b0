import ISO7816
import Testing

@testable import PCSC

@Suite("What a return code means")
struct ChannelErrorTests {
    static let table: [(UInt32, ChannelError)] = [
        (0x8010_0069, .removed), (0x8010_000C, .removed),
        (0x8010_0009, .readerUnavailable), (0x8010_0017, .readerUnavailable), (0x8010_002E, .readerUnavailable),
        (0x8010_0003, .readerUnavailable), (0x8010_0011, .readerUnavailable),
        (0x8010_001D, .serviceUnavailable), (0x8010_001E, .serviceUnavailable),
        (0x8010_0013, .serviceUnavailable), (0x8010_006A, .serviceUnavailable),
        (0x8010_0018, .serviceUnavailable), (0x8010_0012, .serviceUnavailable),
        (0x8010_0031, .serviceUnavailable),
        (0x8010_000B, .heldByAnother),
        (0x8010_0066, .unresponsive), (0x8010_0067, .unresponsive), (0x8010_0065, .unresponsive),
        (0x8010_0010, .unresponsive),
        (0x8010_0068, .transmissionFailed), (0x8010_0016, .transmissionFailed),
        (0x8010_002F, .transmissionFailed), (0x8010_000F, .transmissionFailed),
        (0x8010_000A, .transmissionFailed), (0x8010_0007, .transmissionFailed),
        (0x8010_0008, .answerTooLong),
        (0x8010_0001, .serviceError(0x8010_0001)), (0x8010_0002, .pinEntryEnded),
        (0x8010_0006, .serviceError(0x8010_0006)), (0x8010_001F, .serviceError(0x8010_001F)),
        (0x0000_0005, .serviceError(5)), (0xFFFF_FFFF, .serviceError(0xFFFF_FFFF)),
    ]

    @Test("Each code that tells of card, reader or service has its error", arguments: table)
    func mapping(code: UInt32, error: ChannelError) {
        #expect(ChannelError(SCardCode(rawValue: code)) == error)
    }

    @Test("A code counts as 32 bits, whatever sign a LONG gives it", arguments: [0x8010_001D, -0x7FEF_FFE3])
    func sign(long: Int) {
        #expect(SCardCode(long) == .noService)
    }
}
