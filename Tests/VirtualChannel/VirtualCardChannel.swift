import ISO7816
import VirtualCard

/// A simulated card as a `CardChannel` in the same process, with what a test wants to see and to do.
public final class VirtualCardChannel: CardChannel {
    /// The card behind the channel.
    public let card: VirtualCard
    /// T=0 or T=1 as the profile says, and the reader's limit that the test chose.
    public let limits: ChannelLimits

    /// Every command that the card was sent through this channel, and its answer, in order.
    public private(set) var log: [Exchange] = []
    /// How many transactions were begun.
    public private(set) var transactions = 0
    /// What another program does with the card before each transaction of this channel.
    public var meanwhile: ((VirtualCard) -> CardContinuity)?
    /// The keys of the reader; nil where it has none.
    private var keys: VirtualPINPad?
    /// Set where the card is no longer there: every call fails with it.
    public var failure: ChannelError?

    /// How many commands the card still does before the power goes; nil where it does not go.
    private var commandsLeft: Int?
    private var isLastDone = false

    /// One command and its answer.
    public struct Exchange: Hashable, Sendable {
        /// The command APDU.
        public let command: [UInt8]
        /// Data and status bytes.
        public let answer: [UInt8]
    }

    /// A channel to a card, which is reset; T=0 where the profile says so.
    public init(card: VirtualCard, maximumCommandSize: Int? = nil) {
        self.card = card
        limits = ChannelLimits(
            transmissionProtocol: card.profile.isT0 ? .t0 : .t1, maximumCommandSize: maximumCommandSize)
        card.reset()
    }

    /// Gives the reader keys, with a person at them.
    public func addPINPad() -> VirtualPINPad {
        let pad = VirtualPINPad(card: card)
        keys = pad
        return pad
    }

    /// See `CardChannel`.
    public var pinPad: (any PINPad)? { keys }

    /// The card's answer to reset.
    public var answerToReset: [UInt8] { card.answerToReset }

    /// Has the power go after so many commands: from then on every call fails, as if the card were pulled out.
    ///
    /// - Parameter isLastDone: whether the card still does the command on which the power goes, so that only its answer
    ///   is lost.
    public func cutPower(after count: Int, isLastDone: Bool) {
        commandsLeft = count
        self.isLastDone = isLastDone
    }

    /// Powers the card again.
    public func restorePower() {
        commandsLeft = nil
        card.reset()
    }

    /// Forgets the commands seen so far.
    public func clearLog() { log = [] }

    /// Counts, lets others use the card as `meanwhile` says, and returns what that did.
    public func beginTransaction() throws(ChannelError) -> CardContinuity {
        if let failure { throw failure }
        transactions += 1
        return meanwhile?(card) ?? .kept
    }

    /// Does nothing: the card stays as it is.
    public func endTransaction() {}

    /// Has the card do one command, and writes both down.
    public func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        if let failure { throw failure }
        let bytes = command.withUnsafeBytes { [UInt8]($0) }
        try useCommand(bytes)
        guard bytes.count <= limits.maximumCommandSize ?? .max else { throw .transmissionFailed }
        let answer = card.process(bytes)
        log.append(Exchange(command: bytes, answer: answer))
        return answer
    }

    private func useCommand(_ command: [UInt8]) throws(ChannelError) {
        guard let left = commandsLeft else { return }
        commandsLeft = left - 1
        guard left <= 0 else { return }
        if left == 0, isLastDone { _ = card.process(command) }
        throw .removed
    }
}
