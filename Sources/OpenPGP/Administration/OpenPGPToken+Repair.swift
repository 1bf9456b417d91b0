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
            if !withCache({ $0.related.isFresh(at: now) }) { try transaction.refreshRelatedData() }
            var found: [ObjectReference] = []
            for key in OpenPGPKey.allCases {
                if try namelessKey(key, transaction) != nil {
                    found.append(ObjectReference(.privateKey, UInt32(key.rawValue)))
                }
                if try isLeftOver(certificate(of: key, transaction), of: key, transaction) {
                    found.append(ObjectReference(.certificate, UInt32(key.rawValue)))
                }
            }
            return found
        }
    }

    /// See `Token`. A key without a date is one that was made now.
    public func finishChanges() throws(TokenError) {
        try performWriting(.administrator) { (transaction) throws(CardError) in
            try transaction.refreshRelatedData()
            for key in OpenPGPKey.allCases {
                if let found = try namelessKey(key, transaction) {
                    let time = found.date.map { $0.reduce(0) { $0 << 8 | UInt32($1) } }
                    try writeIdentity(
                        of: key, found.publicKey, found.attributes,
                        time: time ?? UInt32(clamping: WallClock.seconds()), transaction)
                }
                try deleteLeftOverCertificate(of: key, transaction)
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

    /// Deletes the certificate in a key's place that is for none of the card's keys. One that cannot be read now, not
    /// compared, or not told apart from another key's, is left alone.
    ///
    /// - Parameter publicKey: the key, where it was made in this transaction.
    func deleteLeftOverCertificate(
        of key: OpenPGPKey, made publicKey: PublicKey? = nil, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let isDeleted = try readable(transaction) { () throws(CardError) -> Bool? in
            try isLeftOver(certificate(of: key, transaction, isReadAnew: true), of: key, made: publicKey, transaction)
        }
        guard isDeleted == true, try isToldApart(key, transaction) != false else { return }
        try putCertificate(nil, of: key, transaction)
    }

    /// Whether a certificate is of an older key, or of none.
    private func isLeftOver(
        _ certificate: Certificate?, of key: OpenPGPKey, made publicKey: PublicKey? = nil,
        _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        // What cannot be compared is left alone.
        guard let certified = certificate?.publicKey else { return false }
        let told = withCache { $0.related.value.keys[key] }
        // The card shows its key, also where it says that there is none. One that shows none, and does not say so, may have
        // one.
        if let publicKey {
            guard publicKey != certified else { return false }
        } else if let template = try readPublicKeyTemplate(key, told, transaction) {
            guard let publicKey = template.publicKey, publicKey != certified else { return false }
        } else if told?.state != .absent {
            return false
        }
        // A card that does not choose where it is asked to gives the certificate of another key.
        for other in OpenPGPKey.allCases where other != key {
            let (known, told) = withCache { ($0.publicKeys[other], $0.related.value.keys[other]) }
            if known == certified { return false }
            if known == nil, try readPublicKey(other, told, transaction) == certified { return false }
        }
        return true
    }
}
