import CardApplication
import HostCrypto
import ISO7816
import Token

/// What changes that were broken off leave: certificates, for the order of writing sees to that (`PIVToken+NewKeys`), and an
/// old management key behind the PIN (`PIVToken+ManagementKey`).
extension PIVToken {
    /// Where the management key may be kept.
    private static let storedKey = ObjectReference(.data, PIVContainer.printedInformation.rawValue)

    /// See `Token`.
    public func unfinishedChanges() throws(TokenError) -> [ObjectReference] {
        try perform { (transaction) throws(CardError) in
            try misplacedCertificates(transaction) + (isKeyChanging(transaction) ? [Self.storedKey] : [])
        }
    }

    /// A certificate of another key than the card says to be in its place, or, in a place without a key, one that stands with
    /// its key in another place. On a card that does not tell its keys there is nothing to find.
    private func misplacedCertificates(_ transaction: PIVTransaction) throws(CardError) -> [ObjectReference] {
        var certified: [PIVKeyReference: Certificate] = [:]
        var keys: [PIVKeyReference: PublicKey] = [:]
        for key in PIVCatalogue.keyPlaces {
            guard let certificate = try certificate(of: key, transaction) else { continue }
            guard let metadata = try readMetadata(key, transaction) else { return [] }
            // A key that is told of without its public half is not to be compared.
            if let told = metadata.value, told.publicKey == nil { continue }
            certified[key] = certificate
            keys[key] = metadata.value?.publicKey
        }
        let own = Set(certified.filter { keys[$0.key] == $0.value.publicKey }.map(\.value.der))
        return PIVCatalogue.keyPlaces.filter { key in
            // What cannot be compared is left alone.
            guard let certificate = certified[key], let certifiedKey = certificate.publicKey else { return false }
            return keys[key].map { $0 != certifiedKey } ?? own.contains(certificate.der)
        }.map { ObjectReference(.certificate, UInt32($0.rawValue)) }
    }

    /// See `Token`.
    public func finishChanges() throws(TokenError) {
        for object in try unfinishedChanges() {
            if object == Self.storedKey {
                try perform(.administration) { (transaction) throws(CardError) in try finishKeyChange(transaction) }
            } else {
                try delete(object, ifStill: revision(of: object))
            }
        }
    }
}
