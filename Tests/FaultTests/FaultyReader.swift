import ISO7816
import Platform
import TestSupport
import Token
import VirtualCard
import Wiring

/// A reader with a simulated card in it, to which something happens at one command.
final class FaultyReader: TokenSource, @unchecked Sendable {
    let card: VirtualCard
    private let other: [UInt8]
    private let milliseconds = Guarded(1_000_000)
    /// The card's stay in the reader, and whether it lasts.
    fileprivate private(set) var stay: UInt64 = 1
    private var isPresent = true
    /// How often the card was reset with the system knowing.
    fileprivate private(set) var resets = 0
    private var fault: (Fault, index: Int)?
    /// How each answer is changed on its way, given its command.
    var distortion: (_ command: [UInt8], _ answer: [UInt8]) -> [UInt8] = { $1 }
    /// What the card says that it is.
    var answerToReset: [UInt8]
    /// The answer of a card that gives the same answer to every command.
    private var lasting: [UInt8]?
    /// What the card answered last.
    private var previous: [UInt8] = [0x6D, 0x00]
    /// The card that is taken for this one.
    private let twin: VirtualCard?
    /// The command at which the fault happened.
    private(set) var struck: [UInt8]?
    /// How many commands were sent since the fault was set.
    private(set) var sent = 0
    /// How many of all commands had a PIN in them.
    private(set) var pinsSent = 0
    /// What the module has written to its trace.
    let trace = Guarded<[String]>([])
    /// Whether it does.
    private let isTraced: Bool

    /// - Parameters:
    ///   - other: the application (AID) that another program selects.
    ///   - twin: the card that is taken for this one.
    init(_ card: VirtualCard, other: [UInt8], twin: VirtualCard? = nil, isTraced: Bool = false) {
        self.card = card
        self.twin = twin
        self.isTraced = isTraced
        self.other = other
        answerToReset = card.answerToReset
        card.reset()
    }

    /// Sets a fault at the command of this index, counted from now.
    func set(_ fault: Fault, at index: Int) {
        self.fault = (fault, index)
        sent = 0
    }

    /// Removes the fault: the card is in the reader and answers, and some time has passed.
    ///
    /// - Parameter isAnew: whether the card is pulled out and put in for it. One that is out is put in anyway.
    func mend(puttingIn isAnew: Bool) {
        fault = nil
        lasting = nil
        sent = 0
        if isAnew || !isPresent { stay += 1 }
        isPresent = true
        milliseconds.withLock { $0 += 11_000 }
    }

    func readers() -> [ReaderPresence] { [ReaderPresence(name: "reader", insertion: isPresent ? stay : nil)] }

    func waitForChange(since known: [ReaderPresence]) -> Bool { false }

    func stopWaiting() {}

    func now() -> Int { milliseconds.withLock { $0 } }

    func openCard(in reader: String, isPatient: Bool) throws(TokenError) -> CardContents {
        guard isPresent else { throw .removed }
        let trace = isTraced ? CardTrace { [trace] line in trace.withLock { $0.append(line) } } : nil
        return try CardApplications.open(Card(channel: Connection(self), trace: trace), clock: { [self] in now() })
    }

    /// Lets another program do what it does before the first transaction that begins after so many commands.
    fileprivate func letOthersIn() {
        guard let fault, case .foreign(let deed, let isTold) = fault.0, sent >= fault.index else { return }
        self.fault = nil
        deed.act(on: card)
        if isTold { resets += 1 }
    }

    fileprivate func isHere(_ stay: UInt64) -> Bool { isPresent && stay == self.stay }

    fileprivate func process(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        defer { sent += 1 }
        let command = command.withUnsafeBytes { [UInt8]($0) }
        if command.count > 5, [0x20, 0x24, 0x2C].contains(command[1]) { pinsSent += 1 }
        if let lasting { return lasting }
        let last = previous
        guard let fault, fault.index == sent || fault.0.lasts(from: fault.index, to: sent) else {
            previous = card.process(command)
            return distortion(command, previous)
        }
        if fault.index == sent { struck = command }
        switch fault.0 {
        case .removedBefore:
            try remove(.removed)
        case .removedAfter:
            _ = card.process(command)
            try remove(.removed)
        case .readerUnplugged: try remove(.readerUnavailable)
        case .serviceEnded: try remove(.serviceUnavailable)
        case .held: throw .heldByAnother
        case .unpowered:
            card.reset()
            throw .unresponsive
        case .slow: milliseconds.withLock { $0 += 5000 }
        case .reset:
            card.reset()
            resets += 1
            throw .transmissionFailed
        case .unseenPowerCycle: card.reset()
        // In a transaction nobody else reaches the card.
        case .foreign: break
        case .otherApplication:
            _ = card.process([0x00, 0xA4, 0x04, 0x00, UInt8(other.count)] + other)
        case .commandLost: throw .transmissionFailed
        case .answerLost:
            _ = card.process(command)
            throw .transmissionFailed
        case .status(let status): return Self.bytes(status)
        case .forever(let status):
            let answer = (status == 0x6101 ? [0] : []) + Self.bytes(status)
            lasting = answer
            return answer
        case .noBytes, .oneByte, .truncated, .garbage, .flood, .scrambled:
            return try Self.distorted(card.process(command), fault.0)
        case .answerTwice where sent == fault.index: break
        case .previousAnswer, .answerTwice, .lagging:
            previous = card.process(command)
            return last
        case .commandTwice: _ = card.process(command)
        case .anotherCard:
            guard let twin else { break }
            return twin.process(command)
        }
        previous = card.process(command)
        return previous
    }

    private static func distorted(_ answer: [UInt8], _ fault: Fault) throws(ChannelError) -> [UInt8] {
        switch fault {
        case .truncated where answer.count > 4: Array(answer.prefix(answer.count / 2)) + [0x90, 0x00]
        case .garbage: (0..<UInt8(77)).map { $0 &* 151 &+ 43 } + [0x90, 0x00]
        case .flood: [UInt8](repeating: 0x7F, count: 70_000) + [0x90, 0x00]
        case .scrambled where answer.count > 34:
            answer.dropLast(26) + (0..<UInt8(24)).map { $0 &* 73 &+ 21 } + answer.suffix(2)
        case .scrambled: answer
        // As `PCSCChannel` does.
        default: throw .malformedAnswer
        }
    }

    private func remove(_ error: ChannelError) throws(ChannelError) {
        isPresent = false
        card.reset()
        throw error
    }

    private static func bytes(_ status: UInt16) -> [UInt8] { [UInt8(status >> 8), UInt8(status & 0xFF)] }
}

extension Fault {
    /// Whether it goes on after the command at which it began.
    fileprivate func lasts(from index: Int, to sent: Int) -> Bool {
        switch self {
        case .answerTwice: sent == index + 1
        case .lagging: sent >= index
        default: false
        }
    }
}

/// What one opening of the card has of it.
private final class Connection: CardChannel {
    let answerToReset: [UInt8]
    let limits = ChannelLimits(transmissionProtocol: .t1)
    private let reader: FaultyReader
    private let stay: UInt64
    private var knownResets: Int

    init(_ reader: FaultyReader) {
        self.reader = reader
        answerToReset = reader.answerToReset
        stay = reader.stay
        knownResets = reader.resets
    }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        reader.letOthersIn()
        guard reader.isHere(stay) else { throw .removed }
        defer { knownResets = reader.resets }
        return knownResets == reader.resets ? .kept : .reset
    }

    func endTransaction() {}

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        guard reader.isHere(stay) else { throw .removed }
        return try reader.process(command)
    }
}
