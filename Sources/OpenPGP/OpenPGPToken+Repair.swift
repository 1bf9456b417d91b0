import HostCrypto
import ISO7816
import Platform
import Token

/// What changes that were broken off leave; `OpenPGPToken+NewKeys` says how.
extension OpenPGPToken {
    /// What is wrong with a key.
    private enum Flaw {
        /// Its fingerprint is not that of the key and its date.
        case fingerprint(PublicKey, AlgorithmAttributes, date: [UInt8]?)
        /// There is a fingerprint, and no key.
        case remainder
    }

    /// See `Token`.
    public func unfinishedChanges() throws(TokenError) -> [ObjectReference] {
        try perform { (transaction) throws(CardError) in
            var found: [ObjectReference] = []
            for key in OpenPGPKey.allCases {
                if try flaw(of: key, transaction) != nil {
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
                switch try flaw(of: key, transaction) {
                case .fingerprint(let publicKey, let attributes, let date):
                    let time = date.map { $0.reduce(0) { $0 << 8 | UInt32($1) } }
                    try writeIdentity(
                        of: key, publicKey, attributes, time: time ?? UInt32(clamping: WallClock.seconds()), transaction
                    )
                case .remainder:
                    try transaction.card.putData(key.fingerprint, [UInt8](repeating: 0, count: 20))
                    try transaction.card.putData(key.timestamp, [UInt8](repeating: 0, count: 4))
                case nil: break
                }
                if try isCertificateOfAnother(key, transaction) { try deleteCertificate(of: key, transaction) }
            }
            _ = try transaction.readRelatedData()
        }
    }

    private func flaw(of key: OpenPGPKey, _ transaction: OpenPGPTransaction) throws(CardError) -> Flaw? {
        guard let told = withCache({ $0.related.value.keys[key] }) else { return nil }
        guard let publicKey = try publicKey(of: key, transaction) else {
            return told.fingerprint == nil ? nil : .remainder
        }
        guard let attributes = told.algorithm else { return nil }
        if let date = told.timestamp, try fingerprint(of: publicKey, attributes, date) == told.fingerprint {
            return nil
        }
        return .fingerprint(publicKey, attributes, date: told.timestamp)
    }

    private func isCertificateOfAnother(
        _ key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        guard let publicKey = try publicKey(of: key, transaction),
            let certificate = try certificate(of: key, transaction)
        else { return false }
        return certificate.publicKey != publicKey
    }

    /// Deletes the certificate of a key, unless it is for this public key.
    func deleteCertificate(
        of key: OpenPGPKey, unlessOf publicKey: PublicKey? = nil, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        guard let certificate = try certificate(of: key, transaction, isReadAnew: true) else { return }
        if let publicKey, certificate.publicKey == publicKey { return }
        guard try select(key, transaction) else { return }
        try putCertificate(nil, of: key, transaction)
    }
}
