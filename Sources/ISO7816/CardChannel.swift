/// The one seam for cards: a PC/SC card, a simulated card in the same process, or a recorded transcript.
///
/// A channel carries single APDUs as bytes; chaining, GET RESPONSE and retries are the business of `CardExchange`.
/// `Card` calls a channel from one thread at a time.
public protocol CardChannel: AnyObject {
    /// The answer to reset of the card, at most 33 bytes.
    var answerToReset: [UInt8] { get }

    /// What reader and protocol can carry.
    var limits: ChannelLimits { get }

    /// Whether no other program holds a transaction, as far as that can be told without waiting.
    var isFree: Bool { get }

    /// Begins a transaction: from here to `endTransaction()` no other program reaches the card. Waits for a
    /// bounded time where another program holds it. No APDU is sent.
    ///
    /// - Returns: whether the card was reset or powered anew by somebody else since this channel last used it, so
    ///   that its selected application and its security status are gone.
    func beginTransaction() throws(ChannelError) -> CardContinuity

    /// Begins a transaction where no other program holds one, and returns nil where one does.
    func beginTransactionIfFree() throws(ChannelError) -> CardContinuity?

    /// Ends the transaction and leaves the card as it is.
    func endTransaction()

    /// Sends one command APDU and returns the whole answer: its data and its two status bytes.
    ///
    /// - Throws: `ChannelError.malformedAnswer` where fewer than two bytes came.
    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8]

    /// The keys of the reader, where a PIN can be typed on them; nil for most readers.
    var pinPad: (any PINPad)? { get }
}

extension CardChannel {
    /// Most readers have no keys.
    public var pinPad: (any PINPad)? { nil }

    /// See the requirement: nobody else can reach the card.
    public var isFree: Bool { true }

    /// See the requirement.
    public func beginTransactionIfFree() throws(ChannelError) -> CardContinuity? {
        isFree ? try beginTransaction() : nil
    }
}

/// What happened to the card between two transactions of a channel, as far as the system could tell.
public enum CardContinuity: Hashable, Sendable {
    /// Nobody reset the card. Another application may have been selected all the same.
    case kept
    /// The card was reset: no application is selected, no PIN is verified.
    case reset
}

/// What reader and transmission protocol can carry.
public struct ChannelLimits: Hashable, Sendable {
    /// The transmission protocol that reader and card agreed on (ISO/IEC 7816-3).
    public enum TransmissionProtocol: Hashable, Sendable {
        /// T=0: a command with data carries no Le, and the answer is fetched with GET RESPONSE.
        case t0
        /// T=1, and contactless cards.
        case t1
    }

    /// The protocol in use.
    public var transmissionProtocol: TransmissionProtocol
    /// The most bytes that the reader takes in one command APDU (PC/SC part 10, dwMaxAPDUDataSize), or nil where
    /// it does not say. A reader that says less than 262 carries short APDUs only.
    public var maximumCommandSize: Int?

    /// Limits of a channel.
    public init(transmissionProtocol: TransmissionProtocol, maximumCommandSize: Int? = nil) {
        self.transmissionProtocol = transmissionProtocol
        self.maximumCommandSize = maximumCommandSize
    }
}

/// What can go wrong between this process and the card, before the card has said anything.
public enum ChannelError: Error, Hashable, Sendable {
    /// The card was pulled out. The channel cannot be used any more.
    case removed
    /// The reader is gone. The channel cannot be used any more.
    case readerUnavailable
    /// pcscd does not run, or went away.
    case serviceUnavailable
    /// Another program uses the card exclusively and did not let go in time.
    case heldByAnother
    /// There is a card, but it does not answer: put in upside down, without power, broken.
    case unresponsive
    /// The transmission failed: a protocol error, a time-out.
    case transmissionFailed
    /// The person at the reader's keys cancelled, or typed nothing in time. The card was sent nothing.
    case pinEntryEnded
    /// The new PIN that was typed on the reader's keys was another one the second time. The card was sent nothing.
    case newPINsDiffer
    /// A PIN that was typed on the reader's keys is too short or too long. The card was sent nothing.
    case pinEntryLength
    /// The reader has no keys for this entry.
    case pinEntryRefused
    /// The card's answer has fewer than two bytes.
    case malformedAnswer
    /// The answer goes on beyond the bounds that this process sets (bytes, or rounds of GET RESPONSE).
    case answerTooLong
    /// The PC/SC service refused for a reason of its own; the code is its SCARD_ error.
    case serviceError(UInt32)
}
