/// A kind of card that the simulator can be.
public struct CardProfile: Hashable, Sendable {
    /// What extends the applications on the card.
    public enum Vendor: Hashable, Sendable {
        /// Yubico's commands, as of the firmware version with these three numbers.
        case yubico(major: UInt8, minor: UInt8, patch: UInt8)
        /// Nothing: the specifications alone.
        case none
    }

    /// The name on the command line.
    public let name: String
    /// One line for a person.
    public let summary: String
    /// The answer to reset.
    public let answerToReset: [UInt8]
    /// Which commands there are beyond the specifications.
    public let vendor: Vendor
    /// Whether the card has the PIV application.
    public internal(set) var hasPIV = true
    /// The OpenPGP application, where the card has it.
    var openPGP: OpenPGPFeatures?
    /// Whether length fields may have the extended form.
    public let supportsExtendedLength: Bool
    /// Whether the card speaks T=0.
    public let isT0: Bool
    /// The most bytes of data in one command, joined from its chain.
    public let maximumDataLength: Int
    /// The PIN usage policy of the Discovery object (SP 800-73-5 part 1, section 3.3.2); nil for a card without one.
    public internal(set) var pinUsagePolicy: [UInt8]? = [0x40, 0x00]
    /// Whether new PIV keys ask for no PIN where nothing else is said.
    public internal(set) var isPINless = false

    /// Whether the card has the OpenPGP application.
    public var hasOpenPGP: Bool { openPGP != nil }

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
