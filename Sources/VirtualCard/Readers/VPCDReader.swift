/// A slot of vpcd, the virtual reader of the vsmartcard project: messages of two bytes of length, big-endian, and so many bytes.
/// One byte alone is a control message, everything else a command APDU. A card that is out has no connection.
struct VPCDReader: SlotReader {
    private let slot: CardSlot
    private var buffer = MessageBuffer()

    init(slot: CardSlot) { self.slot = slot }

    mutating func open() -> [UInt8] {
        slot.reset()
        buffer = MessageBuffer()
        return []
    }

    mutating func receive(_ bytes: [UInt8]) throws(ReaderError) -> [UInt8] {
        buffer.append(bytes)
        var answers: [UInt8] = []
        while let message = try buffer.next(headerCount: 2, length: { Int($0[0]) << 8 | Int($0[1]) }) {
            guard let answer = answer(Array(message.dropFirst(2))) else { continue }
            answers += UInt16(truncatingIfNeeded: Swift.min(answer.count, 0xFFFF)).bigEndianBytes
            answers += answer.prefix(0xFFFF)
        }
        return answers
    }

    mutating func pullOut() -> [UInt8]? { nil }

    mutating func putBack() -> [UInt8] { [] }

    /// What goes back for a message; nil where nothing does.
    private func answer(_ message: [UInt8]) -> [UInt8]? {
        guard message.count == 1 else {
            let answer = slot.process(message)
            // vpcd waits without end for the bytes of an answer that has none; one byte is none to PC/SC, too.
            return answer.isEmpty ? [0x00] : answer
        }
        switch message[0] {
        case Control.powerOff, Control.powerOn, Control.reset: slot.reset()
        case Control.answerToReset: return slot.answerToReset
        default: break
        }
        return nil
    }

    /// The control messages of vpcd (its README, "Virtual Smart Card").
    private enum Control {
        static let powerOff: UInt8 = 0
        static let powerOn: UInt8 = 1
        static let reset: UInt8 = 2
        static let answerToReset: UInt8 = 4
    }
}
