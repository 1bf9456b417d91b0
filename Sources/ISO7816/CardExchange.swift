import APDU
import Platform

/// Which parts of a command and its answer are secret: they are wiped after use and no trace shows them.
public struct Secrecy: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The command's data is secret: a PIN, a key.
    public static let command = Secrecy(rawValue: 1)
    /// The answer's data is secret: a decrypted message, a shared secret.
    public static let answer = Secrecy(rawValue: 2)
}

/// The card while a transaction lasts: sends whole commands and returns whole answers.
///
/// Chaining, GET RESPONSE (61xx), a wrong Le (6Cxx) and the choice between short and extended APDUs are done here
/// and nowhere else (ISO/IEC 7816-4, sections 5.3 and 5.4; ISO/IEC 7816-3, section 12). Every loop is bounded in
/// rounds and in bytes.
public final class CardExchange {
    /// The most bytes an answer may have over all its parts.
    public static let maximumAnswer = 65_536
    /// The most GET RESPONSE commands for one answer: as many as 64 KiB need, and some.
    public static let maximumRounds = 264
    /// The most milliseconds that all GET RESPONSE commands for one answer may take.
    static let maximumTime = 10_000
    /// The most of them that may bring less than a quarter of what one can: a card that says for ever that there is one
    /// more byte is not waited for.
    private static let maximumShortRounds = 16

    private let channel: any CardChannel
    private let trace: CardTrace?
    private let limits: ChannelLimits
    private let clock: () -> Int
    private var extended: ExtendedLength
    /// The AID that this process selected last, or nil where the card was reset since or nothing was selected.
    /// Another program may have selected another one in the meantime: only the card's answers tell.
    public private(set) var selectedApplication: [UInt8]?
    /// Counts the moments at which the card forgot its security status as far as this process knows: resets, and
    /// selections of another application. A PIN verified in an earlier epoch is verified no more.
    public private(set) var epoch: UInt64 = 0
    /// Whether a reset was reported when the transaction began; it may still be about to happen.
    private var mayStillBeReset = false

    /// - Parameter clock: milliseconds.
    init(channel: any CardChannel, trace: CardTrace?, clock: @escaping () -> Int = MonotonicClock.milliseconds) {
        self.channel = channel
        self.trace = trace
        self.clock = clock
        limits = channel.limits
        extended = ExtendedLength(channel.limits, answerToReset: channel.answerToReset)
    }

    /// Notes that a transaction has begun.
    func noteBeginning(_ continuity: CardContinuity) {
        mayStillBeReset = continuity == .reset
        if mayStillBeReset { forgetState() }
    }

    /// Whether the card may have answered so because a reset has come just now: pcscd tells of another program's reset a
    /// moment before it resets the card, so that the reset may come within the transaction that began with the news. No
    /// application then knows the command, which was not carried out: a PIN in it has cost no try.
    package func mayComeOfReset(_ status: StatusWord?) -> Bool {
        mayStillBeReset && (status == .instructionNotSupported || status == .classNotSupported)
    }

    /// Notes that the reset has happened that was reported when the transaction began.
    package func noteReset() {
        mayStillBeReset = false
        forgetState()
    }

    private func forgetState() {
        selectedApplication = nil
        epoch += 1
    }

    /// Forgets which application is selected, because an answer showed that another program changed it.
    public func noteForeignSelection() { forgetState() }

    /// SELECT by DF name (ISO/IEC 7816-4, section 11.2.2): the answer is the file control information.
    public func select(_ applicationIdentifier: [UInt8]) throws(ChannelError) -> ResponseAPDU {
        let header = CommandHeader(ins: 0xA4, p1: 0x04, p2: 0x00)
        let answer = try send(header, data: applicationIdentifier, ne: 256)
        if answer.status == .success {
            if selectedApplication != applicationIdentifier { epoch += 1 }
            selectedApplication = applicationIdentifier
        }
        return answer
    }

    /// Sends a command and returns the whole answer, whatever its status word.
    ///
    /// - Parameters:
    ///   - data: the data field, of any length up to 65535.
    ///   - ne: the most bytes that the answer may have: 0 for none, up to 256 for a short answer, more for one that
    ///     may be long. Where extended length does not work a long answer comes in pieces.
    public func send(
        _ header: CommandHeader, data: [UInt8] = [], ne: Int = 0, secrecy: Secrecy = []
    ) throws(ChannelError) -> ResponseAPDU {
        try send(header, secret: data.span.bytes, ne: ne, secrecy: secrecy)
    }

    /// The same with data that stays where its owner keeps it; every copy made on the way to the channel is wiped
    /// where `secrecy` says that the command is secret.
    public func send(
        _ header: CommandHeader, secret data: RawSpan, ne: Int = 0, secrecy: Secrecy = [.command]
    ) throws(ChannelError) -> ResponseAPDU {
        guard data.byteCount > 255 || ne > 256, extended.fits(data.byteCount) else {
            return try sendShort(header, data, ne, secrecy)
        }
        return header.onlyReads
            ? try read(header, data, ne, secrecy) : try change(header, data, ne, secrecy)
    }

    /// Sends a command that only reads in the extended form, and in the short one where that came to nothing.
    private func read(
        _ header: CommandHeader, _ data: RawSpan, _ ne: Int, _ secrecy: Secrecy
    ) throws(ChannelError) -> ResponseAPDU {
        let long: ResponseAPDU
        do throws(ChannelError) {
            long = try sendExtended(header, data, ne, secrecy)
        } catch {
            guard extended.mayExplain(error) else { throw error }
            guard let short = try? sendShort(header, data, ne, secrecy), !short.status.isUnknownCommand else {
                throw error
            }
            if short.status == .success { extended.isRefused = true }
            return short
        }
        guard extended.mayExplain(long) else {
            if long.status == .success { extended.isProven = true }
            return long
        }
        let short = try sendShort(header, data, ne, secrecy)
        // A card that says the same to both forms means the command and not its form.
        if short.status != long.status || short.data.count > long.data.count { extended.isRefused = true }
        return short
    }

    /// Sends a command that may change something in the extended form, and in the short one only where it surely was not
    /// carried out: too long, or not known at all. What else may have been the form's fault is taken for that, and the next
    /// command is short.
    private func change(
        _ header: CommandHeader, _ data: RawSpan, _ ne: Int, _ secrecy: Secrecy
    ) throws(ChannelError) -> ResponseAPDU {
        let long: ResponseAPDU
        do throws(ChannelError) {
            long = try sendExtended(header, data, ne, secrecy)
        } catch {
            if extended.mayExplain(error) { extended.isRefused = true }
            throw error
        }
        if long.status == .success { extended.isProven = true }
        guard extended.mayExplain(long) else { return long }
        guard long.status == .wrongLength || long.status.isUnknownCommand else {
            if !extended.isProven { extended.isRefused = true }
            return long
        }
        let short = try sendShort(header, data, ne, secrecy)
        if long.status == .wrongLength, short.status == .success {
            extended.noteTooLong(data.byteCount)
        } else if short.status != long.status {
            extended.isRefused = true
        }
        return short
    }

    private func sendExtended(
        _ header: CommandHeader, _ data: RawSpan, _ ne: Int, _ secrecy: Secrecy
    ) throws(ChannelError) -> ResponseAPDU {
        var answer = try transmitCorrectingLe(header, data, ne: extended.longest(ne), extended: true, secrecy)
        return try whole(&answer, header, secrecy)
    }

    /// Has a person type on the reader's keys what a command needs, and returns what the card makes of it.
    public func enter(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        guard let pad = channel.pinPad else { throw .pinEntryRefused }
        trace?.entry(entry)
        let bytes: [UInt8]
        do throws(ChannelError) {
            bytes = try pad.enter(entry)
        } catch {
            trace?.failure(error)
            throw error
        }
        trace?.answer(bytes, secret: false)
        guard let answer = ResponseAPDU(parsing: bytes) else { throw .malformedAnswer }
        return answer.status
    }

    /// Sends a command in as many short APDUs as it needs.
    private func sendShort(
        _ header: CommandHeader, _ data: RawSpan, _ ne: Int, _ secrecy: Secrecy
    ) throws(ChannelError) -> ResponseAPDU {
        var offset = 0
        while data.byteCount - offset > 255 {
            var link = header
            link.cla |= CommandHeader.chainingBit
            let part = data.extracting(offset..<offset + 255)
            let answer = try transmit(link, part, ne: 0, extended: false, secrecy)
            guard answer.status == .success else { return answer }
            offset += 255
        }
        let last = data.extracting(offset..<data.byteCount)
        // ISO/IEC 7816-3, section 12.1.2: a T=0 command with data has no Le; the card says 61xx.
        let sendsLe = limits.transmissionProtocol == .t1 || last.byteCount == 0
        let short = min(ne, 256)
        var answer = try transmitCorrectingLe(header, last, ne: sendsLe ? short : 0, extended: false, secrecy)
        return try whole(&answer, header, secrecy)
    }

    /// Sends a command, and once more with the right Le where the card tells it (6Cxx; ISO/IEC 7816-4, section 5.6). A
    /// secret command is not sent twice for one request: the second one could cost a second PIN try.
    private func transmitCorrectingLe(
        _ header: CommandHeader, _ data: RawSpan, ne: Int, extended: Bool, _ secrecy: Secrecy
    ) throws(ChannelError) -> ResponseAPDU {
        let answer = try transmit(header, data, ne: ne, extended: extended, secrecy)
        guard let length = answer.status.rightLength, !secrecy.contains(.command) else { return answer }
        return try transmit(header, data, ne: length, extended: extended, secrecy)
    }

    /// Fetches what the card still holds of an answer.
    ///
    /// - Parameter first: its beginning, by reference so that no second owner of a secret makes the wiping wipe a copy.
    private func whole(
        _ first: inout ResponseAPDU, _ header: CommandHeader, _ secrecy: Secrecy
    ) throws(ChannelError) -> ResponseAPDU {
        guard let waiting = first.status.bytesWaiting else { return first }
        var rest: [ResponseAPDU] = []
        defer {
            if secrecy.contains(.answer) {
                first.data.wipe()
                for index in rest.indices { rest[index].data.wipe() }
            }
        }
        try fetch(
            waiting, CommandHeader(cla: header.cla, ins: 0xC0, p1: 0, p2: 0), secrecy, into: &rest,
            after: first.data.count)
        // Allocated once at its size, so that whoever wipes it wipes the only copy of a secret answer.
        var data = [UInt8]()
        data.reserveCapacity(rest.reduce(first.data.count) { $0 + $1.data.count })
        data.append(contentsOf: first.data)
        for part in rest { data.append(contentsOf: part.data) }
        return ResponseAPDU(data: data, status: rest.last?.status ?? first.status)
    }

    private func fetch(
        _ bytesWaiting: Int, _ getResponse: CommandHeader, _ secrecy: Secrecy, into parts: inout [ResponseAPDU],
        after first: Int
    ) throws(ChannelError) {
        var waiting = bytesWaiting
        var shortRounds = 0
        var count = first
        let start = clock()
        for _ in 0..<Self.maximumRounds {
            guard clock() - start < Self.maximumTime else { throw .answerTooLong }
            // The command says nothing secret, whatever it is that it fetches the answer to.
            let part = try transmitCorrectingLe(
                getResponse, RawSpan(), ne: waiting, extended: false, secrecy.subtracting(.command))
            parts.append(part)
            count += part.data.count
            if part.data.count < 64 { shortRounds += 1 }
            guard count <= Self.maximumAnswer, shortRounds <= Self.maximumShortRounds else { throw .answerTooLong }
            guard let more = part.status.bytesWaiting else { return }
            waiting = more
        }
        throw .answerTooLong
    }

    private func transmit(
        _ header: CommandHeader, _ data: RawSpan, ne: Int, extended: Bool, _ secrecy: Secrecy
    ) throws(ChannelError) -> ResponseAPDU {
        // ISO/IEC 7816-3, section 12.2.2: in T=0 a command without data and answer has a P3 of zero.
        let isCase1 = limits.transmissionProtocol == .t0 && data.byteCount == 0 && ne == 0
        var command = APDUEncoder(extended: extended).encode(header, data: data, ne: isCase1 ? 256 : ne)
        defer { if secrecy.contains(.command) { command.wipe() } }
        trace?.command(command, secret: secrecy.contains(.command))
        var bytes: [UInt8]
        do throws(ChannelError) {
            bytes = try channel.transmit(command.span.bytes)
        } catch {
            trace?.failure(error)
            throw error
        }
        defer { if secrecy.contains(.answer) { bytes.wipe() } }
        trace?.answer(bytes, secret: secrecy.contains(.answer))
        guard bytes.count <= Self.maximumAnswer + 2 else { throw .answerTooLong }
        guard let answer = ResponseAPDU(parsing: bytes) else { throw .malformedAnswer }
        return answer
    }
}
