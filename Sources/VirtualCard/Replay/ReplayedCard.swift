import APDU
import CardRecord
import Keys

/// A card that answers as another one did: from a record, with keys of its own behind the public keys that stand in it, so that
/// its signatures verify. It takes any PIN, and nothing that is written to it stays. Used from one thread at a time.
public final class ReplayedCard: PoweredCard {
    /// See `PoweredCard`.
    public let answerToReset: [UInt8]
    private let commands: [CardRecord.WholeCommand]
    private let keys: ReplayedKeys
    /// Where in the record the last answer stands.
    private var place = -1
    private var chain = CommandChain(limit: 65_535)
    private var framing = ResponseFraming(isT0: false)
    private var isOpenPGP = false
    private let isRecordOfOpenPGP: [Bool]

    /// A card for a record; the keys are made here, which takes a second or more for each of RSA.
    ///
    /// - Throws: where libcrypto cannot make them.
    public init(_ record: CardRecord) throws {
        keys = try ReplayedKeys(record)
        let record = keys.put(into: record)
        answerToReset = record.answerToReset
        commands = record.commands
        var isOpenPGP = false
        isRecordOfOpenPGP = commands.map { command in
            if command.isSelection, command.status == .success { isOpenPGP = command.selectsOpenPGP }
            return isOpenPGP
        }
    }

    /// See `PoweredCard`: the application is to be selected again, as at the record's beginning.
    public func reset() {
        chain.drop()
        framing.drop()
        place = -1
        isOpenPGP = false
    }

    /// See `PoweredCard`; no byte where the card gave no answer.
    public func process(_ bytes: [UInt8]) -> [UInt8] {
        guard let command = CommandAPDU(parsing: bytes) else { return ResponseAPDU(status: .wrongLength).encoded }
        if command.header.ins == 0xC0, command.header.cla & 0x7F == 0 { return framing.next(for: command).encoded }
        framing.drop()
        switch chain.take(command) {
        case .more: return ResponseAPDU(status: .success).encoded
        case .tooLong: return ResponseAPDU(status: .wrongLength).encoded
        case .whole(let whole): return answer(whole)?.encoded ?? []
        }
    }

    private func answer(_ command: CommandAPDU) -> ResponseAPDU? {
        let isKeyUse = keys.uses(command.header, isOpenPGP: isOpenPGP)
        let found =
            next { recorded in
                recorded.header == command.header && (recorded.isHidden || isKeyUse || recorded.data == command.data)
                    && (recorded.isExtended == command.isExtended || isKeyUse)
            } ?? next { $0.header == command.header && $0.data == command.data && !$0.isHidden }
        guard let found else {
            guard isKeyUse else { return unrecorded(command) }
            return framing.frame(keys.answer(command, isOpenPGP: isOpenPGP), to: command)
        }
        place = found
        let recorded = commands[found]
        if recorded.isSelection, recorded.status == .success { isOpenPGP = recorded.selectsOpenPGP }
        guard let status = recorded.status else { return nil }
        if isKeyUse, status == .success {
            return framing.frame(keys.answer(command, isOpenPGP: isOpenPGP), to: command)
        }
        guard recorded.hiddenAnswer == 0 else { return ResponseAPDU(status: .notFound) }
        var limited = command
        if let size = recorded.pieceSize { limited.ne = min(size, command.ne == 0 ? size : command.ne) }
        return framing.frame(ResponseAPDU(data: recorded.answer, status: status), to: limited)
    }

    /// The first place behind the last one that fits, else the last one before it, with the same application selected.
    private func next(_ fits: (CardRecord.WholeCommand) -> Bool) -> Int? {
        func fitsHere(_ index: Int) -> Bool {
            (commands[index].isSelection || isRecordOfOpenPGP[index] == isOpenPGP) && fits(commands[index])
        }
        return commands.indices.dropFirst(place + 1).first(where: fitsHere)
            ?? commands.indices.prefix(place + 1).last(where: fitsHere)
    }

    /// What was never asked of the card: there is no such object, no such command; the PIN is right.
    private func unrecorded(_ command: CommandAPDU) -> ResponseAPDU {
        switch command.header.ins {
        case 0x20: ResponseAPDU(status: command.data.isEmpty ? StatusWord(rawValue: 0x63C3) : .success)
        case 0xA4, 0xCB: ResponseAPDU(status: .notFound)
        case 0xCA, 0xF7: ResponseAPDU(status: .referenceNotFound)
        default: ResponseAPDU(status: .instructionNotSupported)
        }
    }
}

extension CardRecord.WholeCommand {
    /// SELECT by name.
    var isSelection: Bool { header.ins == 0xA4 && header.p1 == 0x04 }

    var selectsOpenPGP: Bool { data.starts(with: [0xD2, 0x76, 0x00, 0x01, 0x24]) }
}
