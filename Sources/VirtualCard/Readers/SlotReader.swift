/// A reader with one card, as the program sees it that the reader is connected to: bytes come and bytes go, in whatever pieces.
/// Who owns the connection calls it, from one thread at a time.
public protocol SlotReader {
    /// A connection is there, a new one each time; what goes out first.
    mutating func open() -> [UInt8]

    /// Bytes have come; what goes back.
    /// - Throws: where the other end does not speak the protocol: the connection is to be closed.
    mutating func receive(_ bytes: [UInt8]) throws(ReaderError) -> [UInt8]

    /// The card is pulled out; what goes out, or nil where the connection ends until the card is back.
    mutating func pullOut() -> [UInt8]?

    /// The card is put back; what goes out.
    mutating func putBack() -> [UInt8]
}

/// Why a connection cannot go on.
public enum ReaderError: Error, Equatable, CustomStringConvertible {
    /// A message says that it has so many bytes.
    case messageTooLong(Int)
    /// A message is not what its protocol says.
    case malformed(String)
    /// The other end takes no reader.
    case readerRefused(code: UInt32)

    /// For the person who started the program.
    public var description: String {
        switch self {
        case .messageTooLong(let count): "a message of \(count) bytes is too long"
        case .malformed(let what): "\(what) is malformed"
        case .readerRefused(let code): "the reader is refused with code \(code)"
        }
    }
}

/// A card that waits for a reader, and who is told of what it does.
public struct CardSlot {
    private let card: any PoweredCard
    /// What kind of card it is; nil for one that answers from a record.
    let profile: CardProfile?
    private let record: (_ command: [UInt8], _ answer: [UInt8]) -> Void

    /// - Parameter record: gets each command, and the card's answer to it.
    public init(card: VirtualCard, record: @escaping (_ command: [UInt8], _ answer: [UInt8]) -> Void = { _, _ in }) {
        self.card = card
        profile = card.profile
        self.record = record
    }

    /// The same for a card that was recorded elsewhere. It goes into a slot of vpcd.
    public init(replaying card: ReplayedCard, record: @escaping (_ command: [UInt8], _ answer: [UInt8]) -> Void) {
        self.card = card
        profile = nil
        self.record = record
    }

    /// A slot of vpcd, pcscd's virtual reader.
    public var inVPCD: any SlotReader { VPCDReader(slot: self) }

    /// A token in a USB port that QEMU's device usb-redir has; nil for a card that does not speak T=1.
    public var inUSBPort: (any SlotReader)? { USBRedirection(slot: self) }

    /// A card in QEMU's own reader, ccid-card-passthru; nil for a card that does not speak T=0.
    public var inVSCardReader: (any SlotReader)? { VSCardReader(slot: self) }

    var answerToReset: [UInt8] { card.answerToReset }

    func reset() { card.reset() }

    func process(_ command: [UInt8]) -> [UInt8] {
        let answer = card.process(command)
        record(command, answer)
        return answer
    }
}
