/// Writes X.509 certificates (RFC 5280, section 4.1) for the simulated cards: attestations, and keys that a card
/// is delivered with. Version 3; names of one common name each.
public struct CertificateBuilder: Sendable {
    /// An extension (RFC 5280, section 4.2).
    public struct Extension: Hashable, Sendable {
        /// The content octets of the extension's OBJECT IDENTIFIER.
        public let identifier: [UInt8]
        /// Whether who does not know the extension must refuse the certificate.
        public let isCritical: Bool
        /// The extension's value, DER.
        public let value: [UInt8]

        /// An extension.
        public init(identifier: [UInt8], isCritical: Bool = false, value: [UInt8]) {
            self.identifier = identifier
            self.isCritical = isCritical
            self.value = value
        }
    }

    /// The subject's common name.
    public var subject: String
    /// The issuer's common name; the subject's own where nil.
    public var issuer: String?
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
        subject: String, issuer: String? = nil, serialNumber: [UInt8], notBefore: CalendarTime, notAfter: CalendarTime
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

    /// A certificate over `publicKey`, signed by the issuer's `key`, DER. RSA keys sign PKCS#1 v1.5 with SHA-256, EC
    /// keys with SHA-256, SHA-384 (fields from 48 bytes) or SHA-512 (from 64). `unsupported` where the key cannot sign,
    /// `invalidLength` for a time outside the years 1950 to 9999 or a serial number longer than 20 bytes.
    public func signed(by key: PrivateKey, publicKey: PublicKey) throws(HostCryptoError) -> [UInt8] {
        guard serialNumber.count <= 20 else { throw .invalidLength }
        let algorithm = try SignatureAlgorithm(key.type)
        let validity = DER.sequence(try Self.time(notBefore), try Self.time(notAfter))
        var fields =
            DER.encode(0xA0, [0x02, 0x01, 0x02])  // version 3
            + DER.unsignedInteger(serialNumber) + algorithm.identifier + Self.name(issuer ?? subject) + validity
            + Self.name(subject) + publicKey.subjectPublicKeyInfo
        if !extensions.isEmpty {
            let list = extensions.flatMap { item in
                DER.sequence(
                    DER.objectIdentifier(item.identifier), item.isCritical ? [0x01, 0x01, 0xFF] : [],
                    DER.octetString(item.value))
            }
            fields += DER.encode(0xA3, DER.sequence(list))
        }
        let toBeSigned = DER.sequence(fields)
        let signature = try algorithm.sign(toBeSigned, key)
        return DER.sequence(toBeSigned, algorithm.identifier, DER.bitString(signature))
    }

    /// A Name of one common name, a UTF8String.
    private static func name(_ commonName: String) -> [UInt8] {
        DER.sequence(
            DER.set(DER.sequence(DER.objectIdentifier([0x55, 0x04, 0x03]), DER.encode(0x0C, Array(commonName.utf8)))))
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

/// How a certificate is signed, by the issuer's key.
private struct SignatureAlgorithm {
    /// AlgorithmIdentifier, DER.
    let identifier: [UInt8]
    /// The hash function; nil for EdDSA, which signs the message itself.
    let digest: Digest?

    init(_ type: KeyType) throws(HostCryptoError) {
        switch type {
        case .rsa:
            // 1.2.840.113549.1.1.11, sha256WithRSAEncryption (RFC 4055, section 5).
            digest = .sha256
            identifier = DER.sequence(
                DER.objectIdentifier([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B]), DER.null)
        case .ec(let curve):
            // 1.2.840.10045.4.3.2 to .4, ecdsa-with-SHA256 to SHA512 (RFC 5758, section 3.2).
            let (function, arc): (Digest, UInt8) =
                curve.fieldSize < 48 ? (.sha256, 2) : curve.fieldSize < 64 ? (.sha384, 3) : (.sha512, 4)
            digest = function
            identifier = DER.sequence(DER.objectIdentifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, arc]))
        case .ed25519: (digest, identifier) = (nil, DER.sequence(DER.objectIdentifier([0x2B, 0x65, 0x70])))
        case .ed448: (digest, identifier) = (nil, DER.sequence(DER.objectIdentifier([0x2B, 0x65, 0x71])))
        case .x25519, .x448: throw .unsupported
        }
    }

    func sign(_ message: [UInt8], _ key: PrivateKey) throws(HostCryptoError) -> [UInt8] {
        guard let digest else { return try key.signEdDSA(message) }
        let hash = try digest.hash(message)
        guard case .rsa(let bits) = key.type else { return try key.signECDSA(hash: hash) }
        return try key.rsaPrivateOperation(
            try RSAPadding.pkcs1Signature(ofHash: hash, digest: digest, count: (bits + 7) / 8))
    }
}
