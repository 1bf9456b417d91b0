import ISO7816

/// The application property template that SELECT returns (SP 800-73-5 part 2, section 3.1.1, table 3).
public struct ApplicationProperties: Hashable, Sendable {
    /// The application's name for people (tag 50), or empty.
    public let label: String

    /// Reads what is there: cards leave out much of the template, and some all of it.
    init(parsing bytes: [UInt8]) {
        let template = TLVReader(bytes).first(0x61)?.children
        label = template?.first(0x50).map { String(decoding: $0.value.prefix(64), as: UTF8.self) } ?? ""
    }
}
