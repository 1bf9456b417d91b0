/// A data object of the OpenPGP application, by its tag (OpenPGP card 3.4.1, section 4.4.1). Unknown values survive.
public struct DataObject: RawRepresentable, Hashable, Sendable {
    /// The tag that GET DATA names in P1 and P2.
    public let rawValue: UInt32

    /// A data object with this tag.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// 4F: the application identifier.
    public static let applicationIdentifier = DataObject(rawValue: 0x4F)
    /// 5E: login data.
    public static let loginData = DataObject(rawValue: 0x5E)
    /// 65: cardholder related data.
    public static let cardholderData = DataObject(rawValue: 0x65)
    /// 6E: application related data.
    public static let applicationRelatedData = DataObject(rawValue: 0x6E)
    /// 7A: the security support template.
    public static let securitySupportTemplate = DataObject(rawValue: 0x7A)
    /// C4: password status.
    public static let passwordStatus = DataObject(rawValue: 0xC4)
    /// D3: the resetting code.
    public static let resettingCode = DataObject(rawValue: 0xD3)
    /// F9: the key derivation function for passwords.
    public static let keyDerivation = DataObject(rawValue: 0xF9)
    /// FA: algorithm information.
    public static let algorithmInformation = DataObject(rawValue: 0xFA)
    /// D9: the user interaction flag of a YubiKey's attestation key.
    static let attestationInteraction = DataObject(rawValue: 0xD9)
    /// FC: the certificate of a YubiKey's attestation key.
    static let attestationCertificate = DataObject(rawValue: 0xFC)
    /// 5F50: URL of the public key.
    public static let url = DataObject(rawValue: 0x5F50)
    /// 7F21: the cardholder certificates, three of one tag.
    public static let certificate = DataObject(rawValue: 0x7F21)
    /// 7F66: extended length information.
    public static let extendedLengthInformation = DataObject(rawValue: 0x7F66)
    /// 7F74: general feature management.
    public static let generalFeatureManagement = DataObject(rawValue: 0x7F74)
    /// 0101 to 0104: for private use.
    public static let privateUse = (0x0101...0x0104 as ClosedRange<UInt32>).map { DataObject(rawValue: $0) }

    /// Whether an answer of GET DATA may hold the object's own tag and length around its value. The specification
    /// leaves them out of primitive objects; of constructed ones some cards give the value alone (Gnuk), and some the
    /// whole object (YubiKey).
    var isConstructed: Bool {
        switch self {
        case .cardholderData, .applicationRelatedData, .securitySupportTemplate, .keyDerivation, .algorithmInformation,
            .extendedLengthInformation, .generalFeatureManagement, .certificate:
            true
        default: false
        }
    }
}
