import CardApplication
import HostCrypto
import ISO7816
import Token

/// What the card tells of its keys.
extension PIVToken {
    /// See `Token`.
    public func subjectPublicKeyInfo(of key: ObjectReference) throws(TokenError) -> [UInt8] {
        try publicKey(of: PIVKeyReference(key)).subjectPublicKeyInfo
    }

    /// The public key of a key reference, from the card's metadata or from its certificate.
    func publicKey(of key: PIVKeyReference) throws(TokenError) -> PublicKey {
        if let known = withCache({ $0.belief(in: key).publicKey }) { return known }
        let read = try perform { (transaction) throws(CardError) -> PublicKey? in
            if withCache({ $0.metadata[key]?.value }) == nil,
                let fromCertificate = try certificate(of: key, transaction)?.publicKey
            {
                return fromCertificate
            }
            if let told = try metadata(of: key, transaction)?.publicKey { return told }
            return try certificate(of: key, transaction)?.publicKey
        }
        guard let read else { throw .objectNotFound }
        return read
    }
}
