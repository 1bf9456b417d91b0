/// The extended capabilities (tag C0; OpenPGP card 3.4.1, section 4.4.3.7; and 2.0): ten bytes, the last
/// four of which have another meaning before version 3.
public struct ExtendedCapabilities: Hashable, Sendable {
    /// What a card can do: the bits of the first byte.
    public struct Features: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// A set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Secure messaging.
        public static let secureMessaging = Features(rawValue: 0x80)
        /// GET CHALLENGE.
        public static let getChallenge = Features(rawValue: 0x40)
        /// Keys can be imported.
        public static let keyImport = Features(rawValue: 0x20)
        /// The first byte of C4 can be changed.
        public static let passwordStatusChange = Features(rawValue: 0x10)
        /// The data objects 0101 to 0104 are there.
        public static let privateUse = Features(rawValue: 0x08)
        /// Algorithm attributes can be changed.
        public static let algorithmChange = Features(rawValue: 0x04)
        /// PSO: ENCIPHER and DECIPHER with an AES key.
        public static let aes = Features(rawValue: 0x02)
        /// The data object F9 is there.
        public static let keyDerivation = Features(rawValue: 0x01)
    }

    /// What the card can do.
    public let features: Features
    /// The most bytes that GET CHALLENGE gives.
    public let maximumChallenge: Int
    /// The most bytes of a cardholder certificate.
    public let maximumCertificate: Int
    /// The most bytes of the other objects without a fixed length, such as 0101: from version 3 on.
    public let maximumSpecialObject: Int?
    /// The most bytes of an answer's data: before version 3 told here, and not in 7F66.
    public let maximumAnswer: Int?
    /// Whether passwords may be set to come as PIN block format 2; whether they do is told by C4.
    public let hasPINBlock: Bool
    /// Whether MANAGE SECURITY ENVIRONMENT exchanges the keys of DECIPHER and INTERNAL AUTHENTICATE.
    public let hasManageSecurityEnvironment: Bool

    /// Parses the value of tag C0. Nil where it is shorter than any version's.
    init?(parsing bytes: some Collection<UInt8>, version: SpecificationVersion) {
        let bytes = Array(bytes)
        guard bytes.count >= 10 else { return nil }
        func number(_ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
        features = Features(rawValue: bytes[0])
        maximumChallenge = number(2)
        maximumCertificate = number(4)
        guard version >= .three else {
            maximumSpecialObject = nil
            maximumAnswer = number(8)
            (hasPINBlock, hasManageSecurityEnvironment) = (false, false)
            return
        }
        maximumSpecialObject = number(6)
        maximumAnswer = nil
        (hasPINBlock, hasManageSecurityEnvironment) = (bytes[8] == 1, bytes[9] == 1)
    }
}
