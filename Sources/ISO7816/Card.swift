import Platform

/// A card that is in a reader, shared by everything in this process that uses one of its applications.
public final class Card: @unchecked Sendable {
    /// The answer to reset, at most 33 bytes.
    public let answerToReset: [UInt8]

    private let lock = Lock()
    private let channel: any CardChannel
    private let exchange: CardExchange

    /// A card behind a channel, whose APDUs go to `trace` too.
    ///
    /// - Parameter clock: milliseconds.
    public init(
        channel: any CardChannel, trace: CardTrace? = nil, clock: @escaping () -> Int = MonotonicClock.milliseconds
    ) {
        self.channel = channel
        answerToReset = channel.answerToReset
        exchange = CardExchange(channel: channel, trace: trace, clock: clock)
    }

    /// What can be typed on the reader's own keys: nothing on most.
    public var pinPadAbilities: PINPadAbilities { channel.pinPad?.abilities ?? [] }

    /// Runs `body` while no other thread and no other program reaches the card. A transaction is short: it ends
    /// before anybody is asked for anything, but for a PIN that is typed on the reader's keys. It is not to be begun inside
    /// another.
    public func transaction<R>(_ body: (CardExchange) -> R) throws(ChannelError) -> R {
        try lock.withLock { () throws(ChannelError) in run(try channel.beginTransaction(), body) }
    }

    /// The same without waiting: nil while this process or another program has a transaction.
    public func transactionIfFree<R>(_ body: (CardExchange) -> R) throws(ChannelError) -> R? {
        let result = try lock.withLockIfFree { () throws(ChannelError) -> R? in
            guard let continuity = try channel.beginTransactionIfFree() else { return nil }
            return run(continuity, body)
        }
        return result ?? nil
    }

    private func run<R>(_ continuity: CardContinuity, _ body: (CardExchange) -> R) -> R {
        exchange.noteBeginning(continuity)
        defer { channel.endTransaction() }
        return body(exchange)
    }

    /// Runs `body` while no transaction of this process is under way. Nothing is sent, so it works without the card.
    public func betweenTransactions<R>(_ body: () -> R) -> R { lock.withLock(body) }
}
