/// A key reference (SP 800-73-5 part 1, table 6): P2 of the commands that use a key or a PIN.
struct KeyReference: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// 00: the global PIN.
    static let globalPIN = KeyReference(rawValue: 0x00)
    /// 80: the PIV application PIN.
    static let applicationPIN = KeyReference(rawValue: 0x80)
    /// 81: the PIN unblocking key.
    static let unblockingKey = KeyReference(rawValue: 0x81)
    /// 9A: PIV authentication.
    static let authentication = KeyReference(rawValue: 0x9A)
    /// 9B: card application administration, the management key.
    static let management = KeyReference(rawValue: 0x9B)
    /// 9C: digital signature.
    static let signature = KeyReference(rawValue: 0x9C)
    /// 9D: key management.
    static let keyManagement = KeyReference(rawValue: 0x9D)
    /// 9E: card authentication.
    static let cardAuthentication = KeyReference(rawValue: 0x9E)
    /// F9: the key that signs attestations (Yubico).
    static let attestation = KeyReference(rawValue: 0xF9)

    /// 82 to 95: the retired key management keys 1 to 20.
    static let retired = (0x82...0x95).map { KeyReference(rawValue: $0) }

    /// The place of a key pair that PIV itself defines.
    var isStandardKeyPair: Bool {
        switch self {
        case .authentication, .signature, .keyManagement, .cardAuthentication: true
        default: (0x82...0x95).contains(rawValue)
        }
    }

    /// The PIN policy of SP 800-73-5 part 1, table 5: 9C always, 9E never, the others once.
    var defaultPINPolicy: PINPolicy {
        switch self {
        case .signature: .always
        case .cardAuthentication: .never
        default: .once
        }
    }

    /// The tag of the container of the key's certificate (SP 800-73-5 part 1, table 3; F9: Yubico).
    var certificateTag: UInt32? {
        switch self {
        case .authentication: 0x5FC105
        case .signature: 0x5FC10A
        case .keyManagement: 0x5FC10B
        case .cardAuthentication: 0x5FC101
        case .attestation: 0x5FFF01
        default: isStandardKeyPair ? 0x5FC10D + UInt32(rawValue - 0x82) : nil
        }
    }

    /// Two hexadecimal digits.
    var hex: String { hexadecimal([rawValue]) }
}

/// When a key asks for the PIN: the value of Yubico's tag AA (developers.yubico.com, "PIV extensions").
public enum PINPolicy: UInt8, Sendable {
    /// 01: never.
    case never = 1
    /// 02: once after the application was selected.
    case once = 2
    /// 03: before each use.
    case always = 3
}

/// When a key asks for a touch: the value of Yubico's tag AB.
public enum TouchPolicy: UInt8, Sendable {
    /// 01: never.
    case never = 1
    /// 02: at each use.
    case always = 2
    /// 03: where the last touch is fifteen seconds away.
    case cached = 3
}
