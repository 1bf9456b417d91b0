import ISO7816
import VirtualCard

/// A fault at one command.
enum Fault: Hashable, Sendable {
    /// The card is pulled out before the command reaches it, or after it was done.
    case removedBefore, removedAfter
    /// The card is reset in place of the command, and the channel reports it.
    case reset
    /// The card loses its power and gets it again, and nothing reports it.
    case unseenPowerCycle
    /// Another application is selected, and nothing reports it.
    case otherApplication
    /// The reader loses the command, or the answer.
    case commandLost, answerLost
    /// The reader is unplugged with the card in it, or pcscd ends, as it also looks after the machine was suspended; both
    /// come back when all is mended.
    case readerUnplugged, serviceEnded
    /// Another program holds the card, or the card has no power, once.
    case held, unpowered
    /// The card takes five seconds.
    case slow
    /// The card refuses.
    case status(UInt16)
    /// From here on the card gives this answer to every command, until the fault is removed.
    case forever(UInt16)
    /// Another program does something to the card between two transactions, and resets it; the system tells of the reset, or
    /// not.
    case foreign(ForeignDeed, isTold: Bool)
    /// The card does the command, and other bytes come back.
    case noBytes, oneByte, truncated, garbage, flood
    /// The card does the command, and the answer is as long as it should be and well formed; its last bytes are others.
    case scrambled
    /// The card does the command, and the answer to the one before comes back; or its answer comes for the next command too; or
    /// from here on each answer is the one to the command before.
    case previousAnswer, answerTwice, lagging
    /// The card does the command twice; the second answer comes back.
    case commandTwice
    /// For this one command another card lies in the reader: of the same kind, with the same PINs and other keys.
    case anotherCard

    static let all: [Fault] =
        [.removedBefore, .removedAfter, .reset, .unseenPowerCycle, .otherApplication, .commandLost, .answerLost]
        + [.readerUnplugged, .serviceEnded, .held, .unpowered, .slow]
        + [0x6F00, 0x6982, 0x6983, 0x6985, 0x6A80, 0x6A82, 0x6D00, 0x6E00, 0x63C2, 0x9000].map { .status($0) }
        + [0x6101, 0x6C01, 0x6F00].map { .forever($0) } + [.noBytes, .oneByte, .truncated, .garbage, .flood]
        + between

    /// What happens between commands, or to an answer so that it looks right.
    static let between: [Fault] = [
        .scrambled, .previousAnswer, .answerTwice, .lagging, .commandTwice, .anotherCard,
    ]

    var name: String {
        switch self {
        case .status(let status): "status \(String(status, radix: 16, uppercase: true))"
        case .forever(let status): "\(String(status, radix: 16, uppercase: true)) for ever"
        default: "\(self)"
        }
    }

    /// Whether a card with this fault at this command shows one application without the other until it is put in anew: it
    /// says that it has no such application.
    func hidesApplication(at index: Int) -> Bool {
        switch self {
        case .status(0x6A82), .lagging: index < 3
        default: false
        }
    }
}
