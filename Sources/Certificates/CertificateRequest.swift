import HostCrypto

/// Writes certification requests (PKCS #10, RFC 2986).
public enum CertificateRequest {
    /// 1.2.840.113549.1.9.14, extensionRequest (RFC 2985, section 5.4.2).
    static let extensionRequest: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x0E]

    /// The request for a certificate of `publicKey`, to be signed with its private half. `unsupported` where that cannot
    /// sign.
    ///
    /// - Parameter extensions: those that the certificate is to have.
    public static func unsigned(
        subject: DistinguishedName, publicKey: PublicKey, extensions: [CertificateBuilder.Extension] = []
    ) throws(HostCryptoError) -> UnsignedDocument {
        // Version 0 (section 4.1); attributes, a set that may be empty, [0] IMPLICIT.
        let attributes =
            extensions.isEmpty
            ? []
            : DER.sequence(
                DER.objectIdentifier(extensionRequest), DER.set(CertificateBuilder.Extension.list(extensions)))
        let information = DER.sequence(
            DER.unsignedInteger([0]), subject.der, publicKey.subjectPublicKeyInfo, DER.encode(0xA0, attributes))
        return UnsignedDocument(message: information, algorithm: try SignatureAlgorithm(publicKey.type))
    }
}
