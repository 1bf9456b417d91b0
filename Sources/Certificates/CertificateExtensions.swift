import HostCrypto
import Keys

/// A name beside the subject's (RFC 5280, section 4.2.1.6).
public enum AlternativeName: Hashable, Sendable {
    /// A host.
    case dns(String)
    /// An address of mail.
    case email(String)
    /// Four or sixteen bytes.
    case address([UInt8])
    /// A user of a domain, as Windows and Kerberos know him: `jane@EXAMPLE.ORG` (1.3.6.1.4.1.311.20.2.3).
    case userPrincipal(String)

    var der: [UInt8] {
        switch self {
        case .dns(let name): DER.encode(0x82, Array(name.utf8))
        case .email(let address): DER.encode(0x81, Array(address.utf8))
        case .address(let bytes): DER.encode(0x87, bytes)
        case .userPrincipal(let name):
            DER.encode(
                0xA0,
                DER.objectIdentifier([0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03])
                    + DER.encode(0xA0, DER.encode(0x0C, Array(name.utf8))))
        }
    }
}

/// What a key may be used for (RFC 5280, section 4.2.1.3), by the number of its bit.
public enum CertificateKeyUsage: Int, CaseIterable, Hashable, Sendable {
    /// Signatures but those over certificates and lists.
    case digitalSignature = 0
    /// Signatures that bind.
    case contentCommitment = 1
    /// Encryption of keys.
    case keyEncipherment = 2
    /// Encryption of data.
    case dataEncipherment = 3
    /// Agreement on keys.
    case keyAgreement = 4
    /// Signatures over certificates.
    case certificateSigning = 5
    /// Signatures over lists of certificates that are revoked.
    case listSigning = 6
}

/// What a certificate is for (RFC 5280, section 4.2.1.12; RFC 4556, section 3.2.2; Microsoft).
public enum CertificatePurpose: String, CaseIterable, Hashable, Sendable {
    case serverAuthentication = "server-auth"
    case clientAuthentication = "client-auth"
    case codeSigning = "code-signing"
    case emailProtection = "email-protection"
    case smartCardLogon = "smartcard-logon"
    case pkinitClient = "pkinit-client"

    /// The content octets of the OBJECT IDENTIFIER.
    var identifier: [UInt8] {
        switch self {
        case .serverAuthentication: [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]
        case .clientAuthentication: [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02]
        case .codeSigning: [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03]
        case .emailProtection: [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04]
        case .smartCardLogon: [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x02]
        case .pkinitClient: [0x2B, 0x06, 0x01, 0x05, 0x02, 0x03, 0x04]
        }
    }
}

extension CertificateBuilder.Extension {
    /// 2.5.29.17.
    static let alternativeNameIdentifier: [UInt8] = [0x55, 0x1D, 0x11]
    /// 2.5.29.15.
    static let keyUsageIdentifier: [UInt8] = [0x55, 0x1D, 0x0F]
    /// 2.5.29.37.
    static let purposeIdentifier: [UInt8] = [0x55, 0x1D, 0x25]
    /// 2.5.29.19.
    static let constraintsIdentifier: [UInt8] = [0x55, 0x1D, 0x13]
    /// 2.5.29.14.
    static let subjectKeyIdentifier: [UInt8] = [0x55, 0x1D, 0x0E]

    /// Names beside the subject's.
    public static func alternativeNames(_ names: [AlternativeName]) -> Self {
        Self(identifier: alternativeNameIdentifier, value: DER.sequence(names.flatMap(\.der)))
    }

    /// What the key may be used for: a BIT STRING as short as it can be.
    public static func keyUsage(_ usages: Set<CertificateKeyUsage>) -> Self {
        let bits = usages.reduce(UInt8(0)) { $0 | 0x80 >> UInt8($1.rawValue) }
        return Self(
            identifier: keyUsageIdentifier, isCritical: true,
            value: [0x03, 0x02, UInt8(truncatingIfNeeded: bits.trailingZeroBitCount % 8), bits])
    }

    /// What the certificate is for.
    public static func purposes(_ purposes: [CertificatePurpose]) -> Self {
        Self(
            identifier: purposeIdentifier,
            value: DER.sequence(purposes.flatMap { DER.objectIdentifier($0.identifier) }))
    }

    /// That the subject may issue certificates.
    ///
    /// - Parameter pathLength: how many other issuers may stand below it; nil for any number.
    public static func authority(pathLength: UInt8?) -> Self {
        let length = pathLength.map { DER.unsignedInteger([$0]) } ?? []
        return Self(
            identifier: constraintsIdentifier, isCritical: true, value: DER.sequence([0x01, 0x01, 0xFF], length))
    }

    /// A number for the subject's key: the SHA-1 of its bits (RFC 5280, section 4.2.1.2).
    public static func subjectKey(_ key: PublicKey) throws(HostCryptoError) -> Self {
        Self(identifier: subjectKeyIdentifier, value: DER.octetString(try keyIdentifier(key)))
    }

    /// The issuer's key, by the number that its certificate has for it (RFC 5280, section 4.2.1.1).
    public static func authorityKey(_ identifier: [UInt8]) -> Self {
        Self(identifier: [0x55, 0x1D, 0x23], value: DER.sequence(DER.encode(0x80, identifier)))
    }

    /// The SHA-1 of a key's bits.
    static func keyIdentifier(_ key: PublicKey) throws(HostCryptoError) -> [UInt8] {
        var outer = DERReader(key.subjectPublicKeyInfo)
        var info = try outer.enter(0x30)
        _ = try info.next(0x30)
        return try Digest.sha1.hash(Array(try info.bitString()))
    }

    /// What of it a request may ask for: names and uses, and nothing by which the subject would become an issuer. Nil where
    /// that is nothing.
    public var forAsking: Self? {
        switch identifier {
        case Self.alternativeNameIdentifier, Self.purposeIdentifier: return self
        case Self.keyUsageIdentifier:
            var reader = DERReader(value)
            // The number of bits that are unused goes before them.
            guard let bits = try? reader.next(0x03).dropFirst().first else { return nil }
            let usages = CertificateKeyUsage.allCases.filter { bits & 0x80 >> UInt8($0.rawValue) != 0 }
            let kept = Set(usages).subtracting([.certificateSigning, .listSigning])
            return kept.isEmpty ? nil : .keyUsage(kept)
        default: return nil
        }
    }
}
