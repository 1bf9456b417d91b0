/// The application identifier of one card (OpenPGP card 3.4.1, section 4.2.1): sixteen bytes that no other card has.
public struct ApplicationIdentifier: Hashable, Sendable {
    /// RID and PIX of every OpenPGP application: D2 76 00 01 24 01.
    static let prefix: [UInt8] = [0xD2, 0x76, 0x00, 0x01, 0x24, 0x01]

    /// The version of the specification that the card follows.
    public let version: SpecificationVersion
    /// Who made the card.
    public let manufacturer: Manufacturer
    /// The card's serial number, four bytes.
    public let serialNumber: [UInt8]

    /// Parses the value of tag 4F. Nil for another application's, and for one that is cut short.
    package init?(parsing bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 14, bytes.starts(with: Self.prefix) else { return nil }
        version = SpecificationVersion(major: bytes[6], minor: bytes[7])
        manufacturer = Manufacturer(rawValue: UInt16(bytes[8]) << 8 | UInt16(bytes[9]))
        serialNumber = Array(bytes[10..<14])
    }

    /// Manufacturer and serial number, twelve hexadecimal digits, as all programs show it.
    public var fullSerialNumber: String {
        hexadecimal([UInt8(manufacturer.rawValue >> 8), UInt8(manufacturer.rawValue & 0xFF)] + serialNumber)
    }
}

/// The version of the specification, in binary coded decimals: 03 04 is 3.4.
public struct SpecificationVersion: Hashable, Comparable, Sendable {
    /// The first number.
    public let major: UInt8
    /// The second number; some cards have a third one in its low digit (03 41).
    public let minor: UInt8

    /// Whichever is older.
    public static func < (one: SpecificationVersion, other: SpecificationVersion) -> Bool {
        (one.major, one.minorNumber) < (other.major, other.minorNumber)
    }

    /// 2.0: the first one that is spoken here.
    static let two = SpecificationVersion(major: 2, minor: 0)
    /// 3.0: three certificates, VERIFY that tells and takes back.
    static let three = SpecificationVersion(major: 3, minor: 0)

    /// 3.4: what YubiKeys follow from firmware 5.2 on.
    static let threeFour = SpecificationVersion(major: 3, minor: 4)

    private var minorNumber: UInt8 { minor < 0x10 ? minor : minor >> 4 }
}

extension SpecificationVersion: CustomStringConvertible {
    /// "3.4".
    public var description: String { "\(major).\(minorNumber)" }
}

/// Lower-case hexadecimal digits, two for each byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
