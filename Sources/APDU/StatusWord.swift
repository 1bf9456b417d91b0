/// The two status bytes that end every answer of a card (ISO/IEC 7816-4, section 5.6). Unknown values survive.
public struct StatusWord: RawRepresentable, Hashable, Sendable {
    /// SW1 in the high byte, SW2 in the low one.
    public let rawValue: UInt16

    /// A status word of this number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// 9000: done.
    public static let success = StatusWord(rawValue: 0x9000)
    /// 6581: memory failure.
    public static let memoryFailure = StatusWord(rawValue: 0x6581)
    /// 6700: wrong length.
    public static let wrongLength = StatusWord(rawValue: 0x6700)
    /// 6882: secure messaging not supported.
    public static let secureMessagingNotSupported = StatusWord(rawValue: 0x6882)
    /// 6883: last command of a chain expected.
    public static let lastCommandOfChainExpected = StatusWord(rawValue: 0x6883)
    /// 6884: command chaining not supported.
    public static let chainingNotSupported = StatusWord(rawValue: 0x6884)
    /// 6982: security status not satisfied.
    public static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    /// 6983: authentication method blocked.
    public static let authenticationMethodBlocked = StatusWord(rawValue: 0x6983)
    /// 6985: conditions of use not satisfied (a touch that did not come, on a YubiKey).
    public static let conditionsOfUseNotSatisfied = StatusWord(rawValue: 0x6985)
    /// 6A80: incorrect parameters in the command data field.
    public static let incorrectData = StatusWord(rawValue: 0x6A80)
    /// 6A81: function not supported.
    public static let functionNotSupported = StatusWord(rawValue: 0x6A81)
    /// 6A82: file, object or application not found.
    public static let notFound = StatusWord(rawValue: 0x6A82)
    /// 6A84: not enough memory.
    public static let notEnoughMemory = StatusWord(rawValue: 0x6A84)
    /// 6A86: incorrect P1 or P2.
    public static let incorrectParameters = StatusWord(rawValue: 0x6A86)
    /// 6A88: referenced data or reference data not found.
    public static let referenceNotFound = StatusWord(rawValue: 0x6A88)
    /// 6B00: wrong P1 or P2.
    public static let wrongParameters = StatusWord(rawValue: 0x6B00)
    /// 6D00: instruction not supported.
    public static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    /// 6E00: class not supported.
    public static let classNotSupported = StatusWord(rawValue: 0x6E00)
    /// 6F00: no precise diagnosis.
    public static let unknownError = StatusWord(rawValue: 0x6F00)

    /// 61xx: `xx` more bytes wait for GET RESPONSE; zero means 256 or more. Nil for another status.
    public var bytesWaiting: Int? {
        guard rawValue >> 8 == 0x61 else { return nil }
        return rawValue & 0xFF == 0 ? 256 : Int(rawValue & 0xFF)
    }

    /// 6Cxx: the command must be sent again with this Le; zero means 256. Nil for another status.
    public var rightLength: Int? {
        guard rawValue >> 8 == 0x6C else { return nil }
        return rawValue & 0xFF == 0 ? 256 : Int(rawValue & 0xFF)
    }

    /// 64xx, 65xx, 6Fxx: the card failed at what it was asked, which says nothing of whether it can (ISO/IEC 7816-4,
    /// table 6). So did one that comes to no end with 61xx or 6Cxx.
    public var isFailure: Bool { [0x61, 0x64, 0x65, 0x6C, 0x6F].contains(rawValue >> 8) }

    /// 63Cx: a comparison failed and `x` further tries are left. Nil for another status.
    public var triesLeft: Int? {
        rawValue & 0xFFF0 == 0x63C0 ? Int(rawValue & 0xF) : nil
    }
}

extension StatusWord: CustomStringConvertible {
    /// Four hexadecimal digits, as specifications write it.
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
