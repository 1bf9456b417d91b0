import ISO7816
import Testing
import VirtualChannel

@testable import VirtualCard

@Suite("The channel in the same process")
struct ChannelTests {
    private func channel(_ profile: CardProfile = .yubiKey57, maximumCommandSize: Int? = nil)
        -> VirtualCardChannel
    {
        VirtualCardChannel(
            card: VirtualCard(state: CardState(profile: profile, serialNumber: 1)),
            maximumCommandSize: maximumCommandSize)
    }

    @Test func everyCommandIsWrittenDown() throws {
        let channel = channel()
        let command: [UInt8] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08]
        #expect(try channel.transmit(command.span.bytes).suffix(2) == [0x90, 0x00])
        #expect(channel.log.map(\.command) == [command])
        channel.clearLog()
        #expect(channel.log.isEmpty)
    }

    @Test func othersUseTheCardBetweenTransactions() throws {
        let channel = channel()
        let select: [UInt8] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08]
        _ = try channel.transmit(select.span.bytes)
        channel.meanwhile = { card in
            card.reset()
            return .reset
        }
        #expect(try channel.beginTransaction() == .reset)
        let status: [UInt8] = [0x00, 0x20, 0x00, 0x80]
        #expect(try channel.transmit(status.span.bytes) == [0x6D, 0x00])
        #expect(channel.transactions == 1)
    }

    @Test func limits() throws {
        #expect(channel(.plain).limits.transmissionProtocol == .t0)
        let small = channel(maximumCommandSize: 8)
        #expect(small.limits == ChannelLimits(transmissionProtocol: .t1, maximumCommandSize: 8))
        let long = [UInt8](repeating: 0, count: 9)
        #expect(throws: ChannelError.transmissionFailed) { try small.transmit(long.span.bytes) }
        #expect(small.log.isEmpty)
    }

    @Test func aCardThatIsGone() {
        let channel = channel()
        channel.failure = .removed
        #expect(throws: ChannelError.removed) { try channel.beginTransaction() }
        #expect(throws: ChannelError.removed) {
            try channel.transmit([UInt8]([0, 0, 0, 0]).span.bytes)
        }
    }
}
