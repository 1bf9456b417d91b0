import ISO7816

/// A card whose answers are given: one after the other, whatever the commands are.
///
/// The bytes begin with one for the card's kind. One kind knows the management key, and proves it in the answers' stead. Then come the answers, each behind its length in two bytes, big-endian.
/// A length from FF00 on stands for something else: a failure of the channel, or a reset before the next transaction.
/// After the last answer the card is gone.
public final class AnswersChannel: CardChannel {
    /// That of a YubiKey, or one without historical bytes.
    public let answerToReset: [UInt8]
    /// As the card's kind says.
    public let limits: ChannelLimits
    private var rest: ArraySlice<UInt8>
    private let source: (any CardChannel)?
    /// The bytes that would have brought the same answers.
    public private(set) var record: [UInt8]
    private var isReset = false
    private let manager: KnownManagementKey?
    /// The PINs, by their references (P2), that were refused since the user last gave one.
    private var refused: Set<UInt8> = []
    /// How many signatures, plaintexts or shared secrets came out, for a test that wants to know how far it went.
    public internal(set) var results = 0

    /// Lengths that are none.
    private enum Event {
        static let first = 0xFF00
        static let reset = 0xFF80
        static let failures: [ChannelError] = [
            .transmissionFailed, .removed, .readerUnavailable, .serviceUnavailable, .heldByAnother, .unresponsive,
            .malformedAnswer, .answerTooLong, .serviceError(0x8010_0001),
        ]
    }

    /// A card of these answers.
    public init(_ bytes: [UInt8]) {
        (answerToReset, limits) = Self.kind(bytes.first ?? 0)
        rest = bytes.dropFirst()
        record = bytes
        source = nil
        manager = (bytes.first ?? 0) & 8 == 0 ? nil : KnownManagementKey()
    }

    /// A card whose answers another one gives. They are recorded: that is where a corpus begins.
    public init(recording source: any CardChannel) {
        let kind: UInt8 = source.limits.transmissionProtocol == .t1 ? 8 : 11
        (answerToReset, limits) = Self.kind(kind)
        rest = []
        record = [kind]
        self.source = source
        manager = nil
    }

    /// Bit 1: no historical bytes, else those of a YubiKey, which tell of extended length. Bit 2: T=0. Bit 3: a reader for
    /// short APDUs. Bit 4: the management key is known.
    private static func kind(_ bits: UInt8) -> ([UInt8], ChannelLimits) {
        let yubiKey: [UInt8] = [
            0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57, 0x59, 0x75, 0x62,
            0x69, 0x4B, 0x65, 0x79, 0x40,
        ]
        let limits = ChannelLimits(
            transmissionProtocol: bits & 2 == 0 ? .t1 : .t0, maximumCommandSize: bits & 4 == 0 ? nil : 261)
        return (bits & 1 == 0 ? yubiKey : [0x3B, 0x00], limits)
    }

    /// Says that the user gives a PIN now: one try may be spent.
    func userGivesPIN() { refused = [] }

    /// Sends nothing; whether the card was reset, the bytes say.
    public func beginTransaction() throws(ChannelError) -> CardContinuity {
        if let source { return try source.beginTransaction() }
        defer { isReset = false }
        return isReset ? .reset : .kept
    }

    /// Does nothing.
    public func endTransaction() {}

    /// The next answer, whatever the command is.
    public func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let command = command.withUnsafeBytes { [UInt8]($0) }
        let holdsPIN = command.count > 5 && command[1] == 0x20
        precondition(!holdsPIN || !refused.contains(command[3]), "a PIN was sent again after its refusal")
        if let proof = manager?.answer(to: command) { return proof }
        guard let answer = try next(command) else { throw .removed }
        guard answer.count >= 2 else { throw .malformedAnswer }
        let isRefusal = answer[answer.count - 2] == 0x63 || answer.suffix(2) == [0x69, 0x83]
        if holdsPIN, isRefusal { refused.insert(command[3]) }
        return answer
    }

    private func next(_ command: [UInt8]) throws(ChannelError) -> [UInt8]? {
        if let source {
            let answer = try source.transmit(command.span.bytes)
            if !KnownManagementKey.isProof(command) {
                record += [UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)] + answer
            }
            return answer
        }
        while rest.count >= 2 {
            let length = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
            guard length >= Event.first else {
                defer { rest = rest.dropFirst(length) }
                return Array(rest.prefix(length))
            }
            guard length < Event.reset else {
                isReset = true
                continue
            }
            throw Event.failures[(length - Event.first) % Event.failures.count]
        }
        return nil
    }
}
