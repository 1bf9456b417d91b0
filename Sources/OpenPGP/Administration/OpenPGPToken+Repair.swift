import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// What changes that were broken off leave; `OpenPGPToken+NewKeys` says how.
extension OpenPGPToken {
    /// A key without a fingerprint. One that has a fingerprint is left alone, whatever that is: other programs have other
    /// ways to make them (RFC 9580 alone has two).
    private struct NamelessKey {
        let publicKey: PublicKey
        let attributes: AlgorithmAttributes
        let date: [UInt8]?
    }

    /// See `Token`.
    public func unfinishedChanges() throws(TokenError) -> [ObjectReference] {
        try perform { (transaction) throws(CardError) in
            var found: [ObjectReference] = []
            for key in OpenPGPKey.allCases {
                if try namelessKey(key, transaction) != nil {
                    found.append(ObjectReference(.privateKey, UInt32(key.rawValue)))
                }
                if try isCertificateOfAnother(key, transaction) {
                    found.append(ObjectReference(.certificate, UInt32(key.rawValue)))
                }
            }
            return found
        }
    }

    /// See `Token`. A key without a date is one that was made now.
    public func finishChanges() throws(TokenError) {
        try performWriting(.administrator) { (transaction) throws(CardError) in
            try transaction.prove()
            for key in OpenPGPKey.allCases {
                if let found = try namelessKey(key, transaction) {
                    let time = found.date.map { $0.reduce(0) { $0 << 8 | UInt32($1) } }
                    try writeIdentity(
                        of: key, found.publicKey, found.attributes,
                        time: time ?? UInt32(clamping: WallClock.seconds()), transaction)
                }
                if try isCertificateOfAnother(key, transaction) { try deleteCertificate(of: key, transaction) }
            }
            _ = try transaction.readRelatedData()
        }
    }

    /// What the card itself tells of its key: the certificate beside it may be of an older one.
    private func namelessKey(
        _ key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> NamelessKey? {
        guard let told = withCache({ $0.related.value.keys[key] }), told.fingerprint == nil, told.state != .absent,
            let attributes = told.algorithm, let publicKey = try readPublicKey(key, told, transaction)
        else { return nil }
        return NamelessKey(publicKey: publicKey, attributes: attributes, date: told.timestamp)
    }

    private func isCertificateOfAnother(
        _ key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        // What cannot be compared is left alone.
        guard let certified = try certificate(of: key, transaction)?.publicKey else { return false }
        let told = withCache { $0.related.value.keys[key] }
        let publicKey = told?.state == .absent ? nil : try readPublicKey(key, told, transaction)
        // A card that shows no public key, and does not say that there is none, may have one.
        guard publicKey != nil || told?.state == .absent else { return false }
        return certified != publicKey
    }

    /// Deletes the certificate of a key, unless it is for this public key, or cannot be compared with it.
    func deleteCertificate(
        of key: OpenPGPKey, unlessOf publicKey: PublicKey? = nil, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        guard let certificate = try certificate(of: key, transaction, isReadAnew: true) else { return }
        if let publicKey, certificate.publicKey.map({ $0 == publicKey }) ?? true { return }
        try putCertificate(nil, of: key, transaction)
    }
}
