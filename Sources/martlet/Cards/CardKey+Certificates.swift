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
        let document = try computing { () throws(HostCryptoError) in
            // RFC 5280, section 4.1.2.2: positive, and at most 20 bytes.
            let builder = CertificateBuilder(
                subject: subject, serialNumber: [0x01] + (try Random.bytes(15)), notBefore: .now,
                notAfter: .now(plusDays: days))
            return try builder.unsigned(publicKey: publicKey, issuerKey: publicKey.type)
        }
        return try completed(document)
    }
}
