import ISO7816

/// A kind of card that the simulator can be.
public struct CardProfile: Hashable, Sendable {
    /// What extends PIV on the card.
    public enum Vendor: Hashable, Sendable {
        /// Yubico's commands, as of the firmware version with these three numbers.
        case yubico(major: UInt8, minor: UInt8, patch: UInt8)
        /// Nothing: SP 800-73 alone.
        case none
    }

    /// The name on the command line.
    public let name: String
    /// One line for a person.
    public let summary: String
    /// The answer to reset.
    public let answerToReset: [UInt8]
    /// Which commands there are beyond SP 800-73.
    public let vendor: Vendor
    /// Whether length fields may have the extended form.
    public let supportsExtendedLength: Bool
    /// Whether the card speaks T=0.
    public let isT0: Bool
    /// The most bytes of data in one command, joined from its chain.
    public let maximumDataLength: Int
    /// The PIN usage policy of the Discovery object (SP 800-73-5 part 1, section 3.3.2); nil for a card without one.
    public let pinUsagePolicy: [UInt8]?
    /// Whether new keys ask for no PIN where nothing else is said.
    public let isPINless: Bool

    /// Whether the card compares a global PIN, key reference 00.
    public var hasGlobalPIN: Bool { (pinUsagePolicy?.first ?? 0) & 0x20 != 0 }

    /// Whether the card has Yubico's commands of this firmware version.
    func isYubiKey(since major: UInt8, _ minor: UInt8 = 0, _ patch: UInt8 = 0) -> Bool {
        guard case .yubico(let ownMajor, let ownMinor, let ownPatch) = vendor else { return false }
        return (ownMajor, ownMinor, ownPatch) >= (major, minor, patch)
    }

    /// Whether the card has any of Yubico's commands.
    var isYubiKey: Bool { isYubiKey(since: 0) }
}

extension CardProfile {
    /// All profiles, the default first.
    public static let all = [yubiKey57, yubiKeyShort, yubiKey4, pinless, plain, plainGlobal]

    /// The profile of this name.
    public init?(named name: String) {
        guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// A YubiKey 5.7. Its ATR is that of the real one.
    public static let yubiKey57 = CardProfile(
        name: "yubikey57", summary: "YubiKey 5, firmware 5.7.1, extended length",
        answerToReset: yubiKey5ATR, vendor: .yubico(major: 5, minor: 7, patch: 1), supportsExtendedLength: true,
        isT0: false, maximumDataLength: yubicoDataLength, pinUsagePolicy: [0x40, 0x00], isPINless: false)

    /// The same without extended length; the bit for it in the ATR's card capabilities is clear.
    public static let yubiKeyShort = CardProfile(
        name: "yubikey-short", summary: "the same without extended length",
        answerToReset: shortATR, vendor: .yubico(major: 5, minor: 7, patch: 1), supportsExtendedLength: false,
        isT0: false, maximumDataLength: yubicoDataLength, pinUsagePolicy: [0x40, 0x00], isPINless: false)

    /// A YubiKey 4, with the ATR of the real one ("Yubikey4").
    public static let yubiKey4 = CardProfile(
        name: "yubikey4-like", summary: "firmware 4.3.5: no GET METADATA, no GET SERIAL, 3DES management key",
        answerToReset: [
            0x3B, 0xF8, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15,
            0x59, 0x75, 0x62, 0x69, 0x6B, 0x65, 0x79, 0x34, 0xD4,
        ],
        vendor: .yubico(major: 4, minor: 3, patch: 5), supportsExtendedLength: false, isT0: false,
        maximumDataLength: yubicoDataLength, pinUsagePolicy: [0x40, 0x00], isPINless: false)

    /// A YubiKey 5.7 whose new keys have the PIN policy "never".
    public static let pinless = CardProfile(
        name: "yubikey57-pinless", summary: "yubikey57 whose new keys ask for no PIN",
        answerToReset: yubiKey5ATR, vendor: .yubico(major: 5, minor: 7, patch: 1), supportsExtendedLength: true,
        isT0: false, maximumDataLength: yubicoDataLength, pinUsagePolicy: [0x40, 0x00], isPINless: true)

    /// A plain PIV card with contacts alone: T=0, short length, no commands beyond SP 800-73.
    public static let plain = CardProfile(
        name: "plain-piv", summary: "PIV card with contacts: SP 800-73 alone, T=0, short length, 3DES",
        answerToReset: plainATR, vendor: .none, supportsExtendedLength: false, isT0: true,
        maximumDataLength: plainDataLength, pinUsagePolicy: [0x40, 0x00], isPINless: false)

    /// The same with a global PIN that is the primary one.
    public static let plainGlobal = CardProfile(
        name: "plain-piv-global", summary: "the same, whose Discovery object names the global PIN as primary",
        answerToReset: plainATR, vendor: .none, supportsExtendedLength: false, isT0: true,
        maximumDataLength: plainDataLength, pinUsagePolicy: [0x60, 0x20], isPINless: false)

    /// Historical bytes "80 73 C0 21 C0 57 YubiKey"; the third byte of the capabilities says chaining and extended
    /// length.
    private static let yubiKey5ATR: [UInt8] = [
        0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57,
        0x59, 0x75, 0x62, 0x69, 0x4B, 0x65, 0x79, 0x40,
    ]
    private static let shortATR: [UInt8] = [
        0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0x80, 0x57,
        0x59, 0x75, 0x62, 0x69, 0x4B, 0x65, 0x79, 0x00,
    ]
    /// That of a Gemalto PIV card, as OpenSC's card-piv.c lists it: no TD1, so T=0 alone; no card capabilities.
    private static let plainATR: [UInt8] = [
        0x3B, 0x7D, 0x96, 0x00, 0x00, 0x80, 0x31, 0x80, 0x65, 0xB0, 0x83, 0x11, 0x00, 0xAC, 0x83, 0x00, 0x90, 0x00,
    ]
    /// The buffer that yubico-piv-tool reckons with (its YKPIV_OBJ_MAX_SIZE).
    private static let yubicoDataLength = 3072
    private static let plainDataLength = 4096

    /// An application beside PIV: the management application of a YubiKey, whose answer to SELECT is a version text,
    /// or the card manager (GlobalPlatform Card Specification, section 11.9), whose answer is an empty template here.
    var otherApplication: any CardApplication {
        guard case .yubico(let major, let minor, let patch) = vendor else {
            return BareApplication(
                identifier: [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00],
                answer: [0x6F, 0x0A, 0x84, 0x08, 0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00])
        }
        return BareApplication(
            identifier: [0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17],
            answer: [UInt8]("Virtual mgr - FW version \(major).\(minor).\(patch)".utf8))
    }
}
