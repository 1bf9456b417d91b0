/// Writes APDUs as lines of text, with every secret field replaced by its length.
public final class CardTrace: Sendable {
    private let write: @Sendable (String) -> Void

    /// A trace that hands each line, without a line break, to `write`.
    public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    func command(_ bytes: [UInt8], secret: Bool) {
        guard secret, bytes.count > 5 else { return write("> \(hex(bytes[...]))") }
        write("> \(hex(bytes.prefix(4))) [\(bytes.count - 4) bytes, secret]")
    }

    func entry(_ entry: PINEntry) {
        let header = entry.header
        write("> \(hex([header.cla, header.ins, header.p1, header.p2])) [typed on the reader, secret]")
    }

    func answer(_ bytes: [UInt8], secret: Bool) {
        guard secret, bytes.count > 2 else { return write("< \(hex(bytes[...]))") }
        write("< [\(bytes.count - 2) bytes, secret] \(hex(bytes.suffix(2)))")
    }

    func failure(_ error: ChannelError) { write("! \(error)") }

    private func hex(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
