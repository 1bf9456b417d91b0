import ISO7816

/// The application property template that SELECT returns (SP 800-73-5 part 2, section 3.1.1, table 3).
public struct ApplicationProperties: Hashable, Sendable {
    /// Which application the answer says it is from.
    enum Identity: Hashable {
        /// PIV.
        case piv
        /// Another one: some cards answer SELECT with their card manager.
        case another
        /// It does not say.
        case untold
    }

    /// The application's name for people (tag 50), or empty.
    public let label: String
    let identity: Identity

    /// Reads what is there: cards leave out much of the template, and some all of it.
    package init(parsing bytes: [UInt8]) {
        let template = TLVReader(bytes).first(0x61)?.children
        let information = TLVReader(bytes).first(0x6F)?.children
        let names = [
            template?.first(0x4F), template?.first(0x79)?.children.first(0x4F), information?.first(0x84),
            information?.first(0x4F),
        ].compactMap { $0?.value }
        // Tag 4F holds the whole AID or, as on YubiKeys, its PIX alone.
        let isPIV = names.contains {
            $0.starts(with: [0xA0, 0x00, 0x00, 0x03, 0x08]) || $0.starts(with: [0x00, 0x00, 0x10, 0x00])
        }
        identity = isPIV ? .piv : names.isEmpty ? .untold : .another
        label = template?.first(0x50).map { String(decoding: $0.value.prefix(64), as: UTF8.self) } ?? ""
    }
}
