import ISO7816

/// The cardholder related data (tag 65; OpenPGP card 3.4.1, section 4.4.1).
public struct CardholderData: Hashable, Sendable {
    /// Tag 5B: the name as ISO/IEC 7501-1 writes it, "Surname<<Given<Names", in ISO 8859-1.
    public let name: [UInt8]
    /// Tag 5F2D: up to four languages of two letters each.
    public let languages: [UInt8]
    /// Tag 5F35: ISO 5218, as a digit.
    public let sex: UInt8?

    /// Reads what is there.
    package init(parsing bytes: [UInt8]) {
        let reader = TLVReader(bytes)
        name = reader.first(0x5B).map { Array($0.value) } ?? []
        languages = reader.first(0x5F2D).map { Array($0.value) } ?? []
        sex = reader.first(0x5F35)?.value.first
    }
}

/// The security support template (tag 7A; OpenPGP card 3.4.1, section 4.4.1).
public struct SecuritySupport: Hashable, Sendable {
    /// Tag 93: how many signatures the signature key has made.
    public let signatureCount: Int?

    /// Reads what is there.
    package init(parsing bytes: [UInt8]) {
        let counter = TLVReader(bytes).first(0x93)?.value
        signatureCount = counter.flatMap { $0.count == 3 ? $0.reduce(0) { $0 << 8 | Int($1) } : nil }
    }
}
