import Token

/// A key reference of the PIV application (SP 800-73-5 part 1, table 4b; SP 800-78-5, table 6-1). Unknown values
/// survive.
public struct PIVKeyReference: RawRepresentable, Hashable, Sendable {
    /// P2 of GENERAL AUTHENTICATE.
    public let rawValue: UInt8

    /// A key reference of this number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// 9A: PIV Authentication.
    public static let authentication = PIVKeyReference(rawValue: 0x9A)
    /// 9C: Digital Signature; the PIN is asked for at each use.
    public static let signature = PIVKeyReference(rawValue: 0x9C)
    /// 9D: Key Management.
    public static let keyManagement = PIVKeyReference(rawValue: 0x9D)
    /// 9E: Card Authentication; no PIN.
    public static let cardAuthentication = PIVKeyReference(rawValue: 0x9E)
    /// 9B: the card management key, which is symmetric and the administrator's.
    public static let cardManagement = PIVKeyReference(rawValue: 0x9B)
    /// F9: the attestation key of a YubiKey, which signs only attestation certificates.
    public static let attestation = PIVKeyReference(rawValue: 0xF9)
    /// The four that every PIV card has a place for.
    static let everyCards: [PIVKeyReference] = [.authentication, .signature, .keyManagement, .cardAuthentication]
    /// 82 to 95: the twenty retired key management keys.
    public static let retired = (0x82...0x95).map { PIVKeyReference(rawValue: $0) }

    /// N of "retired key N", 1 to 20, or nil for another key.
    public var retiredNumber: Int? {
        (0x82...0x95).contains(rawValue) ? Int(rawValue) - 0x81 : nil
    }

    /// The container of the key's certificate (SP 800-73-5 part 1, table 3; F9: Yubico).
    public var certificateContainer: PIVContainer? {
        switch self {
        case .authentication: PIVContainer(rawValue: 0x5FC105)
        case .signature: PIVContainer(rawValue: 0x5FC10A)
        case .keyManagement: PIVContainer(rawValue: 0x5FC10B)
        case .cardAuthentication: PIVContainer(rawValue: 0x5FC101)
        case .attestation: PIVContainer(rawValue: 0x5FFF01)
        default: retiredNumber.map { PIVContainer(rawValue: 0x5FC10C + UInt32($0)) }
        }
    }

    /// The key whose certificate a container holds, or nil for another container.
    init?(certificateIn container: PIVContainer) {
        let keys = Self.everyCards + [.attestation]
        guard let key = (keys + Self.retired).first(where: { $0.certificateContainer == container }) else { return nil }
        self = key
    }

    /// CKA_ID as OpenSC counts: 1 to 4, then 5 to 9, then the decimal number written as a hexadecimal byte.
    var identifier: [UInt8] {
        switch self {
        case .authentication: return [0x01]
        case .signature: return [0x02]
        case .keyManagement: return [0x03]
        case .cardAuthentication: return [0x04]
        case .attestation: return [0x25]
        default:
            let decimal = UInt8((retiredNumber ?? 0) + 4)
            return [(decimal / 10) << 4 | decimal % 10]
        }
    }

    /// The PIN policy that the specification gives the key (SP 800-73-5 part 1, table 4b).
    var specifiedPINPolicy: KeyPolicy.PINPolicy {
        switch self {
        case .signature: .always
        case .cardAuthentication: .never
        default: .once
        }
    }
}
