/// How much room an answer gets. It must suffice at once: pcscd says that it does not only after the card has done
/// what it was told, and the answer is lost.
enum AnswerCapacity {
    /// Ne of 65536 and the status word (ISO/IEC 7816-3, section 12.1.3).
    static let extended = 65_538
    /// Ne of 256 and the status word, and room for cards that send more than they were asked for.
    static let short = 1024

    /// The most bytes that the answer to this command may have.
    static func bytes(for command: RawSpan) -> Int {
        // Where more than a header and one byte come, a zero in place of Lc begins an extended length field.
        guard command.byteCount > 5 else { return short }
        return command.unsafeLoad(fromByteOffset: 4, as: UInt8.self) == 0 ? extended : short
    }
}
