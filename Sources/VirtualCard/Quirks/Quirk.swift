import APDU

/// One way in which a real card differs from its specification: a small piece that bends what the simulated card
/// answers. Each is a second reading of public code, reports and trials, and says which.
public struct Quirk: Hashable, Sendable, CustomStringConvertible {
    /// The name on the command line.
    public let name: String
    /// What the card does, in one line.
    public let summary: String
    /// Which cards do it, and where that is known from.
    public let source: String
    let bends: [Bend]

    /// A quirk of this name. Names are unique.
    init(_ name: String, _ summary: String, source: String, _ bends: Bend...) {
        self.name = name
        self.summary = summary
        self.source = source
        self.bends = bends
    }

    /// The name.
    public var description: String { name }

    /// Whether both have the same name.
    public static func == (one: Self, other: Self) -> Bool { one.name == other.name }

    /// Feeds the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// Where a quirk takes hold.
    enum Bend: Sendable {
        /// Looks at a message before it is parsed; an answer in place of the card's, or nil.
        case message(@Sendable (_ bytes: [UInt8]) -> [UInt8]?)
        /// Looks at a whole command before an application does; an answer in place of the application's, or nil.
        case command(@Sendable (_ situation: Situation, _ command: CommandAPDU) -> ResponseAPDU?)
        /// Looks at what an application has answered; what goes out.
        case answer(
            @Sendable (_ situation: Situation, _ command: CommandAPDU, _ answer: ResponseAPDU) -> ResponseAPDU)
        /// The most bytes of an answer that go out at once, whatever Le says.
        case longestAnswer(Int)
        /// What a new card has or lacks.
        case personalisation(@Sendable (_ state: inout CardState) -> Void)
    }

    /// What a quirk sees of the card.
    struct Situation {
        /// The selected application, after the command in the case of an answer.
        let application: (any CardApplication)?

        /// The PIV application, where it is selected.
        var piv: PIVApplication? { application as? PIVApplication }
        /// The OpenPGP application, where it is selected.
        var openPGP: OpenPGPApplication? { application as? OpenPGPApplication }

        /// The command to PIV, parsed; nil where it is none.
        func pivCommand(_ command: CommandAPDU) -> PIVCommand? {
            piv == nil ? nil : try? PIVCommand(command)
        }

        /// The command to OpenPGP, parsed; nil where it is none.
        func openPGPCommand(_ command: CommandAPDU) -> OpenPGPCommand? {
            openPGP == nil ? nil : try? OpenPGPCommand(command)
        }
    }

    /// An answer of a status word alone.
    static func refuse(_ status: UInt16) -> ResponseAPDU { ResponseAPDU(status: StatusWord(rawValue: status)) }

    /// A status word in a name: "6a80".
    static func digits(_ status: UInt16) -> String {
        hexadecimal([UInt8(status >> 8), UInt8(status & 0xFF)])
    }
}

extension Quirk {
    /// All quirks, by topic.
    public static let all: [Quirk] =
        selection + readingObjects + certificates + verification + keyUse + metadata + transport + identification
        + openPGPData + openPGPUse + securityKeys

    /// The quirk of this name.
    public init?(named name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// What a list of quirks does to a card.
struct QuirkSet {
    private let bends: [Quirk.Bend]

    init(_ quirks: [Quirk]) { bends = quirks.flatMap(\.bends) }

    /// The answer that a message gets in place of the card's.
    func answer(toMessage bytes: [UInt8]) -> [UInt8]? {
        for bend in bends {
            if case .message(let bend) = bend, let answer = bend(bytes) { return answer }
        }
        return nil
    }

    /// The answer that a command gets in place of the application's.
    func answer(to command: CommandAPDU, of application: (any CardApplication)?) -> ResponseAPDU? {
        let situation = Quirk.Situation(application: application)
        for bend in bends {
            if case .command(let bend) = bend, let answer = bend(situation, command) { return answer }
        }
        return nil
    }

    /// What goes out for an answer, bent by one quirk after the other.
    func bent(
        _ answer: ResponseAPDU, to command: CommandAPDU, of application: (any CardApplication)?
    ) -> ResponseAPDU {
        let situation = Quirk.Situation(application: application)
        return bends.reduce(answer) { answer, bend in
            guard case .answer(let bend) = bend else { return answer }
            return bend(situation, command, answer)
        }
    }

    /// A command as far as its answer's length goes.
    func limited(_ command: CommandAPDU) -> CommandAPDU {
        var command = command
        for bend in bends {
            if case .longestAnswer(let limit) = bend {
                command.ne = command.ne == 0 ? limit : min(command.ne, limit)
            }
        }
        return command
    }

    /// Gives a new card what its quirks say.
    func personalise(_ state: inout CardState) {
        for bend in bends {
            if case .personalisation(let bend) = bend { bend(&state) }
        }
    }
}
