import ISO7816

/// How long APDUs may be (tag 7F66; OpenPGP card 3.4.1, section 4.1.3.1): two INTEGERs.
public struct ExtendedLengthInformation: Hashable, Sendable {
    /// The most bytes of a command.
    public let maximumCommand: Int
    /// The most bytes of an answer.
    public let maximumAnswer: Int

    /// Parses the value of tag 7F66. Nil where it is not two numbers.
    init?(parsing bytes: ArraySlice<UInt8>) {
        guard let numbers = try? TLVReader(bytes).all(), numbers.count == 2,
            numbers.allSatisfy({ $0.tag == 0x02 && (1...4).contains($0.value.count) })
        else { return nil }
        maximumCommand = numbers[0].value.reduce(0) { $0 << 8 | Int($1) }
        maximumAnswer = numbers[1].value.reduce(0) { $0 << 8 | Int($1) }
    }
}

/// What the card or its reader has for people (tag 7F74; OpenPGP card 3.4.1, section 4.1.3.2). Unknown bits survive.
public struct GeneralFeatures: OptionSet, Hashable, Sendable {
    /// The bits of tag 81.
    public let rawValue: UInt8

    /// A set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A button.
    public static let button = GeneralFeatures(rawValue: 0x20)
    /// A keypad.
    public static let keypad = GeneralFeatures(rawValue: 0x10)
    /// A display.
    public static let display = GeneralFeatures(rawValue: 0x80)

    /// Parses the value of tag 7F74.
    init?(parsing bytes: ArraySlice<UInt8>) {
        guard let flags = TLVReader(bytes).first(0x81)?.value.first else { return nil }
        rawValue = flags
    }
}
