import Certificates
import HostCrypto

extension CardKey {
    /// A document with its signature by this key.
    func completed(_ document: UnsignedDocument) throws(CommandFailure) -> [UInt8] {
        let digest = document.algorithm.digest
        let content = try computing { () throws(HostCryptoError) in
            try digest?.hash(document.message) ?? document.message
        }
        return document.with(signature: try sign(content, digest))
    }

    /// A certificate of this key by this key, valid from now on.
    func selfSigned(_ subject: DistinguishedName, days: Int) throws(CommandFailure) -> [UInt8] {
        try selfSigned(subject, from: .now, until: .now(plusDays: days), [])
    }

    /// The same, with a validity and extensions. An issuer's key has a number in it, by which those that it signs name it.
    func selfSigned(
        _ subject: DistinguishedName, from first: CalendarTime, until last: CalendarTime,
        _ extensions: [CertificateBuilder.Extension]
    ) throws(CommandFailure) -> [UInt8] {
        let document = try computing { () throws(HostCryptoError) in
            var builder = CertificateBuilder(
                subject: subject, serialNumber: try Self.drawnSerialNumber(), notBefore: first, notAfter: last)
            builder.extensions = extensions.isEmpty ? [] : extensions + [try .subjectKey(publicKey)]
            return try builder.unsigned(publicKey: publicKey, issuerKey: publicKey.type)
        }
        return try completed(document)
    }

    /// Positive, and at most 20 bytes (RFC 5280, section 4.1.2.2).
    static func drawnSerialNumber() throws(HostCryptoError) -> [UInt8] { [0x01] + (try Random.bytes(15)) }
}
