import HostCrypto
import ISO7816
import Token

/// Certificates and the data objects for private use, written with the login that the card wants (OpenPGP card 3.4.1,
/// section 4.4.2).
extension OpenPGPToken {
    /// See `Token`.
    public func write(_ value: [UInt8], to object: ObjectReference) throws(TokenError) {
        guard !value.isEmpty else { throw .dataInvalid }
        try put(value, to: object)
    }

    /// See `Token`. An empty value deletes.
    public func delete(_ object: ObjectReference) throws(TokenError) {
        guard try !present(among: [object], areNamed: true).isEmpty else { throw .objectNotFound }
        try put([], to: object)
    }

    private func put(_ value: [UInt8], to object: ObjectReference) throws(TokenError) {
        switch object.kind {
        case .publicKey, .privateKey: throw .readOnly
        case .data: try put(value, to: DataObject(rawValue: object.number))
        case .certificate:
            guard let key = OpenPGPKey(object) else { throw .objectNotFound }
            try put(certificate: value, of: key)
        }
    }

    private func put(_ value: [UInt8], to object: DataObject) throws(TokenError) {
        guard DataObject.privateUse.contains(object) else { throw .objectNotFound }
        let capabilities = withCache { $0.related.value.capabilities }
        guard capabilities?.features.contains(.privateUse) ?? true else { throw .readOnly }
        guard value.count <= capabilities?.maximumSpecialObject ?? .max else { throw .memoryFull }
        _ = try performWriting(OpenPGPCatalogue.writeAccess(object)) { (transaction) throws(CardError) in
            try transaction.prove()
            try transaction.card.putData(object, value)
            return true
        }
        withCache { $0.note(value.isEmpty ? nil : value, of: object, now) }
    }

    private func put(certificate value: [UInt8], of key: OpenPGPKey) throws(TokenError) {
        let certificate = value.isEmpty ? nil : try? Certificate(der: value)
        guard value.isEmpty || certificate != nil else { throw .dataInvalid }
        let maximum = withCache { $0.related.value.capabilities?.maximumCertificate }
        guard value.count <= maximum ?? .max else { throw .memoryFull }
        let isDone = try performWriting(.administrator) { (transaction) throws(CardError) in
            try transaction.prove()
            guard try select(key, transaction) else { return false }
            try transaction.card.putData(.certificate, value)
            return true
        }
        guard isDone else { throw .readOnly }
        withCache { $0.note(certificate, of: key, now) }
    }

    /// - Returns: what `body` returns: whether the card has a place for it.
    private func performWriting(
        _ permission: OpenPGPCatalogue.Permission, _ body: (OpenPGPTransaction) throws(CardError) -> Bool
    ) throws(TokenError) -> Bool {
        do throws(TokenError) {
            return try perform(permission.access, body)
        } catch .notLoggedIn where permission == .administrator {
            throw .administratorNeeded
        }
    }
}
