import ISO7816

/// The structures that tell a reader how to ask for PINs and where to put them (PC/SC part 10, revision 2.02.09, sections
/// 2.5.2 and 2.5.3). Numbers of more than one byte stand in the host's order, which is little-endian here.
struct PINStructure {
    private let entry: PINEntry
    private let lengths: ClosedRange<Int>
    private let endsOfEntry: UInt8

    /// - Parameters:
    ///   - lengths: how long a PIN may be, for the card and for the reader.
    ///   - endsOfEntry: bEntryValidationCondition.
    init(_ entry: PINEntry, lengths: ClosedRange<Int>, endsOfEntry: UInt8) {
        self.entry = entry
        self.lengths = lengths
        self.endsOfEntry = endsOfEntry
    }

    /// PIN_VERIFY_STRUCTURE.
    var verification: [UInt8] {
        timeouts + format + mostDigits + [endsOfEntry, 0x01] + language + [0x00] + prologue + command
    }

    /// PIN_MODIFY_STRUCTURE. The old PIN comes first; where blocks have a size, the new one's place is known.
    var modification: [UInt8] {
        let isFirst = entry.secrets == .new
        let offsets: [UInt8] = [0, isFirst ? 0 : entry.blockSize ?? 0]
        // bConfirmPIN: bit 0 asks for the new PIN twice, bit 1 for the old one.
        let confirmation: UInt8 = isFirst ? 0x01 : 0x03
        return timeouts + format + offsets + mostDigits
            + [confirmation, endsOfEntry, isFirst ? 0x02 : 0x03] + language
            + (isFirst ? [0x01, 0x02, 0x00] : [0x00, 0x01, 0x02]) + prologue + command
    }

    /// bTimerOut, bTimerOut2: the reader's own.
    private let timeouts: [UInt8] = [0, 0]
    /// wLangId: English, for readers that show texts.
    private let language: [UInt8] = [0x09, 0x04]
    /// bTeoPrologue: for T=1, which the driver fills in.
    private let prologue: [UInt8] = [0, 0, 0]

    /// bmFormatString: ASCII from the left, counted in bytes, at the start of the data field; bmPINBlockString: the size of
    /// a block, and no length in it; bmPINLengthFormat.
    private var format: [UInt8] { [0x82, entry.blockSize ?? 0, 0] }

    /// wPINMaxExtraDigit: the least in the upper byte, the most in the lower one.
    private var mostDigits: [UInt8] { [UInt8(clamping: lengths.upperBound), UInt8(clamping: lengths.lowerBound)] }

    /// ulDataLength and abData: the command, in which blocks are all FF; without blocks it has an Lc of zero, which the
    /// reader makes right.
    private var command: [UInt8] {
        let blocks = entry.secrets == .currentAndNew ? 2 : 1
        let size = Int(entry.blockSize ?? 0) * blocks
        let header = entry.header
        let bytes =
            [header.cla, header.ins, header.p1, header.p2, UInt8(clamping: size)]
            + [UInt8](repeating: 0xFF, count: size)
        return [UInt8(clamping: bytes.count), 0, 0, 0] + bytes
    }
}
