import ISO7816
import Platform

/// A card in a reader of pcscd.
///
/// The connection is shared, so other programs reach the card between two transactions, and it never resets the
/// card: not when it begins, not when it ends. It stays with one stay of one card: once the card was pulled out
/// the channel throws `ChannelError.removed`, even if the same card is back.
///
/// The child of a fork must not use, nor release, a channel of its parent: both would talk on one socket. It leaves
/// the object alone and connects for itself.
public final class PCSCChannel: CardChannel {
    /// How often in a row somebody may reset the card under `beginTransaction` before it gives up.
    private static let resets = 4
    /// How often, every 50 ms, a failed exchange asks whether the card is gone. pcscd asks the reader every 400 ms.
    private static let looks = 10

    /// The answer to reset of the card, at most 33 bytes.
    public let answerToReset: [UInt8]
    /// What reader and protocol can carry.
    public let limits: ChannelLimits

    /// What of the reader's own keys is there, as far as is known. Asked for also while a transaction is under way.
    let keys: Guarded<PINPadProperties>

    private let link: CardLink
    private let eventCounter: UInt16
    /// The error after which the channel cannot be used any more.
    private var ended: ChannelError?
    /// A reset was seen at another time than at the beginning of a transaction, and is still to be reported.
    private var resetToReport = false

    /// Throws `SCardCode.removedCard` where the card is another one than `reader` shows.
    init(_ link: CardLink, _ reader: ReaderStatus, usesPINPad: Bool = true) throws(SCardCode) {
        let state = try link.readerState()
        let features = try link.ask(ReaderFeatures.getFeatureRequest)
        let properties = try link.ask(.properties, in: features)
        keys = Guarded(
            usesPINPad
                ? PINPadProperties(
                    features: features, properties: properties,
                    pinProperties: try link.ask(.pinProperties, in: features))
                : .none)
        limits = ChannelLimits(
            transmissionProtocol: link.activeProtocol == 1 ? .t0 : .t1,
            maximumCommandSize: ReaderFeatures.maximumCommandSize(inProperties: properties))
        guard state.isCardPresent, state.eventCounter == reader.eventCounter else { throw .removedCard }
        answerToReset = state.answerToReset
        eventCounter = state.eventCounter
        self.link = link
    }

    /// For how long another program that holds the card is waited for. Changed only while no other thread has the
    /// channel.
    public var patience: Patience {
        get { link.patience }
        set { link.patience = newValue }
    }

    /// Whether no other connection holds a transaction.
    public var isFree: Bool { ended == nil && (try? link.checkFree()) != nil }

    /// Begins a transaction. A program that holds a transaction is waited for, as `patience` says; one that begins
    /// a transaction in the few microseconds between question and call is waited for as long once more.
    public func beginTransaction() throws(ChannelError) -> CardContinuity { try begin(isKnownFree: false) }

    /// The same without waiting. pcscd is asked once whether another connection holds a transaction.
    public func beginTransactionIfFree() throws(ChannelError) -> CardContinuity? {
        isFree ? try begin(isKnownFree: true) : nil
    }

    private func begin(isKnownFree: Bool) throws(ChannelError) -> CardContinuity {
        try unlessEnded { () throws(SCardCode) in
            for attempt in 0..<Self.resets {
                do throws(SCardCode) {
                    if attempt > 0 || !isKnownFree { try link.waitUntilFree() }
                    try link.service.beginTransaction(link.card)
                    defer { resetToReport = false }
                    return resetToReport ? .reset : .kept
                } catch {
                    guard error == .resetCard || error == .unpoweredCard else { throw error }
                    try acknowledgeReset()
                }
            }
            throw .resetCard
        }
    }

    /// Ends the transaction and leaves the card as it is.
    public func endTransaction() {
        guard ended == nil else { return }
        do throws(SCardCode) {
            try link.service.endTransaction(link.card)
        } catch .resetCard {
            // pcscd refuses everything until the reset is acknowledged, and would keep the card locked.
            do throws(SCardCode) {
                try acknowledgeReset()
                try link.service.endTransaction(link.card)
            } catch {
                note(error)
            }
        } catch {
            note(error)
        }
    }

    /// Sends one command APDU and returns the whole answer.
    ///
    /// - Throws: `ChannelError.transmissionFailed` where the card was reset within the transaction, too: the next
    ///   transaction begins with `CardContinuity.reset`.
    public func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let answer = try unlessEnded { () throws(SCardCode) in
            try link.service.transmit(
                link.card, protocol: link.activeProtocol, command, capacity: AnswerCapacity.bytes(for: command))
        }
        guard answer.count >= 2 else {
            // vpcd answers so for a card that is not there any more.
            throw loss() ?? .malformedAnswer
        }
        return answer
    }

    /// SCardControl within a transaction.
    ///
    /// - Parameter failing: gets the error's code, and after how many milliseconds it came.
    func control(
        _ code: UInt32, _ input: RawSpan, failing: (SCardCode, Int) -> Void
    ) throws(ChannelError) -> [UInt8] {
        try unlessEnded { () throws(SCardCode) in
            let start = MonotonicClock.milliseconds()
            do throws(SCardCode) {
                return try link.service.control(link.card, code: code, input, capacity: ReaderFeatures.capacity)
            } catch {
                failing(error, MonotonicClock.milliseconds() - start)
                throw error
            }
        }
    }

    private func unlessEnded<R>(_ body: () throws(SCardCode) -> R) throws(ChannelError) -> R {
        if let ended { throw ended }
        do throws(SCardCode) {
            return try body()
        } catch {
            note(error)
            if error == .notTransacted, let loss = loss() { throw loss }
            throw ended ?? ChannelError(error)
        }
    }

    /// Notes an error after which the channel cannot be used any more.
    private func note(_ code: SCardCode) {
        let error = ChannelError(code)
        switch error {
        case .removed, .readerUnavailable, .serviceUnavailable: ended = error
        case .heldByAnother, .unresponsive, .transmissionFailed, .malformedAnswer, .answerTooLong, .serviceError,
            .pinEntryEnded, .newPINsDiffer, .pinEntryLength, .pinEntryRefused:
            break
        }
    }

    /// Tells pcscd that the reset is known, so that it lets this connection go on.
    private func acknowledgeReset() throws(SCardCode) {
        try link.waitUntilFree()
        // Whatever becomes of the call, pcscd may take the reset for known from here on.
        resetToReport = true
        let activeProtocol = try link.service.reconnect(link.card)
        // pcscd forgets that the card was pulled out if another program resets the one that came after it.
        let state = try link.readerState()
        guard state.isCardPresent, state.eventCounter == eventCounter, state.answerToReset == answerToReset,
            activeProtocol == link.activeProtocol
        else { throw .removedCard }
    }

    /// The error after which the channel cannot be used any more, if pcscd finds within half a second that there is
    /// one: a driver that fails may be the first to know that the card was pulled out.
    private func loss() -> ChannelError? {
        for _ in 0..<Self.looks {
            do throws(SCardCode) {
                let state = try link.readerState()
                guard state.isCardPresent, state.eventCounter == eventCounter else { throw .removedCard }
            } catch {
                note(error)
                return ended
            }
            link.service.sleep(milliseconds: 50)
        }
        return nil
    }
}
