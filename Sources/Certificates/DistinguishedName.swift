import HostCrypto

/// The name of a subject or an issuer (X.501; RFC 5280, section 4.1.2.4): attributes in the order of their encoding,
/// each alone in its set.
public struct DistinguishedName: Hashable, Sendable {
    /// A type of attribute (RFC 5280, appendix A.1; RFC 4519).
    public enum Attribute: String, CaseIterable, Hashable, Sendable {
        case commonName = "CN"
        case surname = "SN"
        case serialNumber
        case country = "C"
        case locality = "L"
        case state = "ST"
        case organization = "O"
        case organizationalUnit = "OU"
        case title
        case givenName = "GN"
        case domainComponent = "DC"
        case userID = "UID"
        case emailAddress

        /// The content octets of the type's OBJECT IDENTIFIER: 2.5.4.n, RFC 4519's, or PKCS #9's.
        var identifier: [UInt8] {
            switch self {
            case .commonName: [0x55, 0x04, 3]
            case .surname: [0x55, 0x04, 4]
            case .serialNumber: [0x55, 0x04, 5]
            case .country: [0x55, 0x04, 6]
            case .locality: [0x55, 0x04, 7]
            case .state: [0x55, 0x04, 8]
            case .organization: [0x55, 0x04, 10]
            case .organizationalUnit: [0x55, 0x04, 11]
            case .title: [0x55, 0x04, 12]
            case .givenName: [0x55, 0x04, 42]
            case .domainComponent: [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x19]
            case .userID: [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x01]
            case .emailAddress: [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x01]
            }
        }

        /// The tag of the string type that RFC 5280 prescribes, else UTF8String's.
        var stringTag: UInt8 {
            switch self {
            case .country, .serialNumber: 0x13
            case .domainComponent, .emailAddress: 0x16
            default: 0x0C
            }
        }
    }

    /// The attributes, the most general first.
    public let attributes: [(type: Attribute, value: String)]

    /// A name of these attributes, the most general first.
    public init(_ attributes: [(type: Attribute, value: String)]) { self.attributes = attributes }

    /// A name of one common name.
    public init(commonName: String) { self.init([(.commonName, commonName)]) }

    /// The name's DER.
    var der: [UInt8] {
        let sets = attributes.map { type, value in
            DER.set(DER.sequence(DER.objectIdentifier(type.identifier), DER.encode(type.stringTag, Array(value.utf8))))
        }
        return DER.sequence(Array(sets.joined()))
    }

    /// Whether both have the same encoding.
    public static func == (one: Self, other: Self) -> Bool { one.der == other.der }

    /// Feeds the encoding.
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}

extension DistinguishedName: ExpressibleByStringLiteral {
    /// A name of one common name.
    public init(stringLiteral commonName: String) { self.init(commonName: commonName) }
}
