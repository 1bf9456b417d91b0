/// A reader and the card in it, at one moment.
public struct ReaderStatus: Hashable, Sendable {
    /// The reader's name.
    public let name: ReaderName
    /// The answer to reset, at most 33 bytes; empty where no card is present or it is mute.
    public let answerToReset: [UInt8]
    /// The cards that came and went in this reader since pcscd knows it, modulo 65536.
    public let eventCounter: UInt16
    /// The number of this stay of a card in the reader, or nil where no card is present. Another card, and the same
    /// card put in again, has another number, which no card had before.
    public let insertion: UInt64?
    /// The lower half of dwEventState: SCARD_STATE_ flags.
    private let flags: UInt16

    init(_ state: ReaderState, insertion: UInt64?) {
        name = state.name
        answerToReset = state.answerToReset
        eventCounter = state.eventCounter
        flags = UInt16(truncatingIfNeeded: state.event)
        self.insertion = insertion
    }

    /// A card is in the reader (SCARD_STATE_PRESENT).
    public var isCardPresent: Bool { flags & 0x0020 != 0 }
    /// The card does not answer a reset (SCARD_STATE_MUTE): put in upside down, or broken.
    public var isMute: Bool { flags & 0x0200 != 0 }
    /// The card has no power (SCARD_STATE_UNPOWERED); connecting to it gives it power.
    public var isUnpowered: Bool { flags & 0x0400 != 0 }
    /// This or another program is connected to the card (SCARD_STATE_INUSE).
    public var isInUse: Bool { flags & 0x0100 != 0 }
    /// Another program is connected to the card and shares it with nobody (SCARD_STATE_EXCLUSIVE).
    public var isExclusive: Bool { flags & 0x0080 != 0 }
}

extension ReaderState {
    /// SCARD_STATE_CHANGED
    static let changed: UInt32 = 0x0002
    /// SCARD_STATE_UNKNOWN
    static let unknown: UInt32 = 0x0004
    /// SCARD_STATE_PRESENT
    static let present: UInt32 = 0x0020
    /// SCARD_STATE_MUTE
    static let mute: UInt32 = 0x0200

    /// The upper half of dwEventState.
    var eventCounter: UInt16 { UInt16(truncatingIfNeeded: event >> 16) }
    /// Whether a card is in the reader.
    var isCardPresent: Bool { event & Self.present != 0 }
    /// Whether pcscd knows no such reader any more.
    var isGone: Bool { event & Self.unknown != 0 }
}
