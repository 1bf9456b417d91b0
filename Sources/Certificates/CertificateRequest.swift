import HostCrypto

/// Writes certification requests (PKCS #10, RFC 2986) without attributes.
public enum CertificateRequest {
    /// The request for a certificate of `publicKey`, to be signed with its private half. `unsupported` where that cannot
    /// sign.
    public static func unsigned(
        subject: DistinguishedName, publicKey: PublicKey
    ) throws(HostCryptoError) -> UnsignedDocument {
        // Version 0 (section 4.1), and no attributes: an empty set, [0] IMPLICIT.
        let information = DER.sequence(
            DER.unsignedInteger([0]), subject.der, publicKey.subjectPublicKeyInfo, DER.encode(0xA0, []))
        return UnsignedDocument(message: information, algorithm: try SignatureAlgorithm(publicKey.type))
    }
}
