/// A card in QEMU's own reader: its device ccid-card-passthru speaks the protocol VSCard of libcacard (vscard_common.h), whose
/// numbers are big-endian.
///
/// That reader speaks T=0, one TPDU at a time, and takes no extended APDUs. It passes on neither power nor reset: the card
/// keeps what was proven to it until it is pulled out.
struct VSCardReader: SlotReader {
    private let slot: CardSlot
    private var buffer = MessageBuffer()
    private var reader: UInt32?
    private var isIn = true

    /// - Returns: nil for a card that does not speak T=0.
    init?(slot: CardSlot) {
        guard slot.profile?.isT0 == true else { return nil }
        self.slot = slot
    }

    mutating func open() -> [UInt8] {
        buffer = MessageBuffer()
        reader = nil
        slot.reset()
        return Self.message(
            .initialize, reader: Self.noReader, Self.magic + Self.version.bigEndianBytes + [0, 0, 0, 0])
    }

    mutating func receive(_ bytes: [UInt8]) throws(ReaderError) -> [UInt8] {
        buffer.append(bytes)
        var answers: [UInt8] = []
        while let message = try buffer.next(headerCount: 12, length: { Int($0.bigEndian(at: 8)) }) {
            answers += try answer(message)
        }
        return answers
    }

    mutating func pullOut() -> [UInt8]? {
        isIn = false
        return reader.map { Self.message(.cardRemove, reader: $0, []) } ?? []
    }

    mutating func putBack() -> [UInt8] {
        guard !isIn else { return [] }
        isIn = true
        slot.reset()
        return answerToReset
    }

    private var answerToReset: [UInt8] {
        guard isIn, let reader else { return [] }
        return Self.message(.answerToReset, reader: reader, slot.answerToReset)
    }

    private mutating func answer(_ message: [UInt8]) throws(ReaderError) -> [UInt8] {
        let content = Array(message.dropFirst(12)), number = message.bigEndian(at: 4)
        switch Kind(rawValue: message.bigEndian(at: 0)) {
        case .initialize:
            guard content.starts(with: Self.magic) else { throw .malformed("VSC_Init") }
            return Self.message(.readerAdd, reader: Self.noReader, Array("Martlet".utf8))
        case .error:
            guard content.count >= 4 else { throw .malformed("VSC_Error") }
            // Every message is acknowledged so; the first one has the reader's number.
            guard reader == nil else { return [] }
            guard content.bigEndian(at: 0) == 0 else { throw .readerRefused(code: content.bigEndian(at: 0)) }
            reader = number
            return answerToReset
        case .apdu:
            guard isIn else { return [] }
            return Self.message(.apdu, reader: number, slot.process(content))
        case .flush: return Self.message(.flushComplete, reader: number, [])
        case .readerAdd, .readerRemove, .answerToReset, .cardRemove, .flushComplete, nil: return []
        }
    }

    private static func message(_ kind: Kind, reader: UInt32, _ content: [UInt8]) -> [UInt8] {
        kind.rawValue.bigEndianBytes + reader.bigEndianBytes + UInt32(content.count).bigEndianBytes + content
    }

    /// VSCMsgType.
    private enum Kind: UInt32 {
        case initialize = 1, error, readerAdd, readerRemove, answerToReset, cardRemove, apdu, flush, flushComplete
    }

    /// VSCARD_MAGIC, as it lies in memory.
    private static let magic = Array("VSCD".utf8)
    /// VSCARD_VERSION: 0.0.2 in bits of 11, 11 and 10.
    private static let version: UInt32 = 2
    /// VSCARD_UNDEFINED_READER_ID.
    private static let noReader: UInt32 = 0xFFFF_FFFF
}
