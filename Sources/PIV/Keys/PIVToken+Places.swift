import CardApplication
import ISO7816
import Keys
import Token

/// Where keys can lie, and what lies there.
extension PIVToken {
    /// See `Token`. What the card lists in its answer to SELECT; where it lists none, what its firmware has: YubiKeys RSA 3072
    /// and 4096 and the Edwards and Montgomery curves from 5.7 on; else what SP 800-78-5, table 1, has.
    public func keyAlgorithms(at key: ObjectReference) throws(TokenError) -> [KeyType] {
        _ = try place(key)
        return try choices().compactMap { PIVAlgorithm.names[$0] }
    }

    /// See `Token`. Keys that only agree on secrets belong to key management.
    public func emptyPlace(for algorithm: KeyType) throws(TokenError) -> ObjectReference? {
        guard let wanted = PIVAlgorithm(algorithm), try choices().contains(wanted) else {
            throw .algorithmNotSupported
        }
        let places = wanted == .x25519 ? [.keyManagement] + PIVKeyReference.retired : PIVCatalogue.keyPlaces
        let found = try perform { (transaction) throws(CardError) -> PIVKeyReference?? in
            for key in places {
                switch try content(of: key, transaction) {
                case .nothing: return .some(key)
                case .key, .certificate: continue
                case .untold: return nil
                }
            }
            return .some(nil)
        }
        guard let found else { throw .unsupported }
        return found.map { ObjectReference(.privateKey, UInt32($0.rawValue)) }
    }

    /// See `Token`.
    public func content(of place: ObjectReference) throws(TokenError) -> PlaceContent {
        let key = try self.place(place)
        return try perform { (transaction) throws(CardError) in try content(of: key, transaction) }
    }

    /// What lies in a key's place. A certificate without a key may be of one that is elsewhere; on a card that does not tell
    /// its keys it speaks for the key beside it.
    func content(of key: PIVKeyReference, _ transaction: PIVTransaction) throws(CardError) -> PlaceContent {
        let metadata = try readMetadata(key, transaction)
        if metadata?.value?.tellsKey == true { return .key }
        let isTold = metadata.map { $0.value == nil } ?? false
        let isFilled = try key.certificateContainer.map { (place) throws(CardError) in
            try container(place, transaction) != nil
        }
        if isFilled == true { return isTold ? .certificate : .key }
        return isTold ? .nothing : .untold
    }

    /// The algorithms that a key can have.
    ///
    /// - Parameter isNew: whether the card is to make the key, and not only to take it.
    func choices(isNew: Bool = false) throws(TokenError) -> [PIVAlgorithm] {
        let standard: [PIVAlgorithm] = [.rsa2048, .rsa3072, .p256, .p384]
        if case let listed = withCache({ $0.properties.algorithms }), !listed.isEmpty {
            return (standard + [.rsa4096]).filter { listed.contains($0) }
        }
        let version = try believedFirmware()
        guard let version else { return standard }
        if isNew, version.makesWeakRSAKeys { return [.p256, .p384] }
        // A YubiKey NEO (Yubico, "YubiKey 4 Technical Manual": P-384 came with firmware 4).
        if version < FirmwareVersion(4, 0) { return [.rsa1024, .rsa2048, .p256] }
        let first: [PIVAlgorithm] = [.rsa1024, .rsa2048, .p256, .p384]
        return version >= FirmwareVersion(5, 7) ? first + [.rsa3072, .rsa4096, .ed25519, .x25519] : first
    }

    func place(_ object: ObjectReference) throws(TokenError) -> PIVKeyReference {
        let key = PIVKeyReference(object)
        guard object.kind == .privateKey, PIVCatalogue.keyPlaces.contains(key), UInt32(key.rawValue) == object.number
        else { throw .objectNotFound }
        return key
    }
}
