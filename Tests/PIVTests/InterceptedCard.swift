import ISO7816
import Platform
import VirtualCard
import VirtualChannel

/// A card between which and this process somebody sits who may answer in its place.
final class InterceptedCard: CardChannel {
    private let channel: VirtualCardChannel
    /// Answers a command in the card's place, throws, or lets it through with nil.
    var intercept: ([UInt8]) throws(ChannelError) -> [UInt8]? = { _ in nil }
    /// What beginning a transaction throws.
    var failure: ChannelError?
    /// Every command that was sent, let through or not.
    private(set) var sent: [[UInt8]] = []

    init(_ channel: VirtualCardChannel) { self.channel = channel }

    /// What a reader makes of the answer to reset.
    var damagedAnswerToReset: [UInt8]?
    var answerToReset: [UInt8] { damagedAnswerToReset ?? channel.answerToReset }
    var limits: ChannelLimits { channel.limits }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        if let failure { throw failure }
        return try channel.beginTransaction()
    }

    func endTransaction() { channel.endTransaction() }

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let bytes = [UInt8](command)
        sent.append(bytes)
        if let answer = try intercept(bytes) { return answer }
        return try channel.transmit(command)
    }

    /// How many commands held a PIN.
    var pinsSent: Int { sent.count { $0.count > 5 && $0[1] == 0x20 } }
}
