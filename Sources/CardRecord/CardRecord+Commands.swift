import APDU

/// A record as whole commands and answers: chains joined, pieces fetched with GET RESPONSE put together (ISO/IEC 7816-4,
/// sections 5.3.3 and 11.7.1).
extension CardRecord {
    /// One whole command.
    public struct WholeCommand: Hashable, Sendable {
        /// CLA (without the chaining bit), INS, P1 and P2.
        public var header: CommandHeader
        /// The data field; none where it is hidden.
        public var data: [UInt8]
        /// Whether the data field is left out.
        public var isHidden: Bool
        /// Whether it had length fields of the extended form.
        public var isExtended: Bool
        /// The answer's data field; none where it is hidden.
        public var answer: [UInt8]
        /// How many bytes of the answer are left out.
        public var hiddenAnswer: Int
        /// The last status word; nil where no answer came.
        public var status: StatusWord?
        /// The length of the answer's first piece, where it came in pieces.
        public var pieceSize: Int?
        fileprivate var range: Range<Int>
    }

    /// All of them, in order.
    public var commands: [WholeCommand] {
        var found: [WholeCommand] = []
        var index = 0
        while index < exchanges.count {
            let command = wholeCommand(at: index)
            found.append(command)
            index = command.range.upperBound
        }
        return found
    }

    private func wholeCommand(at start: Int) -> WholeCommand {
        var index = start
        var data: [UInt8] = []
        var last = Self.parts(exchanges[start])
        while Self.isChained(exchanges[index]), exchanges[index].answer == [0x90, 0x00], index + 1 < exchanges.count,
            Self.parts(exchanges[index + 1]).header == last.header
        {
            data += last.data
            index += 1
            last = Self.parts(exchanges[index])
        }
        let isHidden = exchanges[start...index].contains { $0.hiddenCommand > 0 }
        let end = exchanges[index]
        var whole = WholeCommand(
            header: last.header, data: isHidden ? [] : data + last.data, isHidden: isHidden,
            isExtended: last.isExtended, answer: end.answer.dropLast(2), hiddenAnswer: end.hiddenAnswer,
            status: ResponseAPDU(parsing: end.answer)?.status, range: start..<index + 1)
        while whole.status?.bytesWaiting != nil, index + 1 < exchanges.count, exchanges[index + 1].isGetResponse {
            index += 1
            if whole.pieceSize == nil { whole.pieceSize = whole.answer.count + whole.hiddenAnswer }
            whole.answer += exchanges[index].answer.dropLast(2)
            whole.hiddenAnswer += exchanges[index].hiddenAnswer
            whole.status = ResponseAPDU(parsing: exchanges[index].answer)?.status
            whole.range = start..<index + 1
        }
        return whole
    }

    private static func isChained(_ exchange: Exchange) -> Bool {
        exchange.command[0] & CommandHeader.chainingBit != 0
    }

    private static func parts(_ exchange: Exchange) -> (header: CommandHeader, data: [UInt8], isExtended: Bool) {
        let bytes = exchange.command
        let header = CommandHeader(
            cla: bytes[0] & ~CommandHeader.chainingBit, ins: bytes[1], p1: bytes[2], p2: bytes[3])
        guard exchange.hiddenCommand == 0, let command = CommandAPDU(parsing: bytes) else {
            return (header, Array(bytes.dropFirst(4)), exchange.hiddenCommand > 262)
        }
        return (header, command.data, command.isExtended)
    }

    // MARK: Writing anew

    /// The record with other data fields: what `change` makes of each whole command. A command's data keep their length. An
    /// answer may grow or shrink; its pieces stay as long as they were.
    public func rewritten(
        _ change: (WholeCommand) -> (data: [UInt8], answer: [UInt8])
    ) -> CardRecord {
        var record = self
        record.exchanges = commands.flatMap { command -> [Exchange] in
            let (data, answer) = change(command)
            return rewritten(command, data, answer)
        }
        return record
    }

    private func rewritten(_ command: WholeCommand, _ data: [UInt8], _ answer: [UInt8]) -> [Exchange] {
        var sent = Array(exchanges[command.range])
        var fetches: [Exchange] = []
        while sent.count > 1, sent[sent.count - 1].isGetResponse { fetches.insert(sent.removeLast(), at: 0) }
        var rest = data[...]
        for index in sent.indices where sent[index].hiddenCommand == 0 {
            let own = Self.parts(sent[index]).data.count
            sent[index].command = Self.command(sent[index].command, with: Array(rest.prefix(own)))
            rest = rest.dropFirst(own)
        }
        guard command.hiddenAnswer == 0, let status = command.status, let last = sent.popLast() else {
            return sent + fetches
        }
        let limit = command.pieceSize ?? (command.isExtended ? 65_536 : max(256, command.answer.count))
        var answered = [last] + fetches
        var left = answer[...]
        for index in 0... {
            if index == answered.count { answered.append(Exchange(command: [0x00, 0xC0, 0x00, 0x00, 0x00])) }
            let piece = left.prefix(max(limit, 1))
            left = left.dropFirst(piece.count)
            let more = StatusWord(rawValue: 0x6100 | UInt16(left.count >= 256 ? 0 : left.count))
            answered[index].answer = ResponseAPDU(data: Array(piece), status: left.isEmpty ? status : more).encoded
            if left.isEmpty { return sent + answered[...index] }
        }
        return sent
    }

    /// A command with other data of the same length.
    private static func command(_ bytes: [UInt8], with data: [UInt8]) -> [UInt8] {
        guard var command = CommandAPDU(parsing: bytes) else { return Array(bytes.prefix(4)) + data }
        command.data = data
        return command.encoded
    }
}

extension CardRecord.Exchange {
    fileprivate var isGetResponse: Bool { command[0] & 0x7F == 0 && command[1] == 0xC0 }
}
