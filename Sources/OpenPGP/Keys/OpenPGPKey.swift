import Token

/// One of the three keys of the OpenPGP application, by its key reference (OpenPGP card 3.4.1, section 4.4.3.8).
public enum OpenPGPKey: UInt8, CaseIterable, Hashable, Sendable {
    /// 01: digital signatures (PSO: COMPUTE DIGITAL SIGNATURE).
    case signature = 1
    /// 02: confidentiality (PSO: DECIPHER).
    case decryption = 2
    /// 03: authentication (INTERNAL AUTHENTICATE).
    case authentication = 3

    /// The tag of the key's control reference template (section 7.2.14): B6, B8 or A4.
    var controlReferenceTemplate: UInt32 {
        switch self {
        case .signature: 0xB6
        case .decryption: 0xB8
        case .authentication: 0xA4
        }
    }

    /// Which of the three cardholder certificates (7F21) is the key's: they are counted from the authentication key
    /// on (section 4.4.1).
    var certificateOccurrence: UInt8 {
        switch self {
        case .authentication: 0
        case .decryption: 1
        case .signature: 2
        }
    }

    /// Tag C1, C2 or C3: the key's algorithm attributes.
    var algorithmAttributes: DataObject { DataObject(rawValue: 0xC0 + UInt32(rawValue)) }

    /// Tag C7, C8 or C9: the key's fingerprint, as it is written.
    var fingerprint: DataObject { DataObject(rawValue: 0xC6 + UInt32(rawValue)) }

    /// Tag CE, CF or D0: when the key was made, as it is written.
    var timestamp: DataObject { DataObject(rawValue: 0xCD + UInt32(rawValue)) }

    /// Tag D6, D7 or D8: the key's user interaction flag.
    var userInteractionFlag: DataObject { DataObject(rawValue: 0xD5 + UInt32(rawValue)) }

    /// CKA_ID.
    var identifier: [UInt8] { [rawValue] }

    /// The key's place among the three, counted from zero.
    var index: Int { Int(rawValue) - 1 }

    /// The key that a certificate or key object stands for.
    init?(_ object: ObjectReference) {
        guard ![.data, .secretKey, .attestation].contains(object.kind) else { return nil }
        self.init(rawValue: UInt8(truncatingIfNeeded: object.number))
    }
}
