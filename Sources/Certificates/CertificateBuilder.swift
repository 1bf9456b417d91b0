import HostCrypto
import Keys

/// Writes X.509 certificates (RFC 5280, section 4.1), version 3: those of the simulated cards, and the self-signed ones
/// of the command line.
public struct CertificateBuilder: Sendable {
    /// An extension (RFC 5280, section 4.2).
    public struct Extension: Hashable, Sendable {
        /// The content octets of the extension's OBJECT IDENTIFIER.
        public let identifier: [UInt8]
        /// Whether who does not know the extension must refuse the certificate.
        public let isCritical: Bool
        /// The extension's value, DER.
        public let value: [UInt8]

        /// Extensions, DER (RFC 5280, section 4.1).
        static func list(_ extensions: [Extension]) -> [UInt8] {
            DER.sequence(
                extensions.flatMap { item in
                    DER.sequence(
                        DER.objectIdentifier(item.identifier), item.isCritical ? [0x01, 0x01, 0xFF] : [],
                        DER.octetString(item.value))
                })
        }

        /// Reads what `list` writes.
        static func read(_ reader: DERReader) throws(HostCryptoError) -> [Extension] {
            var rest = reader
            var extensions: [Extension] = []
            while !rest.isAtEnd {
                var item = try rest.enter(0x30)
                let identifier = try item.objectIdentifier()
                let isCritical = (try? item.next(0x01))?.first == 0xFF
                extensions.append(
                    Extension(identifier: identifier, isCritical: isCritical, value: Array(try item.next(0x04))))
            }
            return extensions
        }

        /// An extension.
        public init(identifier: [UInt8], isCritical: Bool = false, value: [UInt8]) {
            self.identifier = identifier
            self.isCritical = isCritical
            self.value = value
        }
    }

    /// The subject.
    public var subject: DistinguishedName
    /// The issuer; the subject itself where nil.
    public var issuer: DistinguishedName?
    /// The subject's Name, DER, in the place of `subject`: one that was read and is to stay as it is written.
    public var encodedSubject: [UInt8]?
    /// The same of the issuer.
    public var encodedIssuer: [UInt8]?
    /// The serial number, big-endian.
    public var serialNumber: [UInt8]
    /// The first moment of validity.
    public var notBefore: CalendarTime
    /// The last moment of validity.
    public var notAfter: CalendarTime
    /// Extensions in their order.
    public var extensions: [Extension] = []

    /// A certificate to be.
    public init(
        subject: DistinguishedName, issuer: DistinguishedName? = nil, serialNumber: [UInt8], notBefore: CalendarTime,
        notAfter: CalendarTime
    ) {
        self.subject = subject
        self.issuer = issuer
        self.serialNumber = serialNumber
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// The certificate of `key` over its own public half, DER.
    public func selfSigned(by key: PrivateKey) throws(HostCryptoError) -> [UInt8] {
        try signed(by: key, publicKey: key.publicKey)
    }

    /// A certificate over `publicKey`, signed by the issuer's `key`, DER. Throws what `unsigned` throws.
    public func signed(by key: PrivateKey, publicKey: PublicKey) throws(HostCryptoError) -> [UInt8] {
        let document = try unsigned(publicKey: publicKey, issuerKey: key.type)
        return document.with(signature: try document.algorithm.sign(document.message, key))
    }

    /// A certificate over `publicKey`, to be signed with the issuer's key. `unsupported` where that cannot sign,
    /// `invalidLength` for a time outside the years 1950 to 9999 or a serial number longer than 20 bytes.
    public func unsigned(publicKey: PublicKey, issuerKey: KeyType) throws(HostCryptoError) -> UnsignedDocument {
        guard serialNumber.count <= 20 else { throw .invalidLength }
        let algorithm = try SignatureAlgorithm(issuerKey)
        let subjectName = encodedSubject ?? subject.der
        let issuerName = encodedIssuer ?? issuer?.der ?? subjectName
        let validity = DER.sequence(try Self.time(notBefore), try Self.time(notAfter))
        var fields =
            DER.encode(0xA0, [0x02, 0x01, 0x02])  // version 3
            + DER.unsignedInteger(serialNumber) + algorithm.identifier + issuerName + validity
            + subjectName + publicKey.subjectPublicKeyInfo
        if !extensions.isEmpty {
            fields += DER.encode(0xA3, Extension.list(extensions))
        }
        return UnsignedDocument(message: DER.sequence(fields), algorithm: algorithm)
    }

    /// UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, section 4.1.2.5).
    private static func time(_ time: CalendarTime) throws(HostCryptoError) -> [UInt8] {
        guard (1950...9999).contains(time.year) else { throw .invalidLength }
        let isShort = time.year < 2050
        let year = isShort ? digits(time.year % 100, 2) : digits(time.year, 4)
        let rest = [time.month, time.day, time.hour, time.minute, time.second].flatMap { digits($0, 2) }
        return DER.encode(isShort ? 0x17 : 0x18, year + rest + Array("Z".utf8))
    }

    private static func digits(_ number: Int, _ count: Int) -> [UInt8] {
        let text = String(number)
        return Array((String(repeating: "0", count: max(0, count - text.utf8.count)) + text).utf8)
    }
}
