/// The keys of a reader, on which a person types a PIN that no program sees (PC/SC part 10, revision 2.02.09, section 2.5).
public protocol PINPad: AnyObject {
    /// What can be typed there.
    var abilities: PINPadAbilities { get }

    /// Has a person type what the entry asks for, and sends the command with it to the card. To be called within a
    /// transaction. Returns when the person is done, or when the reader does not wait any longer.
    ///
    /// - Returns: the card's answer.
    /// - Throws: `ChannelError.pinEntryEnded` and its like where nothing was sent to the card.
    func enter(_ entry: PINEntry) throws(ChannelError) -> [UInt8]
}

/// What a reader's keys are good for.
public struct PINPadAbilities: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A PIN can be typed for verification (FEATURE_VERIFY_PIN_DIRECT).
    public static let verify = PINPadAbilities(rawValue: 1)
    /// A new PIN can be typed (FEATURE_MODIFY_PIN_DIRECT).
    public static let modify = PINPadAbilities(rawValue: 2)
}

/// A command whose secrets a person types on the reader's keys.
public struct PINEntry: Hashable, Sendable {
    /// What is typed, in this order.
    public enum Secrets: Hashable, Sendable {
        /// The PIN, which the card compares.
        case current
        /// A new PIN, and the same again.
        case new
        /// The PIN of now or the code that stands in for it, then a new PIN, and the same again.
        case currentAndNew
    }

    /// CLA, INS, P1 and P2 of the command.
    public let header: CommandHeader
    /// What is typed.
    public let secrets: Secrets
    /// How many characters a PIN may have, which are bytes of ASCII.
    public let lengths: ClosedRange<Int>
    /// How many bytes each PIN has in the command, filled up with FF; nil where they stand there as they are, one after
    /// the other.
    public let blockSize: UInt8?

    /// An entry of a card's command.
    public init(_ header: CommandHeader, _ secrets: Secrets, lengths: ClosedRange<Int>, blockSize: UInt8? = nil) {
        self.header = header
        self.secrets = secrets
        self.lengths = lengths
        self.blockSize = blockSize
    }
}
