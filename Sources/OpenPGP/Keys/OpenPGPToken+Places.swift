import CardApplication
import ISO7816
import Keys
import Token

/// Where keys can lie, what lies there, and of what kind a key may be.
extension OpenPGPToken {
    /// See `Token`.
    public func emptyPlace(for algorithm: KeyType) throws(TokenError) -> ObjectReference? {
        var isPossible = false
        for key in OpenPGPKey.allCases {
            let place = ObjectReference(.privateKey, UInt32(key.rawValue))
            guard try keyAlgorithms(at: place).contains(algorithm) else { continue }
            isPossible = true
            if try content(of: place) == .nothing { return place }
        }
        guard isPossible else { throw .algorithmNotSupported }
        return nil
    }

    /// See `Token`: the card tells (tag DE, or a fingerprint), or else has a public key to show.
    public func content(of place: ObjectReference) throws(TokenError) -> PlaceContent {
        let key = try self.place(place)
        return try perform { (transaction) throws(CardError) in
            try transaction.refreshRelatedData()
            let told = withCache { $0.related.value.keys[key] }
            let isTold = told?.state.map { $0 != .absent } ?? (told?.fingerprint != nil)
            // What says that there is none is optional, and may be wrong: a key would be replaced.
            if isTold { return .key }
            if try readPublicKeyTemplate(key, told, transaction) != nil { return .key }
            if try certificate(of: key, transaction) != nil { return .certificate }
            return try unreadableCertificate(of: key, transaction) == nil ? .nothing : .certificate
        }
    }

    /// What to write for a key of this algorithm: what the card lists where it does.
    func attributes(
        for algorithm: KeyType, of key: OpenPGPKey
    ) throws(TokenError) -> AlgorithmAttributes {
        guard let wanted = AlgorithmAttributes(algorithm, of: key),
            let found = try choices(for: key).first(where: { $0.isSameKind(as: wanted) })
        else { throw .algorithmNotSupported }
        return found
    }

    func place(_ object: ObjectReference) throws(TokenError) -> OpenPGPKey {
        guard object.kind == .privateKey, let key = OpenPGPKey(object), UInt32(key.rawValue) == object.number else {
            throw .objectNotFound
        }
        return key
    }
}
