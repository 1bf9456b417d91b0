import ISO7816
import Platform
import VirtualCard
import VirtualChannel

/// A card on which, at the beginning of each transaction, another program has selected an application that answers one
/// status word to everything, until PIV is selected again.
final class TakenCard: CardChannel {
    private let channel: VirtualCardChannel
    private let status: StatusWord
    private var isTaken = false

    init(_ channel: VirtualCardChannel, answering status: StatusWord) {
        self.channel = channel
        self.status = status
    }

    var answerToReset: [UInt8] { channel.answerToReset }
    var limits: ChannelLimits { channel.limits }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        isTaken = true
        return try channel.beginTransaction()
    }

    func endTransaction() { channel.endTransaction() }

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        if [UInt8](command).starts(with: [0x00, 0xA4, 0x04]) { isTaken = false }
        return isTaken ? ResponseAPDU(status: status).encoded : try channel.transmit(command)
    }
}
