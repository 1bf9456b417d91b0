/// A data object of the PIV application, by its BER-TLV tag (SP 800-73-5 part 1, table 3). Unknown values survive.
public struct PIVContainer: RawRepresentable, Hashable, Sendable {
    /// The tag that GET DATA names.
    public let rawValue: UInt32

    /// A container with this tag.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// 5FC107: Card Capability Container.
    public static let cardCapabilities = PIVContainer(rawValue: 0x5FC107)
    /// 5FC102: Card Holder Unique Identifier.
    public static let cardholderUniqueIdentifier = PIVContainer(rawValue: 0x5FC102)
    /// 7E: Discovery Object.
    public static let discovery = PIVContainer(rawValue: 0x7E)
    /// 5FC10C: Key History Object.
    public static let keyHistory = PIVContainer(rawValue: 0x5FC10C)
    /// 5FC109: Printed Information. Yubico's tools keep a management key in it.
    public static let printedInformation = PIVContainer(rawValue: 0x5FC109)
    /// 7F61: Biometric Information Templates Group Template.
    public static let biometricTemplates = PIVContainer(rawValue: 0x7F61)
    /// 5FFF00: ADMIN DATA of Yubico's tools.
    public static let administrationData = PIVContainer(rawValue: 0x5FFF00)

    /// Whether the object's value stands in its own tag and not in 53 (SP 800-73-5 part 2, sections 3.1.2 and 3.3.1).
    var hasOwnTag: Bool { self == .discovery || self == .biometricTemplates }

    /// The tag list of GET DATA (tag 5C): one byte for the Discovery Object and the like, else three.
    var tagBytes: [UInt8] {
        [rawValue >> 16, rawValue >> 8, rawValue].map { UInt8(truncatingIfNeeded: $0) }.drop { $0 == 0 }.map { $0 }
    }
}

/// What a container is called, and who may read it.
struct PIVContainerDescription {
    let container: PIVContainer
    /// The name that OpenSC shows, and configurations hold.
    let name: String
    /// The arcs below 2.16.840.1.101.3.7, encoded in base 128 (219 is 81 5B, 144 is 81 10).
    let arcs: [UInt8]
    /// Whether the card asks for the PIN before it gives the container away.
    let needsPIN: Bool

    private init(_ tag: UInt32, _ name: String, _ arcs: [UInt8], needsPIN: Bool = false) {
        container = PIVContainer(rawValue: tag)
        self.name = name
        self.arcs = arcs
        self.needsPIN = needsPIN
    }

    /// The DER encoding of the container's object identifier: 2.16.840.1.101.3.7, then the arcs.
    var objectIdentifier: [UInt8] {
        let body: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x07] + arcs
        return [0x06, UInt8(body.count)] + body
    }

    /// All containers of SP 800-73-5 part 1, table 3, in OpenSC's order.
    static let all: [PIVContainerDescription] =
        [
            .init(0x5FC107, "Card Capability Container", [1, 0x81, 0x5B, 0]),
            .init(0x5FC102, "Card Holder Unique Identifier", [2, 48, 0]),
            .init(0x5FC105, "X.509 Certificate for PIV Authentication", [2, 1, 1]),
            .init(0x5FC103, "Cardholder Fingerprints", [2, 96, 16], needsPIN: true),
            .init(0x5FC109, "Printed Information", [2, 48, 1], needsPIN: true),
            .init(0x5FC108, "Cardholder Facial Image", [2, 96, 48], needsPIN: true),
            .init(0x5FC10A, "X.509 Certificate for Digital Signature", [2, 1, 0]),
            .init(0x5FC10B, "X.509 Certificate for Key Management", [2, 1, 2]),
            .init(0x5FC101, "X.509 Certificate for Card Authentication", [2, 5, 0]),
            .init(0x5FC106, "Security Object", [2, 0x81, 0x10, 0]),
            .init(0x7E, "Discovery Object", [2, 96, 80]),
            .init(0x5FC10C, "Key History Object", [2, 96, 96]),
            .init(0x5FC121, "Cardholder Iris Image", [2, 16, 21], needsPIN: true),
        ]
        + (1...20).map {
            .init(0x5FC10C + UInt32($0), "Retired X.509 Certificate for Key Management \($0)", [2, 16, UInt8($0)])
        } + [
            .init(0x7F61, "Biometric Information Templates Group Template", [2, 16, 22]),
            .init(0x5FC122, "Secure Messaging Certificate Signer", [2, 16, 23]),
            .init(0x5FC123, "Pairing Code Reference Data Container", [2, 16, 24], needsPIN: true),
        ]
}
